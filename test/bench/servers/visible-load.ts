/**
 * Writes at a fixed rate, whatever the answers take (open loop); of every few writes the customer is read with the
 * token of the write. Times count from when a write was due, so that waiting in a queue counts.
 */
import { Pool } from 'undici';

export interface VisibleOrder {
  readonly url: string;
  readonly token: string;
  /** Writes a second. */
  readonly rate: number;
  readonly seconds: number;
  /** One of so many writes is read back. */
  readonly readEvery: number;
  readonly customers: number;
  /** Part of every key: runs do not meet. */
  readonly run: string;
}
export interface VisibleResult {
  /** From when the write was due to the answer of the read that shows it. */
  readonly visibleMs: readonly number[];
  /** From the answer of the write to the answer of that read. */
  readonly afterWriteMs: readonly number[];
  readonly writeMs: readonly number[];
  readonly failed: number;
  readonly writesPerSecond: number;
}

const order = JSON.parse(process.argv[2]!) as VisibleOrder;
const writes = new Pool(order.url, { connections: 64 });
const reads = new Pool(order.url, { connections: 64 });
const authorization = `Bearer ${order.token}`;
const result = {
  visibleMs: [] as number[],
  afterWriteMs: [] as number[],
  writeMs: [] as number[],
  failed: 0,
};

async function one(nth: number, dueMs: number): Promise<void> {
  const path = `/v1/customers/bench%2FcustomerNo:${nth % order.customers}`;
  const written = await writes.request({
    method: 'POST',
    path: `${path}/touch-points`,
    headers: { authorization, 'content-type': 'application/json', 'idempotency-key': `${order.run}-${nth}` },
    body: '{"direction":"in","kind":"call","channel":"callCentre"}',
  });
  const { token } = (await written.body.json()) as { token?: string };
  const writtenMs = performance.now();
  result.writeMs.push(writtenMs - dueMs);
  if (written.statusCode >= 300 || token === undefined) return void result.failed++;
  if (nth % order.readEvery !== 0) return;
  const read = await reads.request({
    method: 'GET',
    path: `${path}?after=${token}`,
    headers: { authorization },
  });
  await read.body.dump();
  if (read.statusCode !== 200) result.failed++;
  result.visibleMs.push(performance.now() - dueMs);
  result.afterWriteMs.push(performance.now() - writtenMs);
}

const total = Math.round(order.rate * order.seconds);
const startMs = performance.now();
const underWay = new Set<Promise<void>>();
for (let nth = 0; nth < total; nth++) {
  const dueMs = startMs + (nth * 1_000) / order.rate;
  const early = dueMs - performance.now();
  if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
  const writing = one(nth, dueMs)
    .catch(() => void result.failed++)
    .finally(() => underWay.delete(writing));
  underWay.add(writing);
}
await Promise.all(underWay);
const writesPerSecond = (total / (performance.now() - startMs)) * 1_000;
process.send!({ ...result, writesPerSecond } satisfies VisibleResult);
process.exit(0);
