import type { ChurnDriverName, RiskBand } from '@rapport/analytics';
import type { Stage } from '@rapport/contracts';
import type { ValueTerms } from '@rapport/projection-engine';
import type { Stamp } from '../_parts/business-order.js';
import type { PurchaseLedger } from '../_parts/purchase-days.js';

export interface ComplaintOnFile {
  caseId: string;
  /** 1 worst … 4 least. */
  severity: 1 | 2 | 3 | 4;
  openedAtMs: number;
  slaDueAtMs: number;
  /** resolved = we say so, the customer has not yet; done = accepted or closed. */
  status: 'open' | 'resolved' | 'done';
}

export interface ContractOnFile {
  contractId: string;
  /** Day numbers (days since 1970-01-01 UTC); null = open-ended. */
  startDay: number;
  endDay: number | null;
  autoRenew: boolean;
  /** Notice was given: the last day, and who gave it. */
  notice: { effectiveDay: number; byCustomer: boolean } | null;
  /** The contract reached its end. */
  expiredDay: number | null;
  /** Recurring revenue of a period, minor units; null when the contract does not say. */
  recurring: { amountMinor: number; currency: string } | null;
  periodMonths: number;
}

/** What the risk of losing a customer is computed from. Key: `<customerId>`. */
export interface ChurnRiskDocument {
  roles: string[];
  stage: Stage;
  /** Purchases and refunds by currency and customer-day. */
  ledger: PurchaseLedger;
  /**
   * Touches the customer began, counted by periods of 30 days since 1970-01-01 UTC: `[period, count, period, count …]`,
   * sorted, the latest 12 periods that have any.
   */
  contacts: number[];
  /** Open ones, and the last 20 that are done (they may be reopened). */
  complaints: ComplaintOnFile[];
  /** Invoices in default that was not made good. */
  defaults: string[];
  /** The latest 20 by start. */
  contracts: ContractOnFile[];
  /** Latest answer by business time. */
  nps: (Stamp & { score: number }) | null;
  erased: boolean;
}

export type SuggestedAction =
  | 'saveOffer'
  | 'resolveComplaint'
  | 'arrangePayment'
  | 'offerRenewal'
  | 'callBack'
  | 'restoreContact'
  | 'reactivate'
  | 'none';

export interface RiskDriver {
  readonly name: ChurnDriverName;
  /** Difference in log-odds against the baseline; all of them and the baseline sum to the score. */
  readonly contribution: number;
  /** The signal itself: P(alive), severity, days, answer, share, ratio; 1 for a yes. */
  readonly value: number;
  readonly explanation: string;
}

/** What we expect to lose: churn probability × what the customer is expected to bring within the horizon. */
export interface ValueAtRisk {
  readonly currency: string;
  /** Minor units of margin. */
  readonly amountMinor: number;
  /**
   * `model`: the predicted lifetime value and running contracts; `runRate`: what was bought in the horizon before,
   * for want of a model: ranks only.
   */
  readonly basis: 'model' | 'runRate';
}

/** The risk of one customer on one day. */
export interface RiskScore {
  /** `notModelled`: no fit speaks for the customer, the band ranks only. */
  readonly status: 'modelled' | 'notModelled';
  /** 0 to 1; null = not modelled. */
  readonly churnProbability: number | null;
  readonly band: RiskBand;
  /** What the band rests on. */
  readonly bandBasis: 'churnProbability' | 'signals' | 'ownCadence' | 'recencyQuintile';
  readonly baselineLogOdds: number;
  /** Baseline plus all contributions; of `churnProbability` where there is one. */
  readonly logOdds: number;
  /** Largest first. */
  readonly drivers: readonly RiskDriver[];
  /** Of the currency with most at stake first. */
  readonly valueAtRisk: readonly ValueAtRisk[];
  readonly suggestedAction: SuggestedAction;
}

/** The run a score rests on. */
export interface RiskModelReference {
  readonly model: string;
  readonly modelRunId: string;
  readonly timeUnit: string;
  /** ISO-8601 UTC. */
  readonly cutoff: string;
}

export interface ChurnRiskAnswer {
  readonly customerId: string;
  /** `notApplicable`: never bought and holds no contract; `ended`: the relationship is dissolved. */
  readonly status: RiskScore['status'] | 'notApplicable' | 'ended';
  readonly score: RiskScore | null;
  readonly stage: Stage;
  /** ISO-8601 UTC. */
  readonly asOf: string;
  readonly modelRun: RiskModelReference | null;
  readonly terms: ValueTerms;
  readonly erased: boolean;
}

/** Row of the collection `risk-scores`: one customer in one scoring run. Key: `<customerId>`. */
export interface RiskScoreRow {
  /** Instant the score was computed for, epoch ms. */
  asOfMs: number;
  /** Fit of the purchase model; null when there was none. */
  modelRun: RiskModelReference | null;
  /** Horizon, discount and margin of the value at risk. */
  terms: ValueTerms;
  stage: Stage;
  band: RiskBand;
  status: RiskScore['status'];
  churnProbability: number | null;
  /** Currency with most at stake; null when nothing is. */
  currency: string | null;
  /** Minor units of `currency`; 0 when nothing is at stake. */
  valueAtRiskMinor: number;
  valueAtRiskBasis: ValueAtRisk['basis'] | null;
  suggestedAction: SuggestedAction;
  /** The three largest. */
  drivers: RiskDriver[];
}

export interface CustomerAtRisk extends Omit<RiskScoreRow, 'asOfMs' | 'modelRun' | 'terms' | 'drivers'> {
  readonly customerId: string;
  /** Fit of the purchase model; null when there was none. */
  readonly modelRunId: string | null;
  readonly drivers: readonly RiskDriver[];
}
