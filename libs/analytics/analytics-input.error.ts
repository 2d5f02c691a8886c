/**
 * Why the library refused an input. Codes are stable; the message names the offending value.
 *
 * - `ANALYTICS_BAD_TRANSACTION`, `ANALYTICS_BAD_SUMMARY`, `ANALYTICS_BAD_SPEND`: a customer's figures are impossible.
 * - `ANALYTICS_BAD_TIME_SPAN`, `ANALYTICS_BAD_HORIZON`, `ANALYTICS_BAD_DISCOUNT`, `ANALYTICS_BAD_MARGIN`: a setting is out of range.
 * - `ANALYTICS_TIME_UNIT_MISMATCH`, `ANALYTICS_MONEY_UNIT_MISMATCH`: a fit in one unit met figures in another.
 * - `ANALYTICS_BAD_PARAMETERS`: model parameters are not finite and positive.
 * - `ANALYTICS_FIT_NOT_CONVERGED`: a fit whose status is not `converged` was used for scoring.
 * - `ANALYTICS_NO_CUSTOMERS`: nothing to fit or to rank.
 * - `ANALYTICS_MEAN_SPEND_UNDEFINED`: the spend model has no finite mean for this customer (q <= 1 and no repeat).
 * - `ANALYTICS_BAD_PROPORTION`: a rate is not a count of a positive count.
 * - `ANALYTICS_BAD_PROBABILITY`, `ANALYTICS_BAD_SIGNAL`: a churn input is out of range.
 */
export type AnalyticsInputCode =
  | 'ANALYTICS_BAD_TRANSACTION'
  | 'ANALYTICS_BAD_SUMMARY'
  | 'ANALYTICS_BAD_SPEND'
  | 'ANALYTICS_BAD_TIME_SPAN'
  | 'ANALYTICS_BAD_HORIZON'
  | 'ANALYTICS_BAD_DISCOUNT'
  | 'ANALYTICS_BAD_MARGIN'
  | 'ANALYTICS_TIME_UNIT_MISMATCH'
  | 'ANALYTICS_MONEY_UNIT_MISMATCH'
  | 'ANALYTICS_BAD_PARAMETERS'
  | 'ANALYTICS_FIT_NOT_CONVERGED'
  | 'ANALYTICS_NO_CUSTOMERS'
  | 'ANALYTICS_MEAN_SPEND_UNDEFINED'
  | 'ANALYTICS_BAD_PROPORTION'
  | 'ANALYTICS_BAD_PROBABILITY'
  | 'ANALYTICS_BAD_SIGNAL';

/** An input the mathematics cannot answer for. Branch on `code`, show `message`. */
export class AnalyticsInputError extends Error {
  override readonly name = 'AnalyticsInputError';

  constructor(
    readonly code: AnalyticsInputCode,
    message: string,
  ) {
    super(message);
  }
}
