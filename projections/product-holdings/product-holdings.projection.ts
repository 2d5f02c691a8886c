import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import type {
  BoughtDocument,
  HeldProduct,
  HolderDocument,
  ProductDocument,
  ProductHoldingsDocument,
} from './product-holdings.model.js';
import { customer, distribution, product, products } from './product-holdings.queries.js';

const EVENTS = [
  'ProductDefined', 'ProductRevised', 'PurchaseRecorded', 'ReturnRecorded', 'ContractSigned', 'ContractAmended',
  'ContractExpired', 'ContractTerminated',
] as const; // prettier-ignore
type Event = EventFor<(typeof EVENTS)[number]>;
type CatalogueEvent = EventFor<'ProductDefined' | 'ProductRevised'>;
type CustomerEvent = Exclude<Event, CatalogueEvent>;

/** More products than anybody holds at a time. */
const MAX_HELD = 200;

const isOfCatalogue = (event: Event): event is CatalogueEvent =>
  event.type === 'ProductDefined' || event.type === 'ProductRevised';

/** What do we sell, who holds how many products, and how often was each bought? (S6, S13) */
export const productHoldings: ProjectionDefinition<ProductHoldingsDocument, Event['type']> = {
  name: 'product-holdings',
  version: 1,
  question: 'What do we sell, who holds how many products, and how often was each bought?',
  events: EVENTS,
  keys: (event) => {
    if (isOfCatalogue(event)) return [event.streamId.slice('product-'.length)];
    const owner = ownerOf(event);
    if (event.type !== 'PurchaseRecorded' && event.type !== 'ReturnRecorded') return [owner];
    const lines = event.data.lines ?? [];
    if (lines.length === 0) return [];
    return [owner, ...new Set(lines.map((line) => `${owner}/${line.productId}/${currencyOf(event)}`))];
  },
  initial: (key) => {
    const [, productId, currency] = key.split('/');
    return productId === undefined
      ? { type: 'holder', held: [] }
      : { type: 'bought', productId, currency: currency!, pieces: 0, returnedPieces: 0, revenueMinor: 0 };
  },
  evolve: (document, event, key) => {
    if (isOfCatalogue(event)) return entryOf(document, event, key);
    if (document.type === 'bought') addBought(document, event);
    else if (document.type === 'holder') evolveHolder(document, event);
    return document;
  },
  sortedBy: ['productId', 'place'],
  indexes: {
    type: (document) => document.type,
    productId: (document) => (document.type === 'holder' ? null : document.productId),
    family: (document) => (document.type === 'product' ? document.family : null),
    kind: (document) => (document.type === 'product' ? document.kind : null),
    place: (document) =>
      document.type === 'product'
        ? `${document.family} ${String(document.tier).padStart(4, '0')} ${document.productId}`
        : null,
    productsHeld: (document) => (document.type === 'holder' ? document.held.length : null),
    familiesHeld: (document) => (document.type === 'holder' ? familiesOf(document.held) : null),
    currency: (document) => (document.type === 'bought' ? document.currency : null),
    pieces: (document) => (document.type === 'bought' ? document.pieces : 0),
    returnedPieces: (document) => (document.type === 'bought' ? document.returnedPieces : 0),
    revenueMinor: (document) => (document.type === 'bought' ? document.revenueMinor : 0),
  },
  combine: (documents) => documents.reduce(joined),
  queries: [customer, distribution, products, product],
};

const currencyOf = (event: EventFor<'PurchaseRecorded' | 'ReturnRecorded'>): string =>
  event.type === 'PurchaseRecorded' ? event.data.total.currency : event.data.refund.currency;

export const familiesOf = (held: readonly HeldProduct[]): number =>
  new Set(held.map(({ family }) => family)).size;

function entryOf(document: ProductHoldingsDocument, event: CatalogueEvent, key: string): ProductDocument {
  const known: ProductDocument =
    document.type === 'product'
      ? document
      : {
          type: 'product',
          productId: key,
          name: key,
          family: key,
          tier: 0,
          kind: 'durable',
          complements: [],
          listPrice: null,
          cost: null,
          definedMs: occurredAtMsOf(event),
        };
  const { name, family, tier, kind, complements, listPrice, cost } = event.data;
  return {
    ...known,
    name: name ?? known.name,
    family: family ?? known.family,
    tier: tier ?? known.tier,
    kind: kind ?? known.kind,
    complements: complements ? [...complements] : known.complements,
    listPrice: listPrice ? { ...listPrice } : known.listPrice,
    cost: cost ? { ...cost } : known.cost,
  };
}

function addBought(document: BoughtDocument, event: CustomerEvent): void {
  if (event.type === 'PurchaseRecorded')
    for (const line of event.data.lines ?? []) {
      if (line.productId !== document.productId) continue;
      document.pieces += line.qty;
      document.revenueMinor = addMinor(document.revenueMinor, line.qty * line.unitPrice.amountMinor);
    }
  else if (event.type === 'ReturnRecorded')
    for (const line of event.data.lines ?? [])
      if (line.productId === document.productId) document.returnedPieces += line.qty;
}

function evolveHolder(document: HolderDocument, event: CustomerEvent): void {
  const atMs = occurredAtMsOf(event);
  switch (event.type) {
    case 'PurchaseRecorded':
      for (const { productId, qty, productFamily, productTier, productKind = 'durable' } of event.data
        .lines ?? []) {
        if (productKind === 'consumable') continue;
        const held = heldOf(document, productId, atMs);
        held.family = productFamily ?? held.family;
        held.tier = productTier ?? held.tier;
        held.kind = productKind;
        held.pieces += qty;
      }
      break;
    case 'ReturnRecorded':
      for (const { productId, qty } of event.data.lines ?? []) {
        const held = document.held.find((one) => one.productId === productId);
        if (held) held.pieces = Math.max(0, held.pieces - qty);
      }
      break;
    case 'ContractSigned': {
      const { contractId, productId, productFamily, productTier } = event.data;
      const held = heldOf(document, productId, atMs);
      held.family = productFamily ?? held.family;
      held.tier = productTier ?? held.tier;
      if (!held.contractIds.includes(contractId)) held.contractIds.push(contractId);
      break;
    }
    case 'ContractAmended': {
      const { contractId, productId } = event.data;
      if (productId === undefined || !document.held.some((one) => one.contractIds.includes(contractId)))
        return;
      endContract(document, contractId);
      heldOf(document, productId, atMs).contractIds.push(contractId);
      break;
    }
    case 'ContractExpired':
    case 'ContractTerminated':
      endContract(document, event.data.contractId);
      break;
    default:
      event satisfies never;
  }
  document.held = document.held.filter(({ pieces, contractIds }) => pieces > 0 || contractIds.length > 0);
}

function endContract(document: HolderDocument, contractId: string): void {
  for (const held of document.held) held.contractIds = held.contractIds.filter((id) => id !== contractId);
}

/** The entry of a product, made when there is none; the one acquired longest ago makes room. */
function heldOf(document: HolderDocument, productId: string, atMs: number): HeldProduct {
  let held = document.held.find((one) => one.productId === productId);
  if (held === undefined) {
    held = { productId, family: productId, tier: 0, kind: 'service', pieces: 0, contractIds: [], firstMs: atMs, lastMs: atMs }; // prettier-ignore
    document.held.push(held);
    if (document.held.length > MAX_HELD) {
      const oldest = document.held.reduce((a, b) => (b.lastMs < a.lastMs ? b : a));
      document.held = document.held.filter((one) => one !== oldest);
    }
  }
  held.firstMs = Math.min(held.firstMs, atMs);
  held.lastMs = Math.max(held.lastMs, atMs);
  return held;
}

/** What merged customers hold and bought together. */
function joined(a: ProductHoldingsDocument, b: ProductHoldingsDocument): ProductHoldingsDocument {
  if (a.type === 'bought' && b.type === 'bought')
    return {
      ...a,
      pieces: a.pieces + b.pieces,
      returnedPieces: a.returnedPieces + b.returnedPieces,
      revenueMinor: addMinor(a.revenueMinor, b.revenueMinor),
    };
  if (a.type !== 'holder' || b.type !== 'holder') return a;
  const held = new Map(a.held.map((one) => [one.productId, one]));
  for (const one of b.held) {
    const known = held.get(one.productId);
    held.set(
      one.productId,
      known === undefined
        ? one
        : {
            ...known,
            pieces: known.pieces + one.pieces,
            contractIds: [...new Set([...known.contractIds, ...one.contractIds])].sort(),
            firstMs: Math.min(known.firstMs, one.firstMs),
            lastMs: Math.max(known.lastMs, one.lastMs),
          },
    );
  }
  return { type: 'holder', held: [...held.values()].sort((x, y) => (x.productId < y.productId ? -1 : 1)) };
}
