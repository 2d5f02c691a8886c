import type { ReadModelStore } from '@rapport/read-model';
import type { SeededRandom } from '../../apps/cli/demo/seeded-random.js';

/** A document seen at a position, while the head of the log stood at another. */
export interface Observation {
  readonly key: string;
  readonly position: bigint;
  /** Read after the document. */
  readonly head: bigint;
  /** A document server that was let forget acknowledged writes begins another one. */
  readonly epoch: number;
}

export interface MonotonicReaderParts {
  readonly readModels: Pick<ReadModelStore, 'activeCollection' | 'loadMany'>;
  readonly head: () => Promise<bigint>;
  readonly projection: string;
  /** Keys known by now. */
  readonly keys: () => readonly string[];
  readonly random: SeededRandom;
}

const LOOK_EVERY_MS = 250;
const KEYS_AT_ONCE = 40;
/** The same customers again and again: only who looks twice sees a document go back. */
const FOLLOWED = 120;

/** Looks at documents again and again while everything around them breaks. */
export class MonotonicReader {
  readonly observations: Observation[] = [];
  /** Looks that failed because a server was away. */
  failures = 0;
  epoch = 0;
  private readonly followed: string[] = [];

  constructor(private readonly parts: MonotonicReaderParts) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { epoch } = this;
      try {
        await this.look(epoch);
      } catch {
        this.failures++;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private async look(epoch: number): Promise<void> {
    const { readModels, head, projection, keys, random } = this.parts;
    const known = keys();
    while (this.followed.length < FOLLOWED && this.followed.length < known.length)
      this.followed.push(random.pick(known));
    if (this.followed.length === 0) return;
    const wanted = Array.from({ length: KEYS_AT_ONCE }, () => random.pick(this.followed));
    const { collection } = await readModels.activeCollection(projection);
    const found = await readModels.loadMany(collection, [...new Set(wanted)]);
    const headNow = await head();
    // What was asked before the server forgot may be answered after it.
    if (epoch !== this.epoch) return;
    for (const [key, { position }] of found) this.observations.push({ key, position, head: headNow, epoch });
  }
}
