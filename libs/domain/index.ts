export * from './customer/customer.commands.js';
export {
  businessClockMs,
  customerDecider,
  decideCustomer,
  dueReviewFold,
  stageOf,
} from './customer/customer.decider.js';
export type { CustomerDecision } from './customer/customer.decider.js';
export type { DecisionContext, GivenContext } from './customer/draft.js';
export type { CustomerState } from './customer/customer.state.js';
export { accountManagerDecider, decideAccountManager } from './portfolio/portfolio.decider.js';
export type { AccountManagerCommand, AccountManagerState } from './portfolio/portfolio.decider.js';
export { nextReviewAtMs } from './customer/relationship/relationship.rules.js';
export { rulesBehind } from './customer/explain-decision.js';
export type { ExplainedRule } from './customer/explain-decision.js';
export type { ExplainedCondition } from './rule-book/explain-condition.js';
export { nextBestActions } from './customer/next-best-action.js';
export type { NextBestActions, OfferExperience } from './customer/next-best-action.js';
export { referencesNamedBy } from './customer/references.rules.js';
export type { NamedReferences } from './customer/references.rules.js';
export { survivorFor } from './customer/identity/identity.decider.js';
export { joinStates } from './customer/identity/join-states.js';
export { identityDecider } from './identity/identity.decider.js';
export type { ClusterState, IdentityCommand, MergeState, MergeStatus } from './identity/identity.decider.js';
export { kindOfOffer } from './customer/sales/offer.rules.js';
export { crmGoalsDecider } from './crm-goals/crm-goals.decider.js';
export type { CrmGoalsCommand, CrmGoalsState } from './crm-goals/crm-goals.decider.js';
export { campaignDecider, campaignReferenceOf } from './campaign/campaign.decider.js';
export type { CampaignCommand, CampaignState } from './campaign/campaign.decider.js';
export { isHeldOut, variantFor } from './campaign/campaign-assignment.js';
export { productDecider, productReferenceOf } from './product/product.decider.js';
export type { ProductCommand, ProductState } from './product/product.decider.js';
export { ALLOWED_MOVES } from './rule-book/rule-book.js';
export type { CustomerClass, RuleBook, Worth } from './rule-book/rule-book.js';
export { nextRuleChangeMs, ruleBookAt, timelineOf } from './rule-book/rules-in-force.js';
export type { BookInForce, RuleBookTimeline, RulesInForce } from './rule-book/rules-in-force.js';
export { FIRST_EFFECTIVE_FROM, ruleBookDecider } from './rule-book/rule-book.decider.js';
export type { PublishRuleBook, RuleBookCommand, RuleBookState } from './rule-book/rule-book.decider.js';
export { RuleBookError } from './rule-book/rule-book.error.js';
export { RuleBookSchema, ConditionSchema } from './rule-book/rule-book.schema.js';
export type { RuleBookDocument } from './rule-book/rule-book.schema.js';
export {
  compileRuleBook,
  defaultRuleBookDocument,
  loadDefaultRuleBook,
} from './rule-book/rule-book.loader.js';
export { PREDICATES } from './rule-book/predicates/registry.js';
export type { Predicate, RelationshipView, Subject, Way } from './rule-book/predicates/predicate.js';
