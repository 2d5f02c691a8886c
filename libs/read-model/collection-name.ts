import { RapportError } from '@rapport/contracts';
import type { CollectionSpec, CollectionState, Query } from './read-model.port.js';

const PROJECTION = /^[a-z][a-z0-9-]{0,62}$/;
const INDEX = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

/** `customer-360__v1__g3`. Throws INTERNAL on a name that a definition must not have. */
export function collectionNameOf(
  spec: Pick<CollectionSpec, 'projection' | 'version' | 'generation'>,
): string {
  if (!PROJECTION.test(spec.projection))
    throw new RapportError(
      'INTERNAL',
      `projection name ${JSON.stringify(spec.projection)} is not kebab-case`,
    );
  if (!Number.isSafeInteger(spec.version) || !Number.isSafeInteger(spec.generation))
    throw new RapportError('INTERNAL', 'version and generation are whole numbers');
  return `${spec.projection}__v${spec.version}__g${spec.generation}`;
}

/** Throws INTERNAL when an index name of a definition is not an identifier, or a sorted one not an index. */
export function assertIndexNames({
  indexes,
  sortedBy = [],
}: Pick<CollectionSpec, 'indexes' | 'sortedBy'>): void {
  for (const index of indexes)
    if (!INDEX.test(index))
      throw new RapportError('INTERNAL', `index name ${JSON.stringify(index)} is not an identifier`);
  for (const index of sortedBy) assertKnownIndex(indexes, index, 'the definition');
}

/** Throws INTERNAL when documents of all owners would have to be sorted without an index that is in that order. */
export function assertSorted(
  { collection, indexes, sortedBy }: Pick<CollectionState, 'collection' | 'indexes' | 'sortedBy'>,
  { owner, orderBy }: Pick<Query, 'owner' | 'orderBy'>,
): void {
  for (const [i, { index }] of (orderBy ?? []).entries()) {
    assertKnownIndex(indexes, index, collection);
    // The first decides; what follows sorts the few rows that are alike in it.
    if (i === 0 && owner === undefined && !sortedBy.includes(index))
      throw new RapportError('INTERNAL', `${collection} is not sorted by ${JSON.stringify(index)}`);
  }
}

/** True when rows of one generation can stand for rows of the other. */
export const haveSameShape = (
  a: Pick<CollectionState, 'version' | 'indexes' | 'sortedBy'>,
  b: Pick<CollectionState, 'version' | 'indexes' | 'sortedBy'>,
): boolean =>
  a.version === b.version &&
  String(a.indexes) === String(b.indexes) &&
  String(a.sortedBy) === String(b.sortedBy);

/** Throws INTERNAL when a query names an index that the collection does not have: never reaches SQL. */
export function assertKnownIndex(indexes: readonly string[], index: string, collection: string): void {
  if (!indexes.includes(index))
    throw new RapportError('INTERNAL', `${collection} has no index ${JSON.stringify(index)}`);
}

/** Exclusive upper bound of an owner's sub-keys `<owner>/…`: `0` follows `/` in every byte order. */
export const subKeysFrom = (owner: string): string => `${owner}/`;
export const subKeysUpTo = (owner: string): string => `${owner}0`;
