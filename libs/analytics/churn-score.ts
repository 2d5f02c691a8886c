import { AnalyticsInputError } from './analytics-input.error.js';
import type { NotModelledBand, RiskBand } from './rfm.js';

/** What is known against (or for) this customer beside their buying. A signal that is unknown is left out. */
export interface ChurnSignals {
  /** The worst complaint still open; severity 1 (worst) to 4. */
  readonly openComplaint?: { readonly severity: 1 | 2 | 3 | 4 };
  /** A payment is in default and has not been made good. */
  readonly uncuredDefault?: boolean;
  /** Whole days until the running contract ends; negative when it has ended without a renewal. */
  readonly contractEndsInDays?: number;
  /** Latest Net Promoter answer, 0 to 10; 6 or less is a detractor. */
  readonly npsScore?: number;
  /** Share by which two-way contact fell against the customer's own earlier period: 0 = none, 1 = all of it. */
  readonly contactDecline?: number;
  /** Days since the last purchase over the own median gap (`cadence`). */
  readonly overdueRatio?: number;
  /** The customer has announced that they leave. */
  readonly cancellationNotice?: boolean;
}

/** What each signal adds to the log-odds of churn. */
export interface DriverWeights {
  readonly openComplaint: Readonly<Record<1 | 2 | 3 | 4, number>>;
  readonly uncuredDefault: number;
  /** Full weight at the end of the contract, falling in a straight line to none `withinDays` before it. */
  readonly contractEndNear: { readonly atEnd: number; readonly withinDays: number };
  readonly npsDetractor: number;
  /** For a complete stop of contact; in proportion below. */
  readonly contactDecline: number;
  /** For each doubling of the overdue ratio beyond 1, up to `maxDoublings`; apart when a model already counts silence. */
  readonly overdueRatio: {
    readonly perDoubling: number;
    readonly perDoublingWhenModelled: number;
    readonly maxDoublings: number;
  };
  /** Adds `logOdds`, and more where needed to bring the score to `atLeastProbability`. */
  readonly cancellationNotice: { readonly logOdds: number; readonly atLeastProbability: number };
  /** P(alive) is taken within `pAliveLimit .. 1 - pAliveLimit`: a model of many never excludes a change in one. */
  readonly pAliveLimit: number;
  /** Churn probability from which the band is medium, and high. */
  readonly bands: { readonly medium: number; readonly high: number };
}

/**
 * The default weights are STATED ASSUMPTIONS, not estimates: no labelled churn data stand behind them. They order the
 * signals as rule G3 of the relationship stages does, and are meant to be replaced by a tenant's own table.
 * - A severity-1 complaint (1.6) multiplies the odds of churn by about 5, each milder severity by less (3, 1.8, 1.35).
 * - An uncured default (1.2) multiplies them by about 3.3; a detractor answer (0.8) by 2.2; a stop of contact (1.0) by 2.7.
 * - A contract that ends today (1.0) by 2.7, counted from 90 days before, the notice period of many contracts.
 * - Being overdue by own rhythm (0.7 a doubling) doubles the odds each time, three times at most. With a model it adds
 *   nothing, because P(alive) already falls with the same silence; counting it twice would be wrong.
 * - A cancellation notice is nearly the event itself: at least 0.9, whatever else speaks for the customer.
 * - Bands: high from 0.7, the P(alive) of .3 that G3 names; medium from 0.4.
 */
export const defaultDriverWeights: DriverWeights = {
  openComplaint: { 1: 1.6, 2: 1.1, 3: 0.6, 4: 0.3 },
  uncuredDefault: 1.2,
  contractEndNear: { atEnd: 1, withinDays: 90 },
  npsDetractor: 0.8,
  contactDecline: 1,
  overdueRatio: { perDoubling: 0.7, perDoublingWhenModelled: 0, maxDoublings: 3 },
  cancellationNotice: { logOdds: 3.5, atLeastProbability: 0.9 },
  pAliveLimit: 0.001,
  bands: { medium: 0.4, high: 0.7 },
};

/** The customer every contribution is measured against: this churn probability, and none of the signals. */
export interface ChurnBaseline {
  /** Strictly between 0 and 1; for instance the mean of 1 - P(alive) over the tenant's customers. */
  readonly churnProbability: number;
}

export type ChurnDriverName =
  | 'silence'
  | 'openComplaint'
  | 'uncuredDefault'
  | 'contractEndNear'
  | 'npsDetractor'
  | 'contactDecline'
  | 'overdueRatio'
  | 'cancellationNotice';

/** One reason for the score. Positive contributions speak for churn, negative ones against it. */
export interface ChurnDriver {
  readonly name: ChurnDriverName;
  /** Difference in log-odds against the baseline customer. */
  readonly logOddsContribution: number;
  /** The signal itself: P(alive), severity, days, answer, share, ratio; 1 for a yes. */
  readonly value: number;
  readonly explanation: string;
}

export interface ChurnScore {
  /** False when no model speaks for this customer: then `churnProbability` is null and `band` ranks only. */
  readonly modelled: boolean;
  readonly churnProbability: number | null;
  /** Baseline plus all contributions; of `churnProbability` where there is one, else of the signals alone. */
  readonly logOdds: number;
  readonly baselineLogOdds: number;
  readonly band: RiskBand;
  /** What the band rests on. */
  readonly bandBasis: 'churnProbability' | 'signals' | NotModelledBand['basis'];
  /** Largest contribution first; each `logOddsContribution` added to `baselineLogOdds` in this order gives `logOdds`. */
  readonly drivers: readonly ChurnDriver[];
}

export interface ChurnScoreInput {
  /** From a purchase model, or 1 - hazard of a contract model; null when no model speaks for this customer. */
  readonly pAlive: number | null;
  readonly signals: ChurnSignals;
  readonly baseline: ChurnBaseline;
  /** Required when `pAlive` is null: the band RFM or the own rhythm gives. */
  readonly notModelled?: NotModelledBand;
  readonly weights?: DriverWeights;
}

/**
 * How likely is this customer to leave, and why? The score is the model's probability moved by named signals, each as
 * a difference in log-odds against the baseline customer, so baseline and contributions sum to the score.
 * Without a model the probability is null and the band is the worse of the RFM band and that of the signals.
 * Throws `ANALYTICS_BAD_PROBABILITY` (P(alive) outside 0 to 1, a baseline not inside it) and `ANALYTICS_BAD_SIGNAL`.
 * Source: requirement S11 (docs/explanation/requirements.md), guard G3 (docs/reference/rules.md).
 */
export function churnScore(input: ChurnScoreInput): ChurnScore {
  const { pAlive, signals, baseline, notModelled, weights = defaultDriverWeights } = input;
  assertProbabilities(pAlive, baseline.churnProbability);
  assertSignals(signals);
  if (pAlive === null && !notModelled)
    throw new AnalyticsInputError('ANALYTICS_BAD_SIGNAL', 'a customer without a model needs the band of RFM');
  const baselineLogOdds = logit(baseline.churnProbability);
  const drivers = ruleDrivers(signals, weights, pAlive !== null);
  if (pAlive !== null) drivers.push(silence(pAlive, baselineLogOdds, weights.pAliveLimit));
  if (signals.cancellationNotice) {
    const soFar = drivers.reduce((sum, driver) => sum + driver.logOddsContribution, baselineLogOdds);
    const { logOdds, atLeastProbability } = weights.cancellationNotice;
    drivers.push({
      name: 'cancellationNotice',
      logOddsContribution: Math.max(logOdds, logit(atLeastProbability) - soFar),
      value: 1,
      explanation: 'Has given notice of leaving.',
    });
  }
  drivers.sort(
    (left, right) =>
      Math.abs(right.logOddsContribution) - Math.abs(left.logOddsContribution) ||
      (left.name < right.name ? -1 : 1),
  );
  const logOdds = drivers.reduce((sum, driver) => sum + driver.logOddsContribution, baselineLogOdds);
  const probability = 1 / (1 + Math.exp(-logOdds));
  const bandOfScore: RiskBand =
    probability >= weights.bands.high ? 'high' : probability >= weights.bands.medium ? 'medium' : 'low';
  const shared = { logOdds, baselineLogOdds, drivers };
  if (pAlive !== null)
    return {
      modelled: true,
      churnProbability: probability,
      band: bandOfScore,
      bandBasis: 'churnProbability',
      ...shared,
    };
  const ranked = notModelled!;
  const signalsAreWorse = SEVERITY[bandOfScore] > SEVERITY[ranked.band];
  return {
    modelled: false,
    churnProbability: null,
    band: signalsAreWorse ? bandOfScore : ranked.band,
    bandBasis: signalsAreWorse ? 'signals' : ranked.basis,
    ...shared,
  };
}

const SEVERITY: Readonly<Record<RiskBand, number>> = { low: 0, medium: 1, high: 2 };

function silence(pAlive: number, baselineLogOdds: number, limit: number): ChurnDriver {
  const within = Math.min(Math.max(pAlive, limit), 1 - limit);
  return {
    name: 'silence',
    logOddsContribution: -logit(within) - baselineLogOdds,
    value: pAlive,
    explanation: `By their purchases so far and the silence since, still a customer with probability ${pAlive.toFixed(2)}.`,
  };
}

function ruleDrivers(signals: ChurnSignals, weights: DriverWeights, modelled: boolean): ChurnDriver[] {
  const drivers: ChurnDriver[] = [];
  const add = (name: ChurnDriverName, logOddsContribution: number, value: number, explanation: string) =>
    drivers.push({ name, logOddsContribution, value, explanation });
  const { openComplaint, uncuredDefault, contractEndsInDays, npsScore, contactDecline, overdueRatio } =
    signals;
  if (openComplaint)
    add(
      'openComplaint',
      weights.openComplaint[openComplaint.severity],
      openComplaint.severity,
      `A complaint of severity ${openComplaint.severity} is open (1 is worst).`,
    );
  if (uncuredDefault)
    add('uncuredDefault', weights.uncuredDefault, 1, 'A payment default has not been made good.');
  if (contractEndsInDays !== undefined && contractEndsInDays < weights.contractEndNear.withinDays) {
    const { atEnd, withinDays } = weights.contractEndNear;
    add(
      'contractEndNear',
      atEnd * (1 - Math.max(contractEndsInDays, 0) / withinDays),
      contractEndsInDays,
      contractEndsInDays < 0
        ? `The contract ended ${-contractEndsInDays} days ago without a renewal.`
        : `The contract ends in ${contractEndsInDays} days.`,
    );
  }
  if (npsScore !== undefined && npsScore <= 6)
    add(
      'npsDetractor',
      weights.npsDetractor,
      npsScore,
      `Answered ${npsScore} of 10 to the last recommendation survey.`,
    );
  if (contactDecline !== undefined && contactDecline > 0)
    add(
      'contactDecline',
      weights.contactDecline * contactDecline,
      contactDecline,
      `Contact fell by ${Math.round(contactDecline * 100)} % against their own earlier period.`,
    );
  if (overdueRatio !== undefined && overdueRatio > 1) {
    const { perDoubling, perDoublingWhenModelled, maxDoublings } = weights.overdueRatio;
    const doublings = Math.min(Math.log2(overdueRatio), maxDoublings);
    const late = `${overdueRatio.toFixed(1)} times their own median gap since the last purchase`;
    add(
      'overdueRatio',
      doublings * (modelled ? perDoublingWhenModelled : perDoubling),
      overdueRatio,
      modelled && perDoublingWhenModelled === 0
        ? `${late}; already counted by the probability that they are still a customer.`
        : `${late}.`,
    );
  }
  return drivers;
}

function assertProbabilities(pAlive: number | null, baseline: number): void {
  if (pAlive !== null && !(pAlive >= 0 && pAlive <= 1))
    throw new AnalyticsInputError('ANALYTICS_BAD_PROBABILITY', `P(alive) is 0 to 1, not ${pAlive}`);
  if (!(baseline > 0 && baseline < 1))
    throw new AnalyticsInputError(
      'ANALYTICS_BAD_PROBABILITY',
      `a baseline churn probability lies strictly between 0 and 1, not at ${baseline}`,
    );
}

function assertSignals(signals: ChurnSignals): void {
  const { openComplaint, contractEndsInDays, npsScore, contactDecline, overdueRatio } = signals;
  const bad = (sentence: string): never => {
    throw new AnalyticsInputError('ANALYTICS_BAD_SIGNAL', sentence);
  };
  if (openComplaint && ![1, 2, 3, 4].includes(openComplaint.severity))
    bad(`a severity is 1 to 4, not ${openComplaint.severity}`);
  if (contractEndsInDays !== undefined && !Number.isFinite(contractEndsInDays))
    bad(`days to the end of a contract are finite, not ${contractEndsInDays}`);
  if (npsScore !== undefined && !(Number.isInteger(npsScore) && npsScore >= 0 && npsScore <= 10))
    bad(`a Net Promoter answer is 0 to 10, not ${npsScore}`);
  if (contactDecline !== undefined && !(contactDecline >= 0 && contactDecline <= 1))
    bad(`a decline of contact is a share from 0 to 1, not ${contactDecline}`);
  if (overdueRatio !== undefined && !(overdueRatio >= 0 && overdueRatio < Infinity))
    bad(`an overdue ratio is finite and >= 0, not ${overdueRatio}`);
}

function logit(probability: number): number {
  return Math.log(probability / (1 - probability));
}
