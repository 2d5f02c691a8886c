import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { groupAnew, groupAsRegistered, joinedGroup, noGroup } from '../_parts/customer-group.js';
import { ownerOf } from '../_parts/owner.js';
import type {
  ClientRow,
  TradeSums,
  TransactionDocument,
  TransactionKind,
  TransactionRow,
} from './transaction-history.model.js';
import { clients, history } from './transaction-history.queries.js';

const KIND_OF = {
  PurchaseRecorded: 'purchase',
  ReturnRecorded: 'return',
  InvoiceIssued: 'invoice',
  PaymentReceived: 'payment',
  PaymentFailed: 'paymentFailure',
  WrittenOff: 'writeOff',
  ContractSigned: 'contract',
  ContractRenewed: 'renewal',
} as const satisfies Readonly<Record<string, TransactionKind>>;
type TransactionType = keyof typeof KIND_OF;

const EVENTS = [
  ...(Object.keys(KIND_OF) as TransactionType[]),
  'CustomerRegistered',
  'CustomerGrouped',
  'CustomerErased',
] as const;
type TransactionEvent = EventFor<(typeof EVENTS)[number]>;

const MAX_PRODUCTS = 20;
/** Sum that a kind adds to. */
const SUM_OF: Partial<Record<TransactionKind, keyof TradeSums>> = {
  purchase: 'boughtMinor',
  return: 'refundedMinor',
  invoice: 'invoicedMinor',
  payment: 'paidMinor',
};

const isTransaction = (event: TransactionEvent): event is EventFor<TransactionType> => event.type in KIND_OF;

/** What did a client buy, give back, owe and pay, and which institutions trade with us? (S13) */
export const transactionHistory: ProjectionDefinition<TransactionDocument, (typeof EVENTS)[number]> = {
  name: 'transaction-history',
  version: 1,
  question: 'What did a client buy, give back, owe and pay, and which institutions trade with us?',
  events: EVENTS,
  keys: (event) => {
    const owner = ownerOf(event);
    return isTransaction(event) ? [owner, `${owner}/${event.eventId}`] : [owner];
  },
  initial: (key) => (key.includes('/') ? newTransaction() : newClient()),
  evolve: (document, event) => {
    if (document.kind === 'client') applyToClient(document, event);
    else if (isTransaction(event)) Object.assign(document, transactionOf(event));
    return document;
  },
  sortedBy: ['lastAtMs'],
  indexes: {
    kind: (document) => document.kind,
    what: (document) => (document.kind === 'transaction' ? document.what : null),
    atMs: (document) => (document.kind === 'transaction' ? document.atMs : null),
    sourceSeq: (document) => (document.kind === 'transaction' ? document.sourceSeq : null),
    groupCode: (document) => (document.kind === 'client' ? document.groupCode : null),
    lastAtMs: (document) => (document.kind === 'client' ? document.lastAtMs : null),
  },
  combine: (documents) => documents.reduce(joined),
  queries: [history, clients],
};

const newClient = (): ClientRow => ({
  kind: 'client',
  ...noGroup(),
  transactions: 0,
  firstAtMs: null,
  lastAtMs: null,
  money: {},
  erased: false,
});

const newTransaction = (): TransactionRow => ({
  kind: 'transaction',
  what: null,
  atMs: 0,
  sourceSeq: 0,
  channel: 'external',
  reference: '',
  amountMinor: null,
  currency: null,
  productIds: [],
  reasonCode: null,
});

function transactionOf(event: EventFor<TransactionType>): TransactionRow {
  const money = moneyOf(event);
  return {
    kind: 'transaction',
    what: KIND_OF[event.type],
    atMs: occurredAtMsOf(event),
    sourceSeq: event.metadata.sourceSeq ?? 0,
    channel: event.metadata.channel,
    reference: referenceOf(event),
    amountMinor: money?.amountMinor ?? null,
    currency: money?.currency ?? null,
    productIds: productsOf(event),
    reasonCode: 'reasonCode' in event.data ? event.data.reasonCode : null,
  };
}

function moneyOf({
  type,
  data,
}: EventFor<TransactionType>): { amountMinor: number; currency: string } | undefined {
  switch (type) {
    case 'PurchaseRecorded':
      return data.total;
    case 'ReturnRecorded':
      return data.refund;
    case 'ContractSigned':
      return data.recurring;
    case 'ContractRenewed':
    case 'PaymentFailed':
      return undefined;
    default:
      return data.amount;
  }
}

function referenceOf({ data }: EventFor<TransactionType>): string {
  if ('orderId' in data) return data.orderId;
  return 'invoiceId' in data ? data.invoiceId : data.contractId;
}

function productsOf({ type, data }: EventFor<TransactionType>): string[] {
  if (type === 'ContractSigned') return [data.productId];
  if (type !== 'PurchaseRecorded' && type !== 'ReturnRecorded') return [];
  return [...new Set((data.lines ?? []).map((line) => line.productId))].slice(0, MAX_PRODUCTS);
}

function applyToClient(client: ClientRow, event: TransactionEvent): void {
  if (isTransaction(event)) {
    const atMs = occurredAtMsOf(event);
    client.transactions += 1;
    client.firstAtMs = Math.min(client.firstAtMs ?? atMs, atMs);
    client.lastAtMs = Math.max(client.lastAtMs ?? atMs, atMs);
    const field = SUM_OF[KIND_OF[event.type]];
    const money = moneyOf(event);
    if (field === undefined || money === undefined) return;
    const sums = (client.money[money.currency] ??= nothing());
    sums[field] = addMinor(sums[field], money.amountMinor);
    return;
  }
  switch (event.type) {
    case 'CustomerRegistered':
      return groupAsRegistered(client, event.data);
    case 'CustomerGrouped':
      return groupAnew(client, event.data);
    case 'CustomerErased':
      client.erased = true;
      return;
  }
}

const nothing = (): TradeSums => ({ boughtMinor: 0, refundedMinor: 0, invoicedMinor: 0, paidMinor: 0 });

function joined(a: TransactionDocument, b: TransactionDocument): TransactionDocument {
  if (a.kind !== 'client' || b.kind !== 'client') return a;
  const money: ClientRow['money'] = {};
  for (const part of [a.money, b.money])
    for (const [currency, sums] of Object.entries(part)) {
      const into = (money[currency] ??= nothing());
      for (const field of Object.keys(into) as (keyof TradeSums)[])
        into[field] = addMinor(into[field], sums[field]);
    }
  const times = [a.firstAtMs, b.firstAtMs, a.lastAtMs, b.lastAtMs].filter((at) => at !== null);
  return {
    kind: 'client',
    ...joinedGroup(a, b),
    transactions: a.transactions + b.transactions,
    firstAtMs: times.length === 0 ? null : Math.min(...times),
    lastAtMs: times.length === 0 ? null : Math.max(...times),
    money,
    erased: a.erased || b.erased,
  };
}
