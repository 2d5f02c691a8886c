/**
 * Port: how far the relay has copied the log.
 *
 * Glossary
 * - chain: position of the newest record of each partition at that time, by partition number.
 * - token: fencing token of the lease under which the relay works.
 *
 * Promises
 * - `save` replaces the checkpoint in one step unless a newer token has saved one: then nothing changes and it answers
 *   false. Saving again under the same token is fine.
 * - A saved checkpoint is read back whole or, after a crash, the one before it.
 * - Failures: RapportError UNAVAILABLE (thrown).
 */
export interface RelayCheckpoint {
  /** Everything of the log at or below it was acknowledged by the topic. */
  readonly checkpoint: string;
  readonly position: bigint;
  /** Position of the newest event copied: never beyond the head of the log. */
  readonly newest: bigint;
  /** Events of the log up to here. */
  readonly ordinal: bigint;
  readonly chain: readonly bigint[];
  /** Hash and number of partitions the topic was filled with. */
  readonly partitioning: string;
}

export interface RelayCheckpointStore {
  load(): Promise<RelayCheckpoint | undefined>;
  save(checkpoint: RelayCheckpoint, token: bigint): Promise<boolean>;
}
