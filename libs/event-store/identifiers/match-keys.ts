import type { MatchDetail } from '../event-store.port.js';

/** What is known of a customer's details, by keyed hash. */
export type DetailHashes = { readonly [Detail in MatchDetail]?: string };

/** A name alone is common; with one of these it tells a person. */
const BESIDE_NAME = ['postalCode', 'birthDate'] as const;
const HALF_DIGITS = 16;

/**
 * Keys that two customers share when their names and their postal code or their birth date are the same after
 * normalising. Half of the hash of either detail: 128 bits that say nothing without the key of the hashes.
 */
export function matchKeysOf(details: DetailHashes): string[] {
  const { name } = details;
  if (name === undefined) return [];
  return BESIDE_NAME.flatMap((detail) => {
    const beside = details[detail];
    return beside === undefined ? [] : [name.slice(0, HALF_DIGITS) + beside.slice(0, HALF_DIGITS)];
  });
}
