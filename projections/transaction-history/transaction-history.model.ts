import type { CustomerGroup } from '../_parts/customer-group.js';

export const TRANSACTION_KINDS = [
  'purchase', 'return', 'invoice', 'payment', 'paymentFailure', 'writeOff', 'contract', 'renewal',
] as const; // prettier-ignore
export type TransactionKind = (typeof TRANSACTION_KINDS)[number];

export interface TradeSums {
  /** Minor units. */
  boughtMinor: number;
  refundedMinor: number;
  invoicedMinor: number;
  paidMinor: number;
}

/** Somebody who trades with us. Key: `<customerId>`. */
export interface ClientRow extends CustomerGroup {
  kind: 'client';
  transactions: number;
  /** Business time, epoch ms; null = none yet. */
  firstAtMs: number | null;
  lastAtMs: number | null;
  /** By ISO 4217 currency. */
  money: Record<string, TradeSums>;
  erased: boolean;
}

/** One transaction. Key: `<customerId>/<eventId>`. */
export interface TransactionRow {
  kind: 'transaction';
  what: TransactionKind | null;
  atMs: number;
  sourceSeq: number;
  channel: string;
  /** Order, invoice or contract. */
  reference: string;
  /** Minor units; null where nothing was moved. */
  amountMinor: number | null;
  currency: string | null;
  /** Products of an order or contract, at most 20. */
  productIds: string[];
  reasonCode: string | null;
}

export type TransactionDocument = ClientRow | TransactionRow;

export interface TransactionAnswer {
  readonly eventId: string;
  readonly what: TransactionKind;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly channel: string;
  readonly reference: string;
  readonly amount: { readonly amountMinor: number; readonly currency: string } | null;
  readonly productIds: readonly string[];
  readonly reasonCode: string | null;
}

export interface ClientAnswer {
  readonly customerId: string;
  readonly groupCode: string | null;
  readonly activityType: string | null;
  readonly regionCode: string | null;
  readonly country: string | null;
  readonly transactions: number;
  /** ISO-8601 UTC. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly currencies: readonly (TradeSums & { readonly currency: string })[];
  readonly erased: boolean;
}
