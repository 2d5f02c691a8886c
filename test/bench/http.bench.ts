import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { Pool } from 'undici';
import { systemClock } from '@rapport/runtime';
import { ServerFolder } from '../support/server-folder.js';
import { atLeast, observed, reaches, staysBelow, type Figure } from './figure.js';
import type { LoadResult } from './http-load.js';

const DIST = resolve(process.cwd(), 'dist');
const CONNECTIONS = 64;
const CUSTOMERS = 10_000;
const BATCH_ITEMS = 1_000;
const SECONDS = Number(process.env['RAPPORT_BENCH_SECONDS'] ?? 8);

/**
 * Commands over HTTP beside a bare Nest route that only validates the same DTO and answers: one load generator in a
 * process of its own, 64 connections, projections running, customers on file, every request with a key of its own.
 */
export async function httpBench(): Promise<readonly Figure[]> {
  const bare = await startBare();
  const folder = new ServerFolder('http-bench');
  try {
    const server = await folder.start();
    const { url, token } = server.address;
    const batches = new Batches(url, token);
    await batches.send('registration', CUSTOMERS / BATCH_ITEMS, 4);
    await untilCaughtUp(batches);

    await load(bare.url, token, 3, 'warm');
    await load(url, token, 3, 'warm');
    await untilCaughtUp(batches);
    // Both twice, in turn: what else the machine does meets both.
    const peer = [await load(bare.url, token, SECONDS, 'b1')];
    const ours = [await load(url, token, SECONDS, 'o1')];
    await untilCaughtUp(batches);
    peer.push(await load(bare.url, token, SECONDS, 'b2'));
    ours.push(await load(url, token, SECONDS, 'o2'));
    const lag = await batches.lag();
    await untilCaughtUp(batches);
    // Warm, as the other routes were.
    await batches.send('before', 40, 4);
    await untilCaughtUp(batches);
    const batchRate = await batches.send('batch', 120, 4);
    const batchLag = await batches.lag();
    await batches.close();

    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const failed = [...peer, ...ours].reduce((sum, run) => sum + run.notOk, 0);
    return [
      atLeast('commands over HTTP, 64 connections', mean(ours.map((r) => r.requestsPerSecond)), 'commands/s', { name: 'bare Nest route', value: mean(peer.map((r) => r.requestsPerSecond)) }, 0.5),
      staysBelow('p99 of a command over HTTP', Math.max(...ours.map((r) => r.p99Ms)), 'ms', 50),
      observed('p50 of a command over HTTP', mean(ours.map((r) => r.p50Ms)), 'ms'),
      observed('projection lag right after the load', lag, 'events'),
      staysBelow('requests that failed', failed, 'requests', 1),
      reaches('batch endpoint', batchRate, 'events/s', 15_000),
      observed('projection lag right after the batches', batchLag, 'events'),
    ];
  } finally {
    bare.process.kill();
    await folder.remove();
  } // prettier-ignore
}

async function startBare(): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const child = fork(join(DIST, 'test/bench/bare-nest.server.js'), { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] }); // prettier-ignore
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { url: line.toString('utf8').trim(), process: child };
}

async function load(url: string, token: string, seconds: number, run: string): Promise<LoadResult> {
  const order = { url, token, seconds, connections: CONNECTIONS, customers: CUSTOMERS, run };
  const child = fork(join(DIST, 'test/bench/http-load.js'), [JSON.stringify(order)]);
  const [result] = (await once(child, 'message')) as [LoadResult];
  return result;
}

/** Talks to the batch route and to operations. */
class Batches {
  private readonly pool: Pool;

  constructor(
    url: string,
    private readonly token: string,
  ) {
    this.pool = new Pool(url, { connections: 8 });
  }

  /** Sends batches of purchases, some at a time. Returns events recorded per second. */
  async send(run: string, count: number, atOnce: number): Promise<number> {
    const before = await this.head();
    const startedMs = systemClock.monotonicMs();
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let batch = next++; batch < count; batch = next++) {
        const items: string[] = [];
        for (let i = 0; i < BATCH_ITEMS; i++) {
          const n = batch * BATCH_ITEMS + i;
          items.push(`{"command":"RecordPurchase","customer":"bench/customerNo:${n % CUSTOMERS}","sourceEventId":"${run}-${n}","orderId":"${run}-${n}","channel":"web","lines":[{"productId":"grinder","qty":2,"unitPrice":{"amountMinor":${1_000 + (n % 9_000)},"currency":"EUR"}}],"total":{"amountMinor":${2_000 + 2 * (n % 9_000)},"currency":"EUR"}}`); // prettier-ignore
        }
        const answer = (await this.call('POST', '/v1/batch', `{"items":[${items.join(',')}]}`)) as { accepted: number }; // prettier-ignore
        if (answer.accepted !== BATCH_ITEMS)
          throw new Error(`a batch was not accepted: ${JSON.stringify(answer).slice(0, 500)}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    const seconds = (systemClock.monotonicMs() - startedMs) / 1_000;
    return ((await this.head()) - before) / seconds;
  }

  /** Events the slowest read model is behind. */
  async lag(): Promise<number> {
    const { data } = (await this.call('GET', '/v1/operations/projections')) as { data: { lag: string }[] };
    return Math.max(...data.map(({ lag }) => Number(lag)));
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  private async head(): Promise<number> {
    const { data } = (await this.call('GET', '/v1/operations/projections')) as { data: { head: string }[] };
    return Number(data[0]!.head);
  }

  private async call(method: 'GET' | 'POST', path: string, body?: string): Promise<unknown> {
    const response = await this.pool.request({
      method,
      path,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body,
    }); // prettier-ignore
    return response.body.json();
  }
}

async function untilCaughtUp(batches: Batches): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + 120_000;
  while ((await batches.lag()) > 0)
    if (systemClock.monotonicMs() > deadlineMs) throw new Error('the read models did not catch up in two minutes');
} // prettier-ignore
