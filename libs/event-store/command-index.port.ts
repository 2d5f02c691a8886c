/**
 * Port: which commands a stream has already carried out. Idempotent for ever, not for a window.
 *
 * Glossary
 * - watermark: position of the log up to which the index knows every command; it never falls.
 *
 * Promises
 * - Embedded: rows written inside the append transaction, so the index is never behind and has no watermark.
 * - Fed from the log: every command whose last event lies at or below the watermark is found; a later one may be or not.
 *   Whoever decides looks here *and* at the commands of the stream after a watermark it read before (handle-command).
 * - Idempotence: an entry, once found, is the same for ever; applying entries again changes nothing.
 * - Failures: RapportError UNAVAILABLE.
 */
import type { Checkpoint, IndexedCommand } from './event-store.port.js';

export interface CommandIndex {
  find(streamId: string, commandKey: string): Promise<IndexedCommand | undefined>;
  /** Position it is complete to; undefined = written with the append, never behind. */
  watermark(): Promise<bigint | undefined>;
}

/** What feeds an index from the log. */
export interface CommandIndexMaintenance {
  /**
   * Adds what is missing of `entries`, then raises the watermark to `through`. Entries are those of every event after
   * the watermark up to `through`; after a crash in between the same ones come again. `checkpoint` is where the log is
   * read on from there; it is kept together with the watermark.
   */
  applyCommands(entries: readonly IndexedCommand[], through: bigint, checkpoint?: Checkpoint): Promise<void>;
  /** The checkpoint kept with the watermark; undefined before the first one. Never further than the watermark. */
  checkpoint(): Promise<Checkpoint | undefined>;
}
