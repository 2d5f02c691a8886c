import { fitPurchaseModel } from './beta-geometric/fit.js';
import type { PurchaseFit } from './beta-geometric/purchase-model.js';
import type { SummaryTable } from './summary-table.js';
import type { TimeUnit } from './time-unit.js';

/**
 * Which BG/NBD parameters make these customers' histories most probable?
 *
 * Assumptions: purchases of a living customer are Poisson; rates are gamma(r, alpha) over customers; after each REPEAT
 * purchase the customer drops out with a probability that is beta(a, b) over customers; all independent. A customer
 * without a repeat is alive for certain, so the model compares with the literature but is unfit for churn.
 * Parameters: r, a, b without unit; alpha in the table's unit. Discounted residual transactions are not derived.
 * Source: Fader, Hardie & Lee 2005, Marketing Science 24(2), 275-284; likelihood as in Hardie, note 027.
 * Look at `status` before using the parameters. Throws `ANALYTICS_NO_CUSTOMERS`, `ANALYTICS_BAD_SUMMARY`.
 */
export function fitBgNbd<U extends TimeUnit>(table: SummaryTable<U>): PurchaseFit<U> {
  return fitPurchaseModel('bgNbd', table);
}
