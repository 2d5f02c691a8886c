import { SimulatedTime } from '@rapport/runtime';
import { CliError } from '../exit-codes.js';
import {
  AmbiguousBatch,
  BatchSender,
  type BatchAnswer,
  type BatchTarget,
  type Sent,
} from './batch-sender.js';
import type { BatchItem } from './row-mapper.js';

/** A service that remembers keys, and fails where the script says so. */
class ScriptedService implements BatchTarget {
  readonly recorded = new Map<string, BatchItem>();
  readonly order: string[] = [];
  inFlight = 0;
  mostInFlight = 0;
  largestBatch = 0;
  calls = 0;
  constructor(
    private readonly failAt: (call: number) => 'before' | 'after' | 'item' | undefined = () => undefined,
  ) {}

  async send(items: readonly BatchItem[]): Promise<BatchAnswer> {
    const failure = this.failAt(++this.calls);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    this.largestBatch = Math.max(this.largestBatch, items.length);
    await new Promise((resolve) => setImmediate(resolve));
    this.inFlight--;
    if (failure === 'before') throw new AmbiguousBatch('connection lost');
    const results = items.map((item, index) => {
      if (failure === 'item' && index === 0)
        return { index, status: 'refused' as const, problem: { code: 'UNAVAILABLE' } };
      const known = this.recorded.has(item.sourceEventId);
      if (!known) {
        this.recorded.set(item.sourceEventId, item);
        this.order.push(item.sourceEventId);
      }
      return {
        index,
        status: known ? ('replayed' as const) : ('accepted' as const),
        customerId: String(item.customer),
      };
    });
    if (failure === 'after') throw new AmbiguousBatch('answer lost');
    return { results, token: '0:1' };
  }
}

const item = (customer: string, n: number): BatchItem => ({
  command: 'RecordPurchase', customer, sourceSystem: 'shop', sourceEventId: `${customer}-${n}`,
}); // prettier-ignore

async function sendAll(
  service: BatchTarget,
  rows: number,
  options: { lanes?: number; batchSize?: number } = {},
) {
  const time = new SimulatedTime(0);
  const sent: Sent<number>[] = [];
  const sender = new BatchSender<number>({
    target: service,
    scheduler: {
      ...time,
      sleep: async (ms: number) => void (await time.advance(ms)),
      every: time.every.bind(time),
    },
    lanes: options.lanes ?? 3,
    batchSize: options.batchSize ?? 10,
    retryForMs: 10_000,
    nowMs: () => time.nowMs(),
    onSent: (results) => sent.push(...results),
  });
  for (let n = 0; n < rows; n++) await sender.add(`c${n % 7}`, item(`c${n % 7}`, n), n);
  await sender.flush();
  return sent;
}

describe('Sending in batches', () => {
  it('carries out every item once, in bounded batches and lanes', async () => {
    const service = new ScriptedService();
    const sent = await sendAll(service, 500);
    expect(sent.map(({ origin }) => origin).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 500 }, (_, n) => n),
    );
    expect(service.mostInFlight).toBeLessThanOrEqual(3);
    expect(service.largestBatch).toBe(10);
  });

  it('keeps the order of each customer', async () => {
    const service = new ScriptedService();
    await sendAll(service, 500);
    for (let customer = 0; customer < 7; customer++) {
      const numbers = service.order
        .filter((key) => key.startsWith(`c${customer}-`))
        .map((key) => Number(key.split('-')[1]));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });

  it('repeats a batch whose outcome is unknown with the same keys', async () => {
    const service = new ScriptedService((call) =>
      call % 5 === 0 ? 'before' : call % 5 === 2 ? 'after' : undefined,
    );
    const sent = await sendAll(service, 300);
    expect(service.recorded.size).toBe(300);
    expect(sent).toHaveLength(300);
    expect(sent.some(({ result }) => result.status === 'replayed')).toBe(true);
  });

  it('repeats only the items that were unavailable', async () => {
    const service = new ScriptedService((call) => (call === 1 ? 'item' : undefined));
    const sent = await sendAll(service, 10, { lanes: 1 });
    expect(sent).toHaveLength(10);
    expect(sent.every(({ result }) => result.status === 'accepted')).toBe(true);
  });

  it('gives up with exit code 5 when the service stays away', async () => {
    const failure = await sendAll(new ScriptedService(() => 'before'), 10).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CliError);
    expect((failure as CliError).exitCode).toBe(5);
  });

  it('splits by size so that no body exceeds what the service takes', async () => {
    const service = new ScriptedService();
    const time = new SimulatedTime(0);
    const sizes: number[] = [];
    const sender = new BatchSender<number>({
      target: { send: (items) => (sizes.push(JSON.stringify({ items }).length), service.send(items)) },
      scheduler: time, lanes: 1, batchSize: 1_000, retryForMs: 0, nowMs: () => 0, onSent: () => undefined,
    }); // prettier-ignore
    for (let n = 0; n < 200; n++) await sender.add('c', { ...item('c', n), body: 'ü'.repeat(20_000) }, n);
    await sender.flush();
    expect(service.recorded.size).toBe(200);
    expect(Math.max(...sizes) * 2).toBeLessThan(8_388_608);
    expect(sizes.length).toBeGreaterThan(1);
  });
});
