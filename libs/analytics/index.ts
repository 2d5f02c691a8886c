export { AnalyticsInputError } from './analytics-input.error.js';
export type { AnalyticsInputCode } from './analytics-input.error.js';
export { DAYS_PER_UNIT, duration, spanIn } from './time-unit.js';
export type { Days, Duration, TimeSpan, TimeUnit, Weeks } from './time-unit.js';
export { MAX_REPEAT_DAYS, purchaseDays, purchaseSummary, summarisePurchases } from './purchase-summary.js';
export type { CustomerSummary, PurchaseDay, PurchaseSummary, Transaction } from './purchase-summary.js';
export { tabulateSummaries } from './summary-table.js';
export type { SummaryTable } from './summary-table.js';
export { fitBgNbd } from './bg-nbd.js';
export { fitMbgNbd } from './mbg-nbd.js';
export { fitPurchaseModel, MIN_REPEATERS_FOR_A_MODEL } from './beta-geometric/fit.js';
export type {
  PurchaseFit,
  PurchaseFitStatus,
  PurchaseModel,
  PurchaseModelName,
  PurchaseParameters,
} from './beta-geometric/purchase-model.js';
export {
  dropoutLogOdds,
  expectedPurchases,
  expectedPurchasesOfNewCustomer,
  logLikelihood,
  medianWaitIfAlive,
  probabilityAlive,
  probabilityOfPurchases,
} from './beta-geometric/scores.js';
export { scoreMany } from './score-many.js';
export type { ScoreColumns } from './score-many.js';
export { expectedMeanSpendMinor, fitGammaGamma, spendCorrelation } from './gamma-gamma.js';
export type { SpendFit, SpendModel, SpendParameters, SpendSummary } from './gamma-gamma.js';
export { annualDiscountRate, annualDiscountRateFromMonthly, continuousDiscountRate } from './discount.js';
export type { AnnualDiscountRate } from './discount.js';
export { lifetimeValue, MONTH_OF_4_345_WEEKS, MONTHLY, WEEKLY, YEARLY } from './lifetime-value.js';
export type { Horizon, LifetimeValue, LifetimeValueSettings, Period } from './lifetime-value.js';
export { cadence, MIN_GAPS } from './cadence.js';
export type { Cadence } from './cadence.js';
export { notModelledBand, OVERDUE_LIMITS, rfmBreakpoints, rfmScore } from './rfm.js';
export type { NotModelledBand, RfmBreakpoints, RfmCustomer, RfmScore, RiskBand } from './rfm.js';
export { differenceOfProportions } from './difference-of-proportions.js';
export type { DifferenceOfProportions, Proportion } from './difference-of-proportions.js';
export { nextOrderByCadence, nextOrderByModel } from './next-order.js';
export type { NextOrder } from './next-order.js';
export { customerValueFields, NEXT_365_DAYS } from './customer-value-fields.js';
export type { CustomerValueFields, ValueModels } from './customer-value-fields.js';
export { churnScore, defaultDriverWeights } from './churn-score.js';
export type {
  ChurnBaseline,
  ChurnDriver,
  ChurnDriverName,
  ChurnScore,
  ChurnScoreInput,
  ChurnSignals,
  DriverWeights,
} from './churn-score.js';
export { fitRenewals, renewalSurvival, retentionRate } from './renewal-survival.js';
export type { RenewalFit, RenewalModel } from './renewal-survival.js';
