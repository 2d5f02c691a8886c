import type { CustomerGroup } from '../_parts/customer-group.js';

/** Amounts of one currency, minor units; revenue is without tax and after discount. */
export interface ProfitSums {
  orders: number;
  revenueMinor: number;
  discountMinor: number;
  refundedMinor: number;
  /** Revenue of what the cost is known of, and that cost. */
  costedRevenueMinor: number;
  costOfGoodsMinor: number;
  /** Cost of goods that came back and can be sold again: it is no cost of a sale any more. */
  returnedCostMinor: number;
  /** What serving the customer cost: recorded costs. */
  serviceCostMinor: number;
  /** Paid to make up for a failure: of resolved cases. */
  compensationMinor: number;
  writtenOffMinor: number;
  fraudLossMinor: number;
}

/** What one customer brought and cost. Key: `<customerId>`. */
export interface CustomerProfit extends CustomerGroup {
  kind: 'customer';
  /** By ISO 4217 currency. */
  money: Record<string, ProfitSums>;
  /** Recorded service costs by currency and activity, minor units; the activities named first, at most 30. */
  activities: { currency: string; activity: string; costMinor: number; times: number }[];
  erased: boolean;
}

/** One product of one order. Key: `<customerId>/o/<orderId>/<productId>`; no product where the order does not say. */
export interface LineProfit {
  kind: 'line';
  productId: string | null;
  /** Day of the purchase (days since 1970-01-01 UTC); of the return while the purchase is unknown. */
  day: number | null;
  discountBand: DiscountBand | null;
  currency: string | null;
  pieces: number;
  returnedPieces: number;
  revenueMinor: number;
  discountMinor: number;
  refundedMinor: number;
  costedRevenueMinor: number;
  costOfGoodsMinor: number;
  returnedCostMinor: number;
}

/** Service of one product for one customer in one month. Key: `<customerId>/s/<currency>/<yyyy-mm>/<productId>`. */
export interface ServiceProfit {
  kind: 'service';
  productId: string | null;
  /** First day of the month. */
  day: number | null;
  currency: string | null;
  serviceCostMinor: number;
  times: number;
}

export type ProfitabilityDocument = CustomerProfit | LineProfit | ServiceProfit;

/** Share of the discount in the price before it: none, up to 5 %, 10 %, 20 %, more. */
export const DISCOUNT_BANDS = ['none', 'upTo5', 'upTo10', 'upTo20', 'over20'] as const;
export type DiscountBand = (typeof DISCOUNT_BANDS)[number];

/** What is left, minor units. */
export interface Margin {
  readonly currency: string;
  /** After discount, without tax, less refunds. */
  readonly netRevenueMinor: number;
  readonly revenueMinor: number;
  readonly discountMinor: number;
  readonly refundedMinor: number;
  readonly costOfGoodsMinor: number;
  readonly returnedCostMinor: number;
  /** Of the revenue, 0 to 1: how much of it the cost is known of; null without revenue. */
  readonly costKnownShare: number | null;
  /** Revenue whose cost is unknown × the margin assumed for it. */
  readonly estimatedMarginMinor: number;
  /** Known and estimated margin less refunds, and the cost of what came back and can be sold again (IFRS 15 B21). */
  readonly grossMarginMinor: number;
}

export interface CustomerMargin extends Margin {
  readonly orders: number;
  readonly serviceCostMinor: number;
  readonly compensationMinor: number;
  readonly writtenOffMinor: number;
  readonly fraudLossMinor: number;
  /** Service, compensation, write-offs and fraud. */
  readonly costToServeMinor: number;
  /** Gross margin less cost to serve. */
  readonly contributionMinor: number;
}

export interface CustomerProfitAnswer {
  readonly customerId: string;
  readonly groupCode: string | null;
  readonly regionCode: string | null;
  readonly country: string | null;
  /** Margin assumed where a cost is unknown, 0 to 1. */
  readonly assumedMargin: number;
  readonly currencies: readonly CustomerMargin[];
  /** What the service was spent on, dearest first. */
  readonly serviceCosts: readonly CustomerProfit['activities'][number][];
  readonly erased: boolean;
}

export interface ProfitRow extends CustomerMargin {
  readonly customerId: string;
  readonly groupCode: string | null;
  readonly regionCode: string | null;
}

export interface ProductMargin extends Margin {
  /** null = the order did not say. */
  readonly productId: string | null;
  readonly pieces: number;
  readonly returnedPieces: number;
  /** Of the revenue, 0 to 1; null without revenue. */
  readonly returnRate: number | null;
  readonly serviceCostMinor: number;
  /** Gross margin less the service of the product. */
  readonly contributionMinor: number;
}

export interface BandMargin extends Margin {
  readonly discountBand: DiscountBand | 'unknown';
  readonly lines: number;
}

export interface RegionMargin extends CustomerMargin {
  /** Region, else country; null = neither is known. */
  readonly region: string | null;
  readonly groupCode: string | null;
  readonly customers: number;
}
