import { ERROR_CATALOGUE } from '@rapport/contracts';
import { systemClock } from '@rapport/runtime';
import { ApiUnderTest, type Answer } from './api-under-test.js';
import { randomOf, RequestFuzzer, type FuzzedRequest, type OpenApi } from './api-fuzz.js';

/** Another seed, or more requests, for a longer search: `FUZZ_SEED=7 FUZZ_REQUESTS=100000`. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_301);
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 2_000);
/** Requests under way at once: they also race each other for the same few customers. */
const AT_ONCE = 16;

/** What is wrong with an answer; undefined when it is one we promise. */
function wrongWith({ method }: FuzzedRequest, { status, headers, body }: Answer): string | undefined {
  if (status >= 500 && status !== 503) return `answered ${status}`;
  if (headers['x-content-type-options'] !== 'nosniff') return 'does not forbid sniffing';
  if (status < 400 || method === 'HEAD') return undefined;
  if (!headers['content-type']?.startsWith('application/problem+json')) return `is no problem: ${headers['content-type']}`; // prettier-ignore
  const entry = (ERROR_CATALOGUE as Record<string, { readonly status: number }>)[body.code];
  if (entry?.status !== status) return `has the code ${body.code}`;
  if (typeof body.title !== 'string' || typeof body.detail !== 'string' || typeof body.instance !== 'string') return 'lacks a member'; // prettier-ignore
  if (/node_modules|SQLITE|at \w+ \(|\.ts:|undefined is not|Cannot read/.test(JSON.stringify(body))) return 'tells of the inside'; // prettier-ignore
  if (status === 503 && headers['retry-after'] === undefined) return 'does not say when to come back';
  return undefined;
}

describe('Any request to any route', () => {
  let api: ApiUnderTest;
  let tokens: readonly string[];
  beforeAll(async () => {
    api = await ApiUnderTest.start();
    const owner = await api.runtime.tokens.mintLocal();
    tokens = [owner, owner, owner, owner, await api.tokenOf('analyst'), await api.tokenOf('service')];
  });
  afterAll(() => api.stop());

  it('gets an answer we promise, and leaves the process as it was', async () => {
    const prototype = Object.getOwnPropertyNames(Object.prototype).sort();
    const random = randomOf(SEED);
    const document = (await api.get('/docs/openapi.json')).body as OpenApi;
    const fuzzer = new RequestFuzzer(document, random, systemClock.nowMs());
    const wrong: string[] = [];
    const statuses = new Map<number, number>();
    for (let i = 0; i < REQUESTS && wrong.length < 10; i += AT_ONCE) {
      await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, k) => {
          const request = fuzzer.request(i + k);
          const headers = { authorization: `Bearer ${tokens[Math.floor(random() * tokens.length)]!}`, ...request.headers }; // prettier-ignore
          const answer = await api.raw(request.method, request.url, { ...request, headers });
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          const what = wrongWith(request, answer);
          if (what !== undefined)
            wrong.push(`${request.method} ${request.url} ${String(request.payload).slice(0, 300)} ${what}: ${JSON.stringify(answer.body).slice(0, 300)}`); // prettier-ignore
        }),
      );
    }
    expect(wrong).toEqual([]);
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(prototype);
    // A fuzzer that never gets through, or never fails, searches nothing.
    const neverMet = [200, 201, 400, 403, 404, 405, 409, 413, 415, 422].filter(
      (status) => !statuses.has(status),
    );
    expect(neverMet).toEqual([]);
  }, 180_000);
});
