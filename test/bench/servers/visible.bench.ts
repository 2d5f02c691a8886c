import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../../architecture/source-files.js';
import { ServerFolder } from '../../support/server-folder.js';
import { observed, staysBelow, type Figure } from '../figure.js';
import type { LoadResult } from '../http-load.js';
import { startChild } from './bench-child.js';
import { noteRate } from './measured-rates.js';
import { startRole, type RoleProcess } from './role-process.js';
import { openServerBed, progress, quantile } from './server-bed.js';
import type { VisibleOrder, VisibleResult } from './visible-load.js';

const CUSTOMERS = 1_000;
const OFFERED = 200;
const SECONDS = 10;
const SEARCH_SECONDS = 6;
/** Rates tried at most when the highest one is looked for. */
const TRIES = 6;
/** So many reads a second at most: the reader is not the load. */
const READS_PER_SECOND = 50;
const P50_MS = 100;
const P99_MS = 300;
const CONNECTIONS = 64;

interface Measured {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly after50: number;
  readonly after99: number;
  readonly write50: number;
  readonly failed: number;
  readonly holds: boolean;
}

/**
 * From a write to the customer 360 that shows it, both over HTTP, with api, relay, one projector that keeps all read
 * models, the three servers and the load on the same cores. The reader asks once, with the token of the write, and the API answers when it has seen it.
 */
export async function visibleBench(): Promise<readonly Figure[]> {
  const bed = await openServerBed();
  const folder = new ServerFolder('servers-bench');
  const roles: RoleProcess[] = [];
  try {
    const environment = { ...bed.servers.environment, MONGODB_DATABASE: 'rapport', RAPPORT_TOPIC_REPLICAS: '1' };
    const api = folder.start({ ...environment, RAPPORT_STORE: 'servers' });
    roles.push(await startRole('relay', environment));
    roles.push(await startRole('projector', environment));
    const { url, token } = (await api).address;
    const measure = async (rate: number, seconds: number): Promise<Measured> => {
      const readEvery = Math.max(1, Math.round(rate / READS_PER_SECOND));
      const order: VisibleOrder = { url, token, rate, seconds, readEvery, customers: CUSTOMERS, run: randomUUID().slice(0, 8) }; // prettier-ignore
      return measuredOf(rate, await startChild<VisibleResult>('visible-load', order).says());
    };
    // Every customer is known and every role warm afterwards.
    await measure(50, CUSTOMERS / 50);
    const offered = [await measure(OFFERED, SECONDS), await measure(OFFERED, SECONDS), await measure(OFFERED, SECONDS)];
    const middle = [...offered].sort((a, b) => a.p99 - b.p99)[1]!;
    const highest = await highestRate(middle, (rate) => measure(rate, SEARCH_SECONDS));
    const closed = await closedLoop(url, token);
    noteRate('visibleEventsPerSecond', highest, 'events/s');
    noteRate('apiCommandsPerSecond', closed.requestsPerSecond, 'commands/s');
    return [
      staysBelow(`write → visible in the 360 at ${OFFERED} events/s, p50`, middle.p50, 'ms', P50_MS),
      staysBelow(`write → visible in the 360 at ${OFFERED} events/s, p99`, middle.p99, 'ms', P99_MS),
      observed('of it after the answer of the write, p50', middle.after50, 'ms'),
      observed('of it after the answer of the write, p99', middle.after99, 'ms'),
      observed('write answered, p50', middle.write50, 'ms'),
      staysBelow('writes and reads that failed', Math.max(...offered.map(({ failed }) => failed)), 'requests', 1),
      observed('highest rate at which both hold', highest, 'events/s'),
      observed('commands of one api process, 64 connections, all roles running', closed.requestsPerSecond, 'commands/s'),
      observed('p99 of such a command', closed.p99Ms, 'ms'),
    ];
  } finally {
    await Promise.all(roles.map((role) => role.stop()));
    await folder.remove();
    await bed.dispose();
  } // prettier-ignore
}

function measuredOf(rate: number, { visibleMs, afterWriteMs, writeMs, failed }: VisibleResult): Measured {
  const [p50, p99] = [quantile(visibleMs, 0.5), quantile(visibleMs, 0.99)];
  const [after50, after99] = [quantile(afterWriteMs, 0.5), quantile(afterWriteMs, 0.99)];
  const holds = failed === 0 && p50 <= P50_MS && p99 <= P99_MS;
  progress(`${rate} events/s: visible p50 ${p50.toFixed(0)} p99 ${p99.toFixed(0)} ms, ${failed} failed`);
  return { rate, p50, p99, after50, after99, write50: quantile(writeMs, 0.5), failed, holds };
}

/** By doubling or halving, then between the last that held and the first that did not; 0 when none held. */
async function highestRate(start: Measured, measure: (rate: number) => Promise<Measured>): Promise<number> {
  let holds = start.holds ? start.rate : 0;
  let fails = start.holds ? Infinity : start.rate;
  for (let tries = 0; tries < TRIES; tries++) {
    const rate = Math.round(fails === Infinity ? holds * 2 : (holds + fails) / 2);
    if (rate - holds < start.rate / 8) break;
    if ((await measure(rate)).holds) holds = rate;
    else fails = rate;
  }
  return holds;
}

async function closedLoop(url: string, token: string): Promise<LoadResult> {
  const run = randomUUID().slice(0, 8);
  const order = { url, token, seconds: SEARCH_SECONDS, connections: CONNECTIONS, customers: CUSTOMERS, run };
  const child = fork(join(ROOT, 'dist/test/bench/http-load.js'), [JSON.stringify(order)]);
  const [result] = (await once(child, 'message')) as [LoadResult];
  return result;
}
