/*
 * The only list of projections: one line each. `npm run new:projection -- <name>` adds one. An entry is a definition, or a
 * function that makes one from what the app injects.
 */
export { customer360 } from './customer-360/customer-360.projection.js';
export { contactHistory } from './contact-history/contact-history.projection.js';
export { relationshipFunnel } from './relationship-funnel/relationship-funnel.projection.js';
export { lifetimeValue } from './lifetime-value/lifetime-value.projection.js';
export { churnRisk } from './churn-risk/churn-risk.projection.js';
export { accountPortfolio } from './account-portfolio/account-portfolio.projection.js';
export { customerClasses } from './customer-classes/customer-classes.projection.js';
export { dataQuality } from './data-quality/data-quality.projection.js';
export { strategicAccounts } from './strategic-accounts/strategic-accounts.projection.js';
export { portfolioHandOvers } from './portfolio-hand-overs/portfolio-hand-overs.projection.js';
export { dueReviewsFrom } from './due-reviews/due-reviews.projection.js';
export { serviceQuality } from './service-quality/service-quality.projection.js';
export { agenda } from './agenda/agenda.projection.js';
export { needs } from './needs/needs.projection.js';
export { promises } from './promises/promises.projection.js';
export { channelActivity } from './channel-activity/channel-activity.projection.js';
export { valuePillars } from './value-pillars/value-pillars.projection.js';
export { processResults } from './process-results/process-results.projection.js';
export { encounterQuality } from './encounter-quality/encounter-quality.projection.js';
export { journeys } from './journeys/journeys.projection.js';
export { loyalty } from './loyalty/loyalty.projection.js';
export { profitability } from './profitability/profitability.projection.js';
export { shareOfWallet } from './share-of-wallet/share-of-wallet.projection.js';
export { riskAndFraud } from './risk-and-fraud/risk-and-fraud.projection.js';
export { contractBook } from './contract-book/contract-book.projection.js';
export { transactionHistory } from './transaction-history/transaction-history.projection.js';
export { privacyRequests } from './privacy-requests/privacy-requests.projection.js';
export { nextBestActionFrom } from './next-best-action/next-best-action.projection.js';
export { salesPipeline } from './sales-pipeline/sales-pipeline.projection.js';
export { campaignResults } from './campaign-results/campaign-results.projection.js';
export { crmGoals } from './crm-goals/crm-goals.projection.js';
export { productHoldings } from './product-holdings/product-holdings.projection.js';
export { identity } from './identity/identity.projection.js';
export { decisions } from './decisions/decisions.projection.js';
