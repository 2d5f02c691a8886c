export { projectionsWith } from './projections-with.js';
export type { ProjectionDependencies } from './projections-with.js';
export * from './registry.js';
export { dueReviewsProjection } from './due-reviews/due-reviews.projection.js';
export type { DueReview, DueReviewDocument, RelationshipFunctions } from './due-reviews/due-reviews.model.js';
export { PROCESS_METRICS } from './process-results/process-results.model.js';
export { customerAnswerOf, withoutRemovedIdentifiers } from './customer-360/customer-360.queries.js';
export type { Customer360Answer } from './customer-360/customer-360.queries.js';
export type { PortfolioHandOversDocument } from './portfolio-hand-overs/portfolio-hand-overs.model.js';
export type { IdentityDocument, MatchRow, MergeRow } from './identity/identity.model.js';
export type { Customer360 } from './customer-360/customer-360.model.js';
export type { ContactHistoryEntry, ContactHistoryRow } from './contact-history/contact-history.model.js';
export type {
  FunnelAnswer,
  FunnelCohort,
  RelationshipFunnelDocument,
  StageMember,
} from './relationship-funnel/relationship-funnel.model.js';
export {
  collectSummaries,
  documentSummary,
  lifetimeValueOf,
} from './lifetime-value/lifetime-value.queries.js';
export type { DocumentSummary, FitInput } from './lifetime-value/lifetime-value.queries.js';
export type {
  LifetimeValueAnswer,
  LifetimeValueDocument,
  SummaryRow,
  ValueTotalsAnswer,
} from './lifetime-value/lifetime-value.model.js';
export { recencyCutsOf, riskScoreRow } from './churn-risk/churn-risk.queries.js';
export type { CustomersAtRisk } from './churn-risk/churn-risk.queries.js';
export { riskScoreRowOf, scoreCustomer } from './churn-risk/risk-score.js';
export type { RecencyCuts, RiskContext } from './churn-risk/risk-score.js';
export type {
  ChurnRiskAnswer,
  ChurnRiskDocument,
  CustomerAtRisk,
  RiskScore,
  RiskScoreRow,
} from './churn-risk/churn-risk.model.js';
