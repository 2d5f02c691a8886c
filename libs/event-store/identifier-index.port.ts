/**
 * Port: finding customers by exact identifier or by words of their name.
 * Holds only keyed hashes (HMAC) of normalised values; rows go on erasure. Written with the append
 * (`AppendRequest.identifiers`), so a customer is found as soon as the write is acknowledged.
 */
export interface IdentifierIndex {
  /** Customers under an identifier hash, oldest first. */
  customersWithIdentifier(hash: string): Promise<readonly string[]>;
  /** Customers that have all of these name-word hashes, by id, after `afterCustomerId`, at most `limit`. */
  customersWithNameWords(
    hashes: readonly string[],
    page: { readonly afterCustomerId?: string; readonly limit: number },
  ): Promise<readonly string[]>;
}
