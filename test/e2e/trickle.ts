import { isoOf } from '@rapport/contracts';
import type { BatchItem } from '../../apps/cli/import/row-mapper.js';

export interface TrickleOptions {
  readonly customers: number;
  /** Sends a request until each command in it has a certain answer. */
  readonly send: (batch: readonly BatchItem[]) => Promise<void>;
  /** Between two requests, ms. */
  readonly everyMs: number;
}

const FIRST_MS = Date.parse('2024-03-01T08:00:00Z');
const BETWEEN_MS = 60_000;

/**
 * Contacts of a few customers that never run dry: whatever breaks, somebody is writing. They are registered before
 * anything breaks, so that no data key is made on a document server that forgets.
 */
export class Trickle {
  /** Everything sent, by customer, in order. */
  readonly lives: readonly BatchItem[][];
  private readonly references: readonly string[];
  private turn = 0;

  constructor(private readonly options: TrickleOptions) {
    this.references = Array.from({ length: options.customers }, (_, i) => `customerNo:TRICKLE-${i + 1}`);
    this.lives = this.references.map(() => []);
  }

  /** Sends the first contact of everybody. */
  async register(): Promise<void> {
    await this.options.send(this.references.map((_, index) => this.next(index)));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { customers, send, everyMs } = this.options;
    while (!signal.aborted) {
      await send([this.next(this.turn++ % customers)]);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  private next(index: number): BatchItem {
    const life = this.lives[index]!;
    const item: BatchItem = {
      command: 'RecordTouchPoint',
      customer: this.references[index]!,
      sourceSystem: 'e2e',
      sourceEventId: `t-${life.length + 1}`,
      occurredAt: isoOf(FIRST_MS + life.length * BETWEEN_MS),
      channel: 'callCentre',
      direction: 'in',
      kind: 'call',
    };
    life.push(item);
    return item;
  }
}
