import type { Cadence } from './cadence.js';
import { medianWaitIfAlive, probabilityAlive } from './beta-geometric/scores.js';
import type { PurchaseModel } from './beta-geometric/purchase-model.js';
import type { CustomerSummary } from './purchase-summary.js';
import { DAYS_PER_UNIT } from './time-unit.js';
import type { TimeUnit } from './time-unit.js';

/** When the next order is expected, as a day number, and what the expectation rests on. */
export interface NextOrder {
  readonly dayNumber: number;
  /** `model`: half of such customers, if alive, order by then. `ownCadence`: last order plus own median gap. */
  readonly basis: 'model' | 'ownCadence';
  /** The day lies before the as-of day: by their own rhythm the order is late. Never so with a model. */
  readonly overdue: boolean;
  /** Probability that there will be a next order at all; null without a model. */
  readonly pAlive: number | null;
}

/**
 * By which day is a customer who still buys as likely as not to have ordered again? The median wait, because the
 * mean is infinite for many one-time buyers; fractions of a day count as the whole day.
 * Throws as `probabilityAlive`.
 */
export function nextOrderByModel<U extends TimeUnit>(
  model: PurchaseModel<U>,
  customer: CustomerSummary<NoInfer<U>>,
): NextOrder {
  const waitDays = medianWaitIfAlive(model, customer) * DAYS_PER_UNIT[model.timeUnit];
  return {
    dayNumber: customer.asOfDayNumber + Math.ceil(waitDays),
    basis: 'model',
    overdue: false,
    pAlive: probabilityAlive(model, customer),
  };
}

/** When would the customer order by their own rhythm? Null while fewer than three gaps are known. */
export function nextOrderByCadence(rhythm: Cadence, asOfDayNumber: number): NextOrder | null {
  if (rhythm.medianGapDays === null) return null;
  const dayNumber = asOfDayNumber - rhythm.daysSinceLast + Math.ceil(rhythm.medianGapDays);
  return { dayNumber, basis: 'ownCadence', overdue: dayNumber < asOfDayNumber, pAlive: null };
}
