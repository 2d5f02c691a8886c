import type { ModelRun, ValueTerms } from '@rapport/projection-engine';
import type { NotModelledReason } from '../_parts/customer-value.js';
import type { PurchaseLedger } from '../_parts/purchase-days.js';

/** What a customer bought, day by day: everything value is computed from. Key: `<customerId>`. */
export interface LifetimeValueDocument {
  roles: string[];
  groupCode: string | null;
  /** Purchases and refunds by currency and customer-day. */
  ledger: PurchaseLedger;
  /** The person was forgotten; the figures stay. */
  erased: boolean;
}

/** The fit a figure rests on. */
export interface ModelReference {
  readonly model: ModelRun['model'];
  readonly modelRunId: string;
  /** Unit of time of the parameters. */
  readonly timeUnit: ModelRun['timeUnit'];
  /** Facts up to this business time were used (ISO-8601 UTC). */
  readonly cutoff: string;
}

/** What every value figure is stated in. */
export interface StatedTerms extends ValueTerms {
  /** ISO-8601 UTC. */
  readonly asOf: string;
  readonly purchaseModel: ModelReference | null;
  readonly spendModel: (ModelReference & { readonly currency: string }) | null;
}

/** Amounts of one currency, minor units, rounded; an order is a day with a purchase. */
export interface CurrencyValueAnswer {
  readonly currency: string;
  /** Purchases less refunds so far. */
  readonly historicRevenueMinor: number;
  /** Margin on it: historic_clv. */
  readonly historicClvMinor: number;
  /** Expected discounted margin within the horizon: predicted_clv; null = not modelled. */
  readonly predictedClvMinor: number | null;
  /** Both together: total_clv; null = not modelled. */
  readonly totalClvMinor: number | null;
  readonly numberOfOrders: number;
  /** Revenue per order: average_order_value; null without an order. */
  readonly averageOrderValueMinor: number | null;
  /** Expected revenue per further order; null = not modelled. */
  readonly expectedOrderValueMinor: number | null;
  readonly notModelledReason?: NotModelledReason;
}

export interface LifetimeValueAnswer {
  readonly customerId: string;
  /**
   * `modelled`: a fit speaks for the customer; `notModelled`: only the past is known, `reason` says why;
   * `notApplicable`: the customer has no role that buys and never bought.
   */
  readonly status: 'modelled' | 'notModelled' | 'notApplicable';
  readonly reason?: NotModelledReason | 'roleDoesNotBuy';
  readonly terms: StatedTerms;
  readonly groupCode: string | null;
  readonly historicNumberOfOrders: number;
  /** Orders expected within the horizon; null = not modelled. */
  readonly predictedNumberOfOrders: number | null;
  /** null with fewer than two orders. */
  readonly averageDaysBetweenOrders: number | null;
  /** 1 - P(alive), 0 to 1; null = not modelled. */
  readonly churnProbability: number | null;
  /** yyyy-mm-dd; null when neither a model nor the customer's own rhythm tells. */
  readonly expectedDateOfNextOrder: string | null;
  readonly expectedDateBasis: 'model' | 'ownCadence' | null;
  /** yyyy-mm-dd. */
  readonly firstOrderDate: string | null;
  readonly lastOrderDate: string | null;
  readonly currencies: readonly CurrencyValueAnswer[];
  readonly erased: boolean;
}

/** One customer as the purchase models see them at a cut-off. */
export interface SummaryRow {
  readonly customerId: string;
  /** Purchase days after the first. */
  readonly x: number;
  /** From the first to the last purchase day, in the time unit asked for. */
  readonly tX: number;
  /** From the first purchase day to the cut-off, in the time unit asked for. */
  readonly T: number;
  /** Repeat purchase days in the currency asked for, and their mean net amount; null without one. */
  readonly spendX: number;
  readonly meanRepeatSpendMinor: number | null;
}

/** Value of one currency and customer group. */
export interface ValueTotal {
  readonly currency: string;
  readonly groupCode: string | null;
  readonly customers: number;
  /** Purchases less refunds so far, minor units. */
  readonly historicRevenueMinor: number;
  readonly historicClvMinor: number;
  readonly numberOfOrders: number;
  /** Sum over the customers a model speaks for, and how many they are; absent unless asked for. */
  readonly predictedClvMinor?: number;
  readonly customersModelled?: number;
}

export interface ValueTotalsAnswer {
  readonly terms: StatedTerms;
  readonly totals: readonly ValueTotal[];
}
