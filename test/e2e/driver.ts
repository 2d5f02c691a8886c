import { epochMsOf } from '@rapport/contracts';
import type { ServerClient } from '../../apps/cli/connection/server-client.js';
import { customerLife } from '../../apps/cli/demo/customer-life.js';
import { demoProducts } from '../../apps/cli/demo/demo-catalogue.js';
import { SeededRandom } from '../../apps/cli/demo/seeded-random.js';
import { AmbiguousBatch, type ItemResult } from '../../apps/cli/import/batch-sender.js';
import { CliError, EXIT } from '../../apps/cli/exit-codes.js';
import type { BatchItem } from '../../apps/cli/import/row-mapper.js';
import { Acknowledgements } from '../chaos/acknowledgements.js';

export interface DriverOptions {
  readonly seed: number;
  readonly customers: number;
  /** Commands of one customer at most: more customers for the same number of events. */
  readonly commandsPerCustomer: number;
  readonly client: ServerClient;
  readonly record: Acknowledgements;
}

/** Everything that the driver did besides what was acknowledged. */
export interface DriverCounts {
  requests: number;
  /** Requests without an answer, or with one that leaves the outcome open: sent again with the same keys. */
  ambiguous: number;
  /** Requests sent twice at the same time. */
  concurrentDuplicates: number;
  /** Requests sent again long after they were answered. */
  lateDuplicates: number;
}

interface OpenCustomer {
  readonly items: readonly BatchItem[];
  sent: number;
}

const WORKERS = 8;
/** Customers a worker looks after at the same time. */
const OPEN_CUSTOMERS = 14;
const MOST_ITEMS_IN_BATCH = 12;
const SEND_TWICE = 0.06;
const SEND_LATER = 0.06;
const REMEMBERED = 40;
const RETRY_FOR_MS = 240_000;
const RETRY_AFTER_MS = 50;

/** Codes after which the same command with the same key may succeed. */
const OPEN_CODES = new Set(['CONFLICT', 'IN_PROGRESS', 'RATE_LIMITED']);

const FRAME = { fromMs: epochMsOf('2022-01-01T00:00:00Z'), untilMs: epochMsOf('2024-12-31T00:00:00Z') };

/** Defines what the customers buy and are offered, as a user does before the first offer; the same for every run. */
export async function defineProducts(client: ServerClient): Promise<void> {
  for (const product of demoProducts(FRAME.fromMs))
    await client.post('/v1/products', product, { idempotencyKey: `e2e-${product.productId}` });
}

/** The commands of every customer, in order: what the driver sends and what the embedded run repeats. */
export function lives({
  seed,
  customers,
  commandsPerCustomer,
}: Pick<DriverOptions, 'seed' | 'customers' | 'commandsPerCustomer'>): readonly (readonly BatchItem[])[] {
  return Array.from({ length: customers }, (_, index) =>
    customerLife(index, { seed, ...FRAME })
      .slice(0, commandsPerCustomer)
      .map(({ item }) => item),
  );
}

/**
 * Sends seeded lives of customers through the batch route: many customers side by side, each customer's commands in
 * order, some requests twice at once and some again much later. Repeats what has no certain answer under the same
 * keys until it has, and records every answer. Goes on only as far as it was allowed to.
 */
export class Driver {
  readonly counts: DriverCounts = { requests: 0, ambiguous: 0, concurrentDuplicates: 0, lateDuplicates: 0 };
  readonly total: number;
  private readonly lives: readonly (readonly BatchItem[])[];
  private readonly random: SeededRandom;
  private sent = 0;
  private allowed = 0;
  private inFlight = 0;
  private failure: unknown;

  constructor(private readonly options: DriverOptions) {
    this.lives = lives(options);
    this.total = this.lives.reduce((sum, life) => sum + life.length, 0);
    this.random = new SeededRandom(options.seed, 1_000_003);
  }

  /** Commands settled so far. */
  get settled(): number {
    return this.sent;
  }

  /** Lets it send so many more. */
  allow(commands: number): void {
    this.allowed = Math.min(this.total, Math.max(this.allowed, this.sent) + commands);
  }

  get isIdle(): boolean {
    return this.sent >= this.allowed && this.inFlight === 0;
  }

  /** Lets nothing more begin; resolves when everything that began was answered. */
  async hold(): Promise<void> {
    this.allowed = 0;
    // A worker that failed never lands: what stopped it is thrown.
    while (this.inFlight > 0) {
      this.assertWell();
      await pause();
    }
  }

  /** Throws what stopped it, if anything did. */
  assertWell(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** Resolves when everything was sent and answered. */
  async run(): Promise<void> {
    try {
      await Promise.all(Array.from({ length: WORKERS }, (_, worker) => this.work(worker)));
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  private async work(worker: number): Promise<void> {
    const random = new SeededRandom(this.options.seed, 2_000_003 + worker);
    const waiting = this.lives.filter((_, index) => index % WORKERS === worker);
    const open: OpenCustomer[] = [];
    const remembered: (readonly BatchItem[])[] = [];
    while (open.length > 0 || waiting.length > 0) {
      this.assertWell();
      if (this.sent >= this.allowed) {
        await pause();
        continue;
      }
      while (open.length < OPEN_CUSTOMERS && waiting.length > 0)
        open.push({ items: waiting.shift()!, sent: 0 });
      const batch = this.batchOf(open, random);
      if (batch.length === 0) {
        await pause();
        continue;
      }
      this.inFlight++;
      if (random.chance(SEND_TWICE)) {
        this.counts.concurrentDuplicates++;
        await Promise.all([this.sendUntilAnswered(batch), this.sendUntilAnswered(batch)]);
      } else await this.sendUntilAnswered(batch);
      this.sent += batch.length;
      for (let i = open.length - 1; i >= 0; i--)
        if (open[i]!.sent >= open[i]!.items.length) open.splice(i, 1);
      remembered.push(batch);
      if (remembered.length > REMEMBERED) remembered.shift();
      if (random.chance(SEND_LATER)) {
        this.counts.lateDuplicates++;
        await this.sendUntilAnswered(this.acceptedOf(random.pick(remembered)));
      }
      this.inFlight--;
    }
  }

  /** The next command of some of the customers: one each, for what stays open must not be overtaken by what follows. */
  private batchOf(open: readonly OpenCustomer[], random: SeededRandom): readonly BatchItem[] {
    const candidates = [...open];
    const batch: BatchItem[] = [];
    const wanted = random.integer(1, MOST_ITEMS_IN_BATCH);
    for (let i = 0; i < wanted && candidates.length > 0; i++) {
      const [customer] = candidates.splice(random.integer(0, candidates.length - 1), 1);
      batch.push(customer!.items[customer!.sent++]!);
    }
    return batch;
  }

  /** What was refused may be possible by now, and the embedded run does not ask again. */
  private acceptedOf(batch: readonly BatchItem[]): readonly BatchItem[] {
    return batch.filter((item) => this.options.record.has(keyOf(item)));
  }

  /** Sends a request until each command in it has a certain answer. */
  async sendUntilAnswered(batch: readonly BatchItem[]): Promise<void> {
    let open = batch;
    const deadlineMs = performance.now() + RETRY_FOR_MS;
    while (open.length > 0) {
      let why = 'commands stay without a certain answer';
      this.counts.requests++;
      try {
        const { results } = await this.options.client.send(open);
        const unsettled: BatchItem[] = [];
        for (const result of results) {
          const item = open[result.index]!;
          if (this.settle(item, result)) continue;
          unsettled.push(item);
          why = `${item.command}: ${result.problem?.code} ${result.problem?.detail}`;
        }
        open = unsettled;
      } catch (error) {
        const isAmbiguous =
          error instanceof AmbiguousBatch ||
          (error instanceof CliError && error.exitCode === EXIT.dependencyDown);
        if (!isAmbiguous) throw error;
        why = error.message;
      }
      if (open.length === 0) return;
      this.counts.ambiguous++;
      if (performance.now() > deadlineMs)
        throw new Error(`no certain answer within ${RETRY_FOR_MS / 1_000} s: ${why}`);
      await pause();
    }
  }

  /** Writes an answer down; false when it leaves the outcome open. */
  private settle(item: BatchItem, result: ItemResult): boolean {
    const key = keyOf(item);
    if (result.status === 'accepted' || result.status === 'replayed') {
      this.options.record.accepted(key, {
        customerId: result.customerId!,
        eventIds: result.eventIds ?? [],
        revision: result.revision!,
      });
      return true;
    }
    const code = result.problem?.code ?? 'none';
    if ((result.problem?.status ?? 0) >= 500 || OPEN_CODES.has(code)) return false;
    if (result.status === 'invalid')
      throw new Error(`${item.command} is not valid: ${JSON.stringify(result.problem)}`);
    this.options.record.refused(key, code);
    return true;
  }
}

const keyOf = (item: BatchItem): string => Acknowledgements.keyOf(item.customer!, item.sourceEventId);

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
