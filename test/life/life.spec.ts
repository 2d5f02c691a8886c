import { EVENT_CONTRACTS } from '@rapport/contracts';
import { verifyReadModels } from '@rapport/projection-engine';
import { ApiUnderTest } from '../../apps/api/specs/api-under-test.js';
import { openProjections, openStores } from '../../apps/cli/product.js';
import { checkLog } from '../../apps/cli/verify/check-log.js';
import { eventually } from '../support/server-folder.js';
import { everyCategory, everyCommand } from './command-life.js';
import { lifeSize } from './life-size.config.js';
import { liveThreeYears, type LifeReport } from './life-run.js';
import { refusalCodesOf } from './refusal-codes.scan.js';

const size = lifeSize();
const MINUTES = 60_000;
const REBUILDS_AT_ONCE = 4;
const LIMIT_MS = (size.isFull ? 60 : 5) * MINUTES;

/** Refusals that no request meets, and what it meets instead. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  NOT_REGISTERED: 'the write path answers CUSTOMER_NOT_FOUND before it asks the decider',
};

describe(`Three years of ${size.customers} customers`, () => {
  let api: ApiUnderTest;
  let report: LifeReport;
  const eventTypes = new Map<string, number>();

  const tookS: Record<string, number> = {};
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    const done = await work();
    tookS[what] = Math.round((performance.now() - startedMs) / 1_000);
    return done;
  };

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    report = await timed('lived', () => liveThreeYears(api, size));
    await timed('read models complete after', () => api.runtime.catchUp(LIMIT_MS));
    await api.record('/v1/models/mbgNbd/fits', {});
    await api.runtime.catchUp(LIMIT_MS);
    for await (const page of api.runtime.events.readAll({}))
      for (const { type } of page.events) eventTypes.set(type, (eventTypes.get(type) ?? 0) + 1);
    if (process.env['RAPPORT_SHOW_LIFE'] === '1') console.log(report, eventTypes);
  }, LIMIT_MS);
  afterAll(async () => {
    await api?.stop();
    const sum = (counts: ReadonlyMap<string, number>): string => [...counts.values()].reduce((a, b) => a + b, 0).toLocaleString('en'); // prettier-ignore
    console.log(`${sum(report.recorded)} commands recorded, ${sum(report.refused)} refused with ${report.refused.size} codes; ${sum(eventTypes)} events of ${eventTypes.size} types; seconds: ${JSON.stringify(tookS)}`); // prettier-ignore
  });

  it('gave every command there is a shape it takes', () => {
    expect([...report.invalid]).toEqual([]);
  });

  it('recorded every command there is at least once', () => {
    expect(everyCommand().filter((command) => !report.recorded.has(command))).toEqual([]);
  });

  it('holds an event of every type', () => {
    const categories = [...everyCategory(), 'model'];
    const types = [...EVENT_CONTRACTS.values()].filter(({ category }) => categories.includes(category));
    expect(types.map(({ type }) => type).filter((type) => !eventTypes.has(type))).toEqual([]);
  });

  it('met every refusal that the rules know', () => {
    expect(
      refusalCodesOf(everyCategory()).filter((code) => !report.refused.has(code) && !(code in UNREACHABLE)),
    ).toEqual([]);
  });

  const verified = async (): Promise<unknown> => {
    const opened = await openStores({}, `${api.root}/data`);
    try {
      const log = await checkLog(opened.history, () => undefined, new AbortController().signal);
      const models = await verifyReadModels({ projections: await openProjections({}, opened), history: opened.history, store: opened.readModels });
      return { findings: log.findings, differences: models.differences, isClean: models.isClean };
    } finally {
      await opened.close();
    }
  }; // prettier-ignore
  const CLEAN = { findings: [], differences: [], isClean: true };

  it('left read models that are the fold of the log', async () => {
    expect(await timed('verified', verified)).toEqual(CLEAN);
  }, LIMIT_MS); // prettier-ignore

  const rebuilt = async (url: string): Promise<void> => {
    const started = await api.post(url, {});
    expect([url, started.status]).toEqual([url, 202]);
    await eventually(
      `${url} is done`,
      async () => {
        const { data } = (await api.get(`${url}/current`)).body;
        if (data.status === 'failed') throw new Error(`${url}: ${JSON.stringify(data)}`);
        return data.status === 'activated' ? true : undefined;
      },
      LIMIT_MS,
    );
  };

  it('can be rebuilt to the same read models', async () => {
    const rebuilds = api.runtime.projections.map(({ name }) => `/v1/operations/projections/${name}/rebuilds`);
    // Some at a time, so that none waits for the slowest.
    const waiting = [...rebuilds];
    const worker = async (): Promise<void> => {
      for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) await rebuilt(url);
    };
    await timed('rebuilt', () => Promise.all(Array.from({ length: REBUILDS_AT_ONCE }, worker)));
    expect(await verified()).toEqual(CLEAN);
  }, LIMIT_MS); // prettier-ignore
});
