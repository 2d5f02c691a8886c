import type { CustomerCommand } from './customer.commands.js';

/** Ids of what a command names outside the state it is decided on. */
export interface NamedReferences {
  readonly products: readonly string[];
  readonly campaigns: readonly string[];
  /** Event ids of touch points of the customer. */
  readonly touches: readonly string[];
}

const NONE: NamedReferences = { products: [], campaigns: [], touches: [] };
const products = (ids: readonly string[]): NamedReferences => ({ ...NONE, products: ids });

/** What has to be read before a command can be decided: its products, its campaign, the touch it corrects. */
export function referencesNamedBy(command: CustomerCommand): NamedReferences {
  switch (command.type) {
    case 'OfferProduct':
    case 'SignContract':
      return products([command.productId]);
    case 'RecordPurchase':
      return command.lines === undefined ? NONE : products(idsOf(command.lines));
    case 'OpenOpportunity':
      return command.products === undefined ? NONE : products(idsOf(command.products));
    case 'StartWinBack':
      return command.campaignId === undefined ? NONE : { ...NONE, campaigns: [command.campaignId] };
    case 'ContactForCampaign':
      return { ...NONE, campaigns: [command.campaignId] };
    case 'CorrectTouchPoint':
      return { ...NONE, touches: [command.targetEventId] };
    default:
      return NONE;
  }
}

const idsOf = (named: readonly { readonly productId: string }[]): readonly string[] => [
  ...new Set(named.map(({ productId }) => productId)),
];
