import { fitPurchaseModel } from './beta-geometric/fit.js';
import type { PurchaseFit } from './beta-geometric/purchase-model.js';
import type { SummaryTable } from './summary-table.js';
import type { TimeUnit } from './time-unit.js';

/**
 * Which MBG/NBD parameters make these customers' histories most probable? The default model.
 *
 * Assumptions: as BG/NBD, except that a customer may also drop out right after the FIRST purchase; so P(alive) of a
 * one-time buyer falls with silence, as a churn figure must.
 * Parameters: r, a, b without unit; alpha in the table's unit.
 * Source: Batislam, Denizel & Filiztekin 2007, IJRM 24(3), 201-209; Hoppe & Wagner 2007.
 * Look at `status` before using the parameters. Throws `ANALYTICS_NO_CUSTOMERS`, `ANALYTICS_BAD_SUMMARY`.
 */
export function fitMbgNbd<U extends TimeUnit>(table: SummaryTable<U>): PurchaseFit<U> {
  return fitPurchaseModel('mbgNbd', table);
}
