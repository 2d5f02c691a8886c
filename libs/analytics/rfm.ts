import { AnalyticsInputError } from './analytics-input.error.js';

/** What RFM ranks a customer by. */
export interface RfmCustomer {
  /** Days from the last purchase to the as-of day. */
  readonly recencyDays: number;
  /** Purchase days in all, the first included. */
  readonly frequency: number;
  /** Net value in minor units. */
  readonly monetaryMinor: number;
}

/** Four rising cut values each; a customer's quintile is one more than the cuts that lie below their value. */
export interface RfmBreakpoints {
  readonly recencyDays: readonly [number, number, number, number];
  readonly frequency: readonly [number, number, number, number];
  readonly monetaryMinor: readonly [number, number, number, number];
  /** Customers the cuts were taken from. */
  readonly customers: number;
}

/** Quintiles 1 to 5; 5 is best in all three (for recency: bought most recently). */
export interface RfmScore {
  readonly recency: number;
  readonly frequency: number;
  readonly monetary: number;
  /** The three digits, most recent and best first customers `555`. */
  readonly cell: string;
}

export type RiskBand = 'low' | 'medium' | 'high';

/** A band for a customer no model speaks for; never a probability. */
export interface NotModelledBand {
  readonly modelled: false;
  readonly band: RiskBand;
  /** Whether the customer's own rhythm decided, or their rank among all for want of one. */
  readonly basis: 'ownCadence' | 'recencyQuintile';
}

/**
 * Where do the quintiles of these customers lie? The cut k is the smallest value with at least k fifths of the
 * customers at or below it, so equal customers always share a quintile. Throws `ANALYTICS_NO_CUSTOMERS` and
 * `ANALYTICS_BAD_SUMMARY`.
 */
export function rfmBreakpoints(customers: readonly RfmCustomer[]): RfmBreakpoints {
  if (customers.length === 0)
    throw new AnalyticsInputError('ANALYTICS_NO_CUSTOMERS', 'there is no customer to rank');
  customers.forEach(assertRfmCustomer);
  const cuts = (valueOf: (customer: RfmCustomer) => number): [number, number, number, number] => {
    const sorted = Float64Array.from(customers, valueOf).sort();
    const cut = (fifths: number) => sorted[Math.ceil((fifths * sorted.length) / 5) - 1]!;
    return [cut(1), cut(2), cut(3), cut(4)];
  };
  return {
    recencyDays: cuts((customer) => customer.recencyDays),
    frequency: cuts((customer) => customer.frequency),
    monetaryMinor: cuts((customer) => customer.monetaryMinor),
    customers: customers.length,
  };
}

/** In which fifth is this customer, by recency, frequency and money? Throws `ANALYTICS_BAD_SUMMARY`. */
export function rfmScore(customer: RfmCustomer, breakpoints: RfmBreakpoints): RfmScore {
  assertRfmCustomer(customer);
  const quintile = (value: number, cuts: readonly number[]) => 1 + cuts.filter((cut) => cut < value).length;
  const recency = 6 - quintile(customer.recencyDays, breakpoints.recencyDays);
  const frequency = quintile(customer.frequency, breakpoints.frequency);
  const monetary = quintile(customer.monetaryMinor, breakpoints.monetaryMinor);
  return { recency, frequency, monetary, cell: `${recency}${frequency}${monetary}` };
}

/** Own-cadence limits of the bands: due, and long overdue (guard G3: more than three times the median gap). */
export const OVERDUE_LIMITS = { medium: 1.5, high: 3 } as const;

/**
 * How much at risk is a customer no model speaks for? By their own rhythm where it is known (`overdueRatio` from
 * `cadence`), else by the recency quintile: 5 and 4 low, 3 and 2 medium, 1 high.
 * Throws `ANALYTICS_BAD_SUMMARY`.
 */
export function notModelledBand(
  score: Pick<RfmScore, 'recency'>,
  overdueRatio: number | null,
): NotModelledBand {
  if (overdueRatio !== null) {
    if (!(overdueRatio >= 0 && overdueRatio < Infinity))
      throw new AnalyticsInputError(
        'ANALYTICS_BAD_SUMMARY',
        `an overdue ratio is finite and >= 0, not ${overdueRatio}`,
      );
    const band =
      overdueRatio > OVERDUE_LIMITS.high ? 'high' : overdueRatio > OVERDUE_LIMITS.medium ? 'medium' : 'low';
    return { modelled: false, band, basis: 'ownCadence' };
  }
  const { recency } = score;
  if (![1, 2, 3, 4, 5].includes(recency))
    throw new AnalyticsInputError('ANALYTICS_BAD_SUMMARY', `a quintile is 1 to 5, not ${recency}`);
  return {
    modelled: false,
    band: recency >= 4 ? 'low' : recency >= 2 ? 'medium' : 'high',
    basis: 'recencyQuintile',
  };
}

function assertRfmCustomer({ recencyDays, frequency, monetaryMinor }: RfmCustomer): void {
  const possible =
    recencyDays >= 0 &&
    recencyDays < Infinity &&
    Number.isInteger(frequency) &&
    frequency >= 1 &&
    Number.isFinite(monetaryMinor);
  if (!possible)
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_SUMMARY',
      `needs recencyDays >= 0, a whole frequency >= 1 and a finite amount; got ${recencyDays}, ${frequency}, ${monetaryMinor}`,
    );
}
