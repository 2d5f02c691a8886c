import type { RecordedEvent } from '@rapport/contracts';
import type { Clock } from '@rapport/runtime';
import type { CommandIndex } from './command-index.port.js';
import type { EventStore, IndexedCommand } from './event-store.port.js';
import { indexedCommandsOf } from './logged-commands.js';

/** A watermark may be this old: an older one is lower, so more is kept in memory, and nothing is overlooked. */
const WATERMARK_AGE_MS = 1_000;
/** Commands kept of one stream before those that the index knows by now are dropped; keys kept of it. */
const KEPT = 64;
/** Events read at a time when keys lie before a snapshot. */
const STEP = 64;

/** Watermark of a command index, asked for now and then; never asked again once the index says it is never behind. */
export class Watermark {
  private value: bigint | undefined;
  private isNeverBehind = false;
  private readAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly index: Pick<CommandIndex, 'watermark'>,
    private readonly clock: Clock,
  ) {}

  /** Undefined for an index that is never behind. */
  async read(): Promise<bigint | undefined> {
    const nowMs = this.clock.monotonicMs();
    if (this.isNeverBehind || nowMs - this.readAtMs < WATERMARK_AGE_MS) return this.value;
    const value = await this.index.watermark();
    this.isNeverBehind = value === undefined;
    this.value = value;
    this.readAtMs = nowMs;
    return value;
  }
}

/**
 * The commands of one stream that an index fed from the log may not know yet: those after the watermark that was read
 * before the stream was. What is neither here nor in the index, asked in this order, was not carried out on the state at
 * hand; whatever was carried out since makes an append at its revision a conflict.
 */
export class RecentCommands {
  private readonly entries = new Map<string, IndexedCommand>();
  /** Keys of all commands of the stream; undefined where it was not read from its start, or has many. */
  private keys: Set<string> | undefined;

  /** `since`: watermark read before the first event of the stream was. `isWhole`: all events of the stream will be added. */
  constructor(
    private since: bigint,
    isWhole: boolean,
  ) {
    this.keys = isWhole ? new Set() : undefined;
  }

  /** No event of the stream at hand is of this command: the index, which follows the log, need not be asked. */
  isNew(commandKey: string): boolean {
    return this.keys?.has(commandKey) === false;
  }

  get(commandKey: string): IndexedCommand | undefined {
    return this.entries.get(commandKey);
  }

  add(entry: IndexedCommand): void {
    if (this.keys?.add(entry.commandKey).size === KEPT) this.keys = undefined;
    if (entry.position > this.since && !this.entries.has(entry.commandKey))
      this.entries.set(entry.commandKey, entry);
  }

  addFrom(events: readonly RecordedEvent[]): void {
    for (const entry of indexedCommandsOf(events)) this.add(entry);
  }

  /** Adds what lies at and before a revision: a snapshot holds no keys. `newest` is the event at that revision. */
  async addBack(store: Pick<EventStore, 'readStream'>, newest: RecordedEvent): Promise<void> {
    let oldest = newest;
    this.addFrom([newest]);
    while (oldest.position > this.since && oldest.revision > 0n) {
      const before = await store.readStream(newest.streamId, {
        direction: 'backward',
        fromRevision: oldest.revision - 1n,
        maxCount: STEP,
      });
      if (before.length === 0) return;
      this.addFrom(before);
      oldest = before.at(-1)!;
    }
  }

  /** Drops what the index knows by now, when there is much of it. The index is asked after this, so nothing falls between. */
  async forgetIndexed(watermark: Watermark): Promise<void> {
    if (this.entries.size < KEPT) return;
    const since = await watermark.read();
    if (since === undefined || since <= this.since) return;
    this.since = since;
    for (const [commandKey, { position }] of this.entries)
      if (position <= since) this.entries.delete(commandKey);
  }
}
