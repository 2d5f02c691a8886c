import type { References } from '@rapport/contracts';
import {
  campaignReferenceOf, productReferenceOf, referencesNamedBy, type CampaignState, type CustomerRequest, type NamedReferences,
  type ProductState,
} from '@rapport/domain'; // prettier-ignore
import type { AggregateReader } from '../aggregates/aggregate-reader.js';

/** Reads what a command on a customer names in other streams; undefined at once for the many that name nothing. */
export type ReadReferences = (
  command: CustomerRequest,
  customerId: string,
) => Promise<References> | undefined;

export const readReferencesFrom =
  (reader: AggregateReader): ReadReferences =>
  (command, customerId) => {
    const named = referencesNamedBy(command);
    return named.products.length === 0 && named.campaigns.length === 0
      ? undefined
      : readNamed(reader, named, customerId);
  };

async function readNamed(
  reader: AggregateReader,
  named: NamedReferences,
  customerId: string,
): Promise<References> {
  const [products, campaigns] = await Promise.all([
    knownOf(named.products, async (id) =>
      productReferenceOf(id, await reader.stateOf<ProductState>('product', id)),
    ),
    knownOf(named.campaigns, async (id) =>
      campaignReferenceOf(id, await reader.stateOf<CampaignState>('campaign', id), customerId),
    ),
  ]);
  return { products, campaigns };
}

async function knownOf<Reference>(
  ids: readonly string[],
  read: (id: string) => Promise<Reference | undefined>,
): Promise<ReadonlyMap<string, Reference>> {
  const known = new Map<string, Reference>();
  await Promise.all(
    ids.map(async (id) => {
      const reference = await read(id);
      if (reference !== undefined) known.set(id, reference);
    }),
  );
  return known;
}
