import type { CustomerCommand } from './customer.commands.js';

/** Ids of what a command names in other streams. */
export interface NamedReferences {
  readonly products: readonly string[];
  readonly campaigns: readonly string[];
}

const NONE: NamedReferences = { products: [], campaigns: [] };
const products = (ids: readonly string[]): NamedReferences => ({ ...NONE, products: ids });

/** What has to be read of other streams before a command can be decided: its products, its campaign. */
export function referencesNamedBy(command: CustomerCommand): NamedReferences {
  switch (command.type) {
    case 'OfferProduct':
    case 'SignContract':
      return products([command.productId]);
    case 'RecordPurchase':
      return command.lines === undefined ? NONE : products(idsOf(command.lines));
    case 'OpenOpportunity':
      return command.products === undefined ? NONE : products(idsOf(command.products));
    case 'ContactForCampaign':
      return { ...NONE, campaigns: [command.campaignId] };
    default:
      return NONE;
  }
}

const idsOf = (named: readonly { readonly productId: string }[]): readonly string[] => [
  ...new Set(named.map(({ productId }) => productId)),
];
