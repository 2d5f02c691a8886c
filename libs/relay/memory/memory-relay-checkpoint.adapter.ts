import type { RelayCheckpoint, RelayCheckpointStore } from '../relay-checkpoint.port.js';

/** A relay's checkpoint in memory. */
export class MemoryRelayCheckpoint implements RelayCheckpointStore {
  private saved: { readonly checkpoint: RelayCheckpoint; readonly token: bigint } | undefined;

  async load(): Promise<RelayCheckpoint | undefined> {
    return structuredClone(this.saved?.checkpoint);
  }

  async save(checkpoint: RelayCheckpoint, token: bigint): Promise<boolean> {
    if (this.saved && this.saved.token > token) return false;
    this.saved = { checkpoint: structuredClone(checkpoint), token };
    return true;
  }
}
