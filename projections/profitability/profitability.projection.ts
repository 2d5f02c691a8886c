import { dayNumberOf, dayNumberOfIsoDate, isoOf } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { groupAnew, groupAsRegistered, joinedGroup, noGroup } from '../_parts/customer-group.js';
import { ownerOf } from '../_parts/owner.js';
import { discountBandOf, netOf, refundsOf, sharesOf } from './allocate.js';
import type {
  CustomerProfit,
  LineProfit,
  ProfitabilityDocument,
  ProfitSums,
  ServiceProfit,
} from './profitability.model.js';
import { byDiscountBand, byProduct, byRegion, customer, customers, MIXED } from './profitability.queries.js';

const EVENTS = [
  'CustomerRegistered',
  'CustomerGrouped',
  'PurchaseRecorded',
  'ReturnRecorded',
  'ServiceCostRecorded',
  'CaseResolved',
  'WrittenOff',
  'FraudSignalConfirmed',
  'CustomerErased',
] as const;
type ProfitEvent = EventFor<(typeof EVENTS)[number]>;

const MAX_ACTIVITIES = 30;
const lineKey = (owner: string, orderId: string, productId: string | null): string =>
  `${owner}/o/${orderId}/${productId ?? ''}`;

/** What do customers, products, regions and discounts earn us after what they cost? (S6, S10) */
export const profitability: ProjectionDefinition<ProfitabilityDocument, (typeof EVENTS)[number]> = {
  name: 'profitability',
  version: 2,
  question: 'What do customers, products, regions and discounts earn us after what they cost?',
  events: EVENTS,
  keys: (event) => {
    const owner = ownerOf(event);
    switch (event.type) {
      case 'PurchaseRecorded':
        return [
          owner,
          ...sharesOf(event.data).map((share) => lineKey(owner, event.data.orderId, share.productId)),
        ];
      case 'ReturnRecorded':
        return [
          owner,
          ...refundsOf(event.data).map((part) => lineKey(owner, event.data.orderId, part.productId)),
        ];
      case 'ServiceCostRecorded':
        return event.data.productId === undefined ? [owner] : [owner, serviceKey(owner, event)];
      default:
        return [owner];
    }
  },
  initial: (key) => {
    const [, part, , ...rest] = key.split('/');
    if (part === undefined) return newCustomer();
    return part === 'o' ? newLine(rest[0] ?? '') : newService(rest[1] ?? '');
  },
  evolve: (document, event, key) => {
    if (document.kind === 'customer') applyToCustomer(document, event);
    else if (document.kind === 'line') applyToLine(document, event, key);
    else if (event.type === 'ServiceCostRecorded') {
      document.day = firstOfMonth(event);
      document.currency = event.data.amount.currency;
      document.serviceCostMinor = addMinor(document.serviceCostMinor, event.data.amount.amountMinor);
      document.times += 1;
    }
    return document;
  },
  sortedBy: ['day', 'netRevenueMinor', 'costToServeMinor'],
  indexes: {
    kind: (document) => document.kind,
    currency: (document) => (document.kind === 'customer' ? currencyOf(document) : document.currency),
    productId: (document) => (document.kind === 'customer' ? null : document.productId),
    day: (document) => (document.kind === 'customer' ? null : document.day),
    discountBand: (document) => (document.kind === 'line' ? document.discountBand : null),
    region: (document) => (document.kind === 'customer' ? (document.regionCode ?? document.country) : null),
    groupCode: (document) => (document.kind === 'customer' ? document.groupCode : null),
    revenueMinor: (document) => sumOf(document, 'revenueMinor'),
    discountMinor: (document) => sumOf(document, 'discountMinor'),
    refundedMinor: (document) => sumOf(document, 'refundedMinor'),
    costedRevenueMinor: (document) => sumOf(document, 'costedRevenueMinor'),
    costOfGoodsMinor: (document) => sumOf(document, 'costOfGoodsMinor'),
    returnedCostMinor: (document) => sumOf(document, 'returnedCostMinor'),
    serviceCostMinor: (document) =>
      document.kind === 'service' ? document.serviceCostMinor : sumOf(document, 'serviceCostMinor'),
    compensationMinor: (document) => sumOf(document, 'compensationMinor'),
    writtenOffMinor: (document) => sumOf(document, 'writtenOffMinor'),
    fraudLossMinor: (document) => sumOf(document, 'fraudLossMinor'),
    orders: (document) => sumOf(document, 'orders'),
    pieces: (document) => (document.kind === 'line' ? document.pieces : 0),
    returnedPieces: (document) => (document.kind === 'line' ? document.returnedPieces : 0),
    netRevenueMinor: (document) => sumOf(document, 'revenueMinor') - sumOf(document, 'refundedMinor'),
    costToServeMinor: (document) =>
      sumOf(document, 'serviceCostMinor') +
      sumOf(document, 'compensationMinor') +
      sumOf(document, 'writtenOffMinor') +
      sumOf(document, 'fraudLossMinor'),
  },
  combine: (documents) => documents.reduce(joined),
  queries: [customer, customers, byProduct, byDiscountBand, byRegion],
};

const serviceKey = (owner: string, event: EventFor<'ServiceCostRecorded'>): string =>
  `${owner}/s/${event.data.amount.currency}/${isoOf(occurredAtMsOf(event)).slice(0, 7)}/${event.data.productId}`;

const firstOfMonth = (event: EventFor<'ServiceCostRecorded'>): number =>
  dayNumberOfIsoDate(`${isoOf(occurredAtMsOf(event)).slice(0, 7)}-01`);

const newCustomer = (): CustomerProfit => ({
  kind: 'customer',
  ...noGroup(),
  money: {},
  activities: [],
  erased: false,
});

const newLine = (productId: string): LineProfit => ({
  kind: 'line',
  productId: productId === '' ? null : productId,
  day: null,
  discountBand: null,
  currency: null,
  pieces: 0,
  returnedPieces: 0,
  revenueMinor: 0,
  discountMinor: 0,
  refundedMinor: 0,
  costedRevenueMinor: 0,
  costOfGoodsMinor: 0,
  returnedCostMinor: 0,
});

const newService = (productId: string): ServiceProfit => ({
  kind: 'service',
  productId: productId === '' ? null : productId,
  day: null,
  currency: null,
  serviceCostMinor: 0,
  times: 0,
});

export const noSums = (): ProfitSums => ({
  orders: 0,
  revenueMinor: 0,
  discountMinor: 0,
  refundedMinor: 0,
  costedRevenueMinor: 0,
  costOfGoodsMinor: 0,
  returnedCostMinor: 0,
  serviceCostMinor: 0,
  compensationMinor: 0,
  writtenOffMinor: 0,
  fraudLossMinor: 0,
});

function applyToCustomer(document: CustomerProfit, event: ProfitEvent): void {
  const add = (
    field: keyof ProfitSums,
    money: { amountMinor: number; currency: string } | undefined,
  ): void => {
    if (money === undefined) return;
    const sums = (document.money[money.currency] ??= noSums());
    sums[field] = addMinor(sums[field], money.amountMinor);
  };
  switch (event.type) {
    case 'CustomerRegistered':
      return groupAsRegistered(document, event.data);
    case 'CustomerGrouped':
      return groupAnew(document, event.data);
    case 'PurchaseRecorded': {
      const sums = (document.money[event.data.total.currency] ??= noSums());
      sums.orders += 1;
      sums.revenueMinor = addMinor(sums.revenueMinor, netOf(event.data));
      for (const share of sharesOf(event.data)) {
        sums.discountMinor = addMinor(sums.discountMinor, share.discountMinor);
        if (share.costMinor === null) continue;
        sums.costedRevenueMinor = addMinor(sums.costedRevenueMinor, share.revenueMinor);
        sums.costOfGoodsMinor = addMinor(sums.costOfGoodsMinor, share.costMinor);
      }
      return;
    }
    case 'ReturnRecorded':
      add('refundedMinor', event.data.refund);
      for (const { costBackMinor: amountMinor } of refundsOf(event.data))
        add('returnedCostMinor', { amountMinor, currency: event.data.refund.currency });
      return;
    case 'ServiceCostRecorded': {
      const { amount, activity } = event.data;
      add('serviceCostMinor', amount);
      const known = document.activities.find(
        (one) => one.activity === activity && one.currency === amount.currency,
      );
      if (known) {
        known.costMinor = addMinor(known.costMinor, amount.amountMinor);
        known.times += 1;
      } else if (document.activities.length < MAX_ACTIVITIES)
        document.activities.push({
          currency: amount.currency,
          activity,
          costMinor: amount.amountMinor,
          times: 1,
        });
      return;
    }
    case 'CaseResolved':
      return add('compensationMinor', event.data.compensation);
    case 'WrittenOff':
      return add('writtenOffMinor', event.data.amount);
    case 'FraudSignalConfirmed':
      return add('fraudLossMinor', event.data.loss);
    case 'CustomerErased':
      document.erased = true;
      return;
  }
}

function applyToLine(document: LineProfit, event: ProfitEvent, key: string): void {
  const productId = key.slice(key.lastIndexOf('/') + 1);
  const isMine = (part: { readonly productId: string | null }): boolean =>
    (part.productId ?? '') === productId;
  if (event.type === 'PurchaseRecorded') {
    const share = sharesOf(event.data).find(isMine);
    if (!share) return;
    document.day = dayNumberOf(occurredAtMsOf(event));
    document.discountBand = discountBandOf(event.data);
    document.currency = event.data.total.currency;
    document.pieces += share.pieces;
    document.revenueMinor = addMinor(document.revenueMinor, share.revenueMinor);
    document.discountMinor = addMinor(document.discountMinor, share.discountMinor);
    if (share.costMinor === null) return;
    document.costedRevenueMinor = addMinor(document.costedRevenueMinor, share.revenueMinor);
    document.costOfGoodsMinor = addMinor(document.costOfGoodsMinor, share.costMinor);
  } else if (event.type === 'ReturnRecorded') {
    const part = refundsOf(event.data).find(isMine);
    // The refund of an order long ago may be in another currency than the order was: then no line can take it.
    if (!part || (document.currency !== null && document.currency !== event.data.refund.currency)) return;
    document.day ??= dayNumberOf(occurredAtMsOf(event));
    document.currency ??= event.data.refund.currency;
    document.returnedPieces += part.pieces;
    document.refundedMinor = addMinor(document.refundedMinor, part.refundMinor);
    document.returnedCostMinor = addMinor(document.returnedCostMinor, part.costBackMinor);
  }
}

/** Of a customer with one currency its sum; those with several are added up one by one. */
function sumOf(document: ProfitabilityDocument, field: keyof ProfitSums): number {
  if (document.kind === 'service') return 0;
  if (document.kind === 'line')
    return (document as unknown as Record<string, number | undefined>)[field] ?? 0;
  const currency = currencyOf(document);
  return currency === null || currency === MIXED ? 0 : document.money[currency]![field];
}

function currencyOf(document: CustomerProfit): string | null {
  const currencies = Object.keys(document.money);
  return currencies.length === 0 ? null : currencies.length > 1 ? MIXED : currencies[0]!;
}

function joined(a: ProfitabilityDocument, b: ProfitabilityDocument): ProfitabilityDocument {
  if (a.kind === 'customer' && b.kind === 'customer') {
    const money: Record<string, ProfitSums> = {};
    for (const { money: part } of [a, b])
      for (const [currency, sums] of Object.entries(part)) {
        const into = (money[currency] ??= noSums());
        for (const field of Object.keys(sums) as (keyof ProfitSums)[])
          into[field] = addMinor(into[field], sums[field]);
      }
    const activities: CustomerProfit['activities'] = [];
    for (const one of [...a.activities, ...b.activities]) {
      const known = activities.find(
        (other) => other.activity === one.activity && other.currency === one.currency,
      );
      if (known) {
        known.costMinor = addMinor(known.costMinor, one.costMinor);
        known.times += one.times;
      } else activities.push({ ...one });
    }
    return {
      kind: 'customer',
      ...joinedGroup(a, b),
      money,
      activities: activities.slice(0, MAX_ACTIVITIES),
      erased: a.erased || b.erased,
    };
  }
  if (a.kind === 'line' && b.kind === 'line')
    return {
      ...a,
      day: a.day ?? b.day,
      discountBand: a.discountBand ?? b.discountBand,
      currency: a.currency ?? b.currency,
      pieces: a.pieces + b.pieces,
      returnedPieces: a.returnedPieces + b.returnedPieces,
      revenueMinor: addMinor(a.revenueMinor, b.revenueMinor),
      discountMinor: addMinor(a.discountMinor, b.discountMinor),
      refundedMinor: addMinor(a.refundedMinor, b.refundedMinor),
      costedRevenueMinor: addMinor(a.costedRevenueMinor, b.costedRevenueMinor),
      costOfGoodsMinor: addMinor(a.costOfGoodsMinor, b.costOfGoodsMinor),
      returnedCostMinor: addMinor(a.returnedCostMinor, b.returnedCostMinor),
    };
  if (a.kind === 'service' && b.kind === 'service')
    return {
      ...a,
      serviceCostMinor: addMinor(a.serviceCostMinor, b.serviceCostMinor),
      times: a.times + b.times,
    };
  return a;
}
