/**
 * Port: folded states, a disposable cache. A snapshot of another schema version is treated as absent;
 * dropping all of them changes nothing but speed.
 */
export interface Snapshot {
  readonly streamId: string;
  /** Revision folded up to, inclusive. */
  readonly revision: bigint;
  /** Version of the state's shape; bumped when the shape or the fold changes. */
  readonly stateSchemaVersion: number;
  /** JSON value; no personal plaintext. */
  readonly state: unknown;
}

export interface SnapshotStore {
  load(streamId: string, stateSchemaVersion: number): Promise<Snapshot | undefined>;
  save(snapshot: Snapshot): Promise<void>;
  dropAll(): Promise<void>;
}
