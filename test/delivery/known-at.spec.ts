import { epochMsOf, MS_PER_DAY } from '@rapport/contracts';
import { differencesOf } from '@rapport/projection-engine';
import { ApiUnderTest } from '../../apps/api/specs/api-under-test.js';
import { demoCustomerRef } from '../../apps/cli/demo/customer-life.js';
import { demoStream } from '../../apps/cli/demo/demo-stream.js';

const CUSTOMERS = 30;
const FROM_MS = epochMsOf('2023-01-02T00:00:00.000Z');
const FRAME = { seed: 4, fromMs: FROM_MS, untilMs: FROM_MS + 2 * 365 * MS_PER_DAY };
/** The life is stopped so often to look at everybody. */
const STOPS = 5;
const AS_OF = '2025-06-01T00:00:00.000Z';
const LIMIT_MS = 120_000;

/** What everybody's page says; where the reader stood when it was made is not part of it. */
type Pages = ReadonlyMap<string, unknown>;

describe('What was known on a day', () => {
  let api: ApiUnderTest;
  const looks: { readonly position: string; readonly pages: Pages }[] = [];

  const pagesAt = async (knownAt?: string): Promise<Pages> => {
    const pages = new Map<string, unknown>();
    for (let index = 0; index < CUSTOMERS; index++) {
      const reference = encodeURIComponent(`demo/${demoCustomerRef(index)}`);
      const query = `asOf=${AS_OF}${knownAt === undefined ? '' : `&knownAt=${knownAt}`}`;
      const { status, body } = await api.get(`/v1/customers/${reference}?${query}`);
      pages.set(reference, status === 200 ? body.data : body.code);
    }
    return pages;
  };

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    const items = demoStream(CUSTOMERS, FRAME).map(({ item }) => item);
    const part = Math.ceil(items.length / STOPS);
    for (let at = 0; at < items.length; at += part) {
      for (let from = at; from < Math.min(at + part, items.length); from += 500)
        await api.post('/v1/batch', { items: items.slice(from, Math.min(from + 500, at + part)) });
      await api.runtime.catchUp(LIMIT_MS);
      const { position } = await api.runtime.events.head();
      looks.push({ position: String(position), pages: await pagesAt() });
    }
  }, LIMIT_MS); // prettier-ignore
  afterAll(() => api?.stop());

  it('is answered later as it was answered then, for every customer', async () => {
    for (const { position, pages } of looks) {
      const later = await pagesAt(position);
      const differing = [...pages]
        .map(([reference, page]) => [reference, differencesOf(page, later.get(reference), 3)] as const)
        .filter(([, places]) => places.length > 0);
      expect([position, differing]).toEqual([position, []]);
    }
  }, LIMIT_MS); // prettier-ignore

  it('grew in between', () => {
    const known = looks.map(({ pages }) => JSON.stringify([...pages]).length);
    expect(known).toEqual([...known].sort((a, b) => a - b));
    expect(new Set(known).size).toBe(STOPS);
  });
});
