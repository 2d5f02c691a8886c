import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openSqliteEventStore, type SqliteEventStore } from '@rapport/event-store';
import {
  createProjectorThread,
  isIdentical,
  rebuildInThread,
  type ProjectorTrouble,
  type RebuildPhase,
} from '@rapport/projection-engine';
import { openSqliteReadModels } from '@rapport/read-model';
import { systemClock, systemScheduler } from '@rapport/runtime';
import { eventBuilder, testCustomerId } from '@rapport/testing';

const DIST = join(__dirname, '../../dist/apps/projector');
const workerUrl = (name: string): URL => {
  const file = join(DIST, name);
  if (!existsSync(file)) throw new Error(`${file} is missing: run npm run build`);
  return pathToFileURL(file);
};
/** A thread loads the whole product first, on a busy machine. */
const DEADLINE_MS = 25_000;

describe('Projector threads', () => {
  let folder: string;
  let store: SqliteEventStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rapport-projector-'));
    store = openSqliteEventStore({ folder, clock: systemClock });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  /** Registers a customer and lets them buy; answers the last position. */
  const record = async (name: string): Promise<bigint> => {
    const events = eventBuilder()
      .customer(name)
      .type('CustomerRegistered')
      .times(3, 'PurchaseRecorded')
      .build();
    const result = await store.append({
      streamId: events[0]!.streamId,
      expectedRevision: -1n,
      events: events.map(({ eventId, type, schemaVersion, data, metadata }) => ({
        eventId,
        type,
        schemaVersion,
        data: data as Record<string, unknown>,
        metadata,
      })),
    });
    if (result.kind !== 'appended') throw new Error(result.kind);
    return result.position;
  };

  it('follow the log, rebuild it beside the running projector and swap', async () => {
    const projector = createProjectorThread({
      workerUrl: workerUrl('live.worker.js'),
      workerData: { folder },
      clock: systemClock,
      scheduler: systemScheduler,
      random: () => 0,
    });
    projector.start();
    expect(projector.health().ready).toBe(false);
    const position = await record('ada');
    await projector.waitFor(position, DEADLINE_MS);
    expect(projector.health()).toMatchObject({ ready: true, restarts: 0 });

    await record('bob');
    const phases = new Set<RebuildPhase>();
    const report = await rebuildInThread({
      workerUrl: workerUrl('rebuild.worker.js'),
      workerData: {
        stores: { kind: 'embedded', folder },
        projections: ['customer-360', 'contact-history'],
        threads: 2,
        holder: 'spec',
      },
      onProgress: ({ phase }) => phases.add(phase),
      confirm: async (comparisons) => {
        await projector.waitFor(await record('cyd'), DEADLINE_MS);
        return comparisons.every(isIdentical);
      },
    });
    expect(report.outcome).toBe('activated');
    expect([...phases]).toEqual(['plan', 'fold', 'catchUp', 'compare', 'activate', 'done']);
    await projector.reload();
    await projector.waitFor(await record('dan'), DEADLINE_MS);
    expect(projector.status().find((s) => s.projection === 'customer-360')).toMatchObject({
      generation: 2,
      lag: 0n,
    });
    await projector.stop();

    const readModels = openSqliteReadModels(folder, { readOnly: true });
    const { collection } = await readModels.activeCollection('customer-360');
    expect(collection).toMatch(/__g2$/);
    for (const name of ['ada', 'bob', 'cyd', 'dan'])
      expect(await readModels.get(collection, testCustomerId(name))).toBeDefined();
    await readModels.close();
  });

  it('say what cannot be rebuilt', async () => {
    const failing = rebuildInThread({
      workerUrl: workerUrl('rebuild.worker.js'),
      workerData: {
        stores: { kind: 'embedded', folder },
        projections: ['no-such'],
        threads: 1,
        holder: 'spec',
      },
    });
    await expect(failing).rejects.toMatchObject({ code: 'UNKNOWN_PROJECTION' });
  });

  it('are started again after a crash, with growing delays, and are not ready meanwhile', async () => {
    const troubles: ProjectorTrouble[] = [];
    let enough: () => void;
    const seen = new Promise<void>((resolve) => (enough = resolve));
    const projector = createProjectorThread({
      workerUrl: new URL('data:text/javascript,throw new TypeError("boom")'),
      workerData: {},
      clock: systemClock,
      scheduler: systemScheduler,
      random: () => 0,
      onTrouble: (trouble) => troubles.push(trouble) === 3 && enough(),
    });
    projector.start();
    await seen;
    expect(troubles.map((t) => [t.kind, t.error.message, t.delayMs])).toEqual([
      ['died', 'boom', 25],
      ['died', 'boom', 50],
      ['died', 'boom', 100],
    ]);
    expect(projector.health()).toMatchObject({ ready: false, restarts: 3, reason: 'not running: boom' });
    await expect(projector.retryParked('customer-360')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await projector.stop();
  });
});
