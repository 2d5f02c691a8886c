import type { BatchItem } from '../../apps/cli/import/row-mapper.js';
import { openStores } from '../../apps/cli/product.js';
import { SeededRandom } from '../../apps/cli/demo/seeded-random.js';
import { eventually, ServerFolder } from '../support/server-folder.js';

const CUSTOMERS = 8;
const ROUNDS = 3;

interface Shown {
  readonly acted: number;
  readonly lag: string | null;
  readonly waiting: number;
  readonly failed: number;
}

const of = (n: number, sourceEventId: string, command: string, fields: object): BatchItem =>
  ({ customer: `customerNo:${n}`, sourceSystem: 'shop', sourceEventId, channel: 'web', command, ...fields }) as BatchItem; // prettier-ignore

describe('A server that is killed while its processes act', () => {
  const folder = new ServerFolder('kill-processes');
  afterAll(() => folder.remove());

  it('acts about each trigger exactly once', async () => {
    const random = new SeededRandom(7);
    await folder.start();
    let client = folder.client();
    for (const name of ['welcome', 'problem-management'])
      await client.post(
        `/v1/processes/${name}/starts`,
        { ownerId: 'desk-1' },
        { idempotencyKey: `start-${name}` },
      );
    const shown = async (name: string): Promise<Shown> =>
      (await client.get<Shown>(`/v1/operations/processes/${name}`)).data;
    let complaints = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const items: BatchItem[] = [];
      for (let n = 0; n < CUSTOMERS; n++) {
        if (round === 0) {
          items.push(of(n, `r-${n}`, 'RegisterCustomer', { roles: ['customer'], identifiers: [{ type: 'customerNo', value: `${n}`, sourceSystem: 'shop' }] })); // prettier-ignore
          items.push(of(n, `m-${n}`, 'AssignAccountManager', { managerId: 'am-7', fromDate: '2026-01-01', basis: 'manual' })); // prettier-ignore
        }
        const caseId = `c-${complaints++}`;
        items.push(of(n, caseId, 'RaiseComplaint', { caseId, reasonCode: 'broken', severity: 1 }));
      }
      const { results } = await client.send(items);
      expect(results.map(({ status, problem }) => problem ?? status)).toEqual(items.map(() => 'accepted'));
      // Somewhere between the first command of a process and its checkpoint, or just behind it.
      const before = round * CUSTOMERS;
      const enough = before + random.integer(0, 2);
      await eventually(`problem-management acts beyond ${enough}`, async () => {
        const acts = await alerts();
        return acts > enough ? acts : undefined;
      });
      await folder.server.kill();
      await client.close();
      await folder.start();
      client = folder.client();
    }
    await eventually('every process has caught up', async () => {
      const all = await Promise.all(['welcome', 'problem-management'].map(shown));
      return all.every(({ lag, waiting }) => waiting === 0 && lag !== null && Number(lag) === 0)
        ? true
        : undefined;
    });
    await client.close();
    await folder.stop();
    const planned = await plannedIds();
    expect(planned.filter((id) => id.endsWith('/welcome'))).toHaveLength(CUSTOMERS);
    expect(planned.filter((id) => id.includes('/problem-'))).toHaveLength(complaints);
    expect(new Set(planned).size).toBe(planned.length);
  }, 120_000);

  /** Activities that problem-management planned. */
  const alerts = async (): Promise<number> =>
    (await plannedIds()).filter((id) => id.includes('/problem-')).length;

  /** `<stream>/<activityId>` of every activity in the log, read beside the server. */
  async function plannedIds(): Promise<string[]> {
    const opened = await openStores({}, folder.dataDir);
    try {
      const found: string[] = [];
      const accept = (_streamId: string, type: string): boolean => type === 'ActivityPlanned';
      for await (const { events } of opened.history.readAll({ accept }))
        for (const { streamId, data } of events)
          found.push(`${streamId}/${(data as { activityId: string }).activityId}`);
      return found;
    } finally {
      await opened.close();
    }
  }
});
