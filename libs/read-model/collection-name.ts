import { RapportError } from '@rapport/contracts';
import type { CollectionSpec } from './read-model.port.js';

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

/** Throws INTERNAL when an index name of a definition is not an identifier. */
export function assertIndexNames(indexes: readonly string[]): void {
  for (const index of indexes)
    if (!INDEX.test(index))
      throw new RapportError('INTERNAL', `index name ${JSON.stringify(index)} is not an identifier`);
}

/** Throws INTERNAL when a query names an index that the collection does not have: never reaches SQL. */
export function assertKnownIndex(indexes: readonly string[], index: string, collection: string): void {
  if (!indexes.includes(index))
    throw new RapportError('INTERNAL', `${collection} has no index ${JSON.stringify(index)}`);
}

/** Exclusive upper bound of an owner's sub-keys `<owner>/…`: `0` follows `/` in every byte order. */
export const subKeysFrom = (owner: string): string => `${owner}/`;
export const subKeysUpTo = (owner: string): string => `${owner}0`;
