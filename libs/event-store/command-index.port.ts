/**
 * Port: which commands a stream has already carried out. Idempotent for ever, not for a window.
 * Embedded: rows written inside the append transaction, so it is never behind.
 */
import type { IndexedCommand } from './event-store.port.js';

export interface CommandIndex {
  find(streamId: string, commandKey: string): Promise<IndexedCommand | undefined>;
}
