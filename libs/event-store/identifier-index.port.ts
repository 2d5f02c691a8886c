/**
 * Port: finding customers by exact identifier or by words of their name.
 * Holds only keyed hashes (HMAC) of normalised values; rows go on erasure. Written with the append
 * (`AppendRequest.identifiers`) or right after it, before it is acknowledged: a customer is then found at once.
 */
import type { IdentifierChanges } from './event-store.port.js';

/** Something that several customers have in common. */
export interface SharedHash {
  readonly hash: string;
  /** Of an identifier, or of details together (`matchKeysOf`). */
  readonly kind: 'identifier' | 'matchKey';
  readonly customerIds: readonly string[];
}

export interface IdentifierIndex {
  /** Customers under an identifier hash, by when it was recorded, oldest first. */
  customersWithIdentifier(hash: string): Promise<readonly string[]>;
  /** Customers that have all of these name-word hashes, by id, after `afterCustomerId`, at most `limit`. */
  customersWithNameWords(
    hashes: readonly string[],
    page: { readonly afterCustomerId?: string; readonly limit: number },
  ): Promise<readonly string[]>;
  /**
   * Hashes under which more than one customer is known, with the customers by id: of identifiers, and of a name together
   * with a postal code or a birth date. In the order of the hashes, after `afterHash`, at most `limit`. Looks at the whole
   * index: for looking for duplicates, not for requests.
   */
  sharedHashes(page: { readonly afterHash?: string; readonly limit: number }): Promise<readonly SharedHash[]>;
  /** Customers whose rows were removed for good, by id: their data keys must be gone too (see `completeErasures`). */
  erasedCustomers(): Promise<readonly string[]>;
}

/** Changes with where in the log they come from. */
export interface PlacedIdentifierChanges extends IdentifierChanges {
  /** Position of the event they follow from, or of the last event of the append. */
  readonly position: bigint;
}

/**
 * Writing the index beside the log: after each append, by who follows the log (`IndexFeeder`), and when it is made anew
 * (`rebuildIdentifierIndex`). The log is the truth, the index a cache.
 *
 * Promises: on a store that several may write to (MongoDB), changes may come again, late and in any order: for each
 * hash, each name and each erasure the one with the greatest position counts.
 */
export interface IdentifierIndexMaintenance {
  /** Drops every row, the remembered erasures included. */
  clearIdentifiers(): Promise<void>;
  /** Durable when it resolves. */
  applyIdentifierChanges(changes: readonly PlacedIdentifierChanges[]): Promise<void>;
}
