/**
 * Port: finding customers by exact identifier or by words of their name.
 * Holds only keyed hashes (HMAC) of normalised values; rows go on erasure. Written with the append
 * (`AppendRequest.identifiers`), so a customer is found as soon as the write is acknowledged.
 */
import type { IdentifierChanges } from './event-store.port.js';

export interface IdentifierIndex {
  /** Customers under an identifier hash, by when it was recorded, oldest first. */
  customersWithIdentifier(hash: string): Promise<readonly string[]>;
  /** Customers that have all of these name-word hashes, by id, after `afterCustomerId`, at most `limit`. */
  customersWithNameWords(
    hashes: readonly string[],
    page: { readonly afterCustomerId?: string; readonly limit: number },
  ): Promise<readonly string[]>;
  /** Customers whose rows were removed for good, by id: their data keys must be gone too (see `completeErasures`). */
  erasedCustomers(): Promise<readonly string[]>;
}

/** Rebuilding the index from the log (`rebuildIdentifierIndex`): the log is the truth, the index a cache. */
export interface IdentifierIndexMaintenance {
  /** Drops every row, the remembered erasures included. */
  clearIdentifiers(): Promise<void>;
  /** Durable when it resolves. */
  applyIdentifierChanges(changes: readonly IdentifierChanges[]): Promise<void>;
}
