import type { CustomerRisk, RiskBand, RiskReason } from './risk-and-fraud.model.js';

/** A suspicion that weighs as much as a default before. */
const STRONG_SCORE = 80;
const NOTABLE_SCORE = 50;
/** Days late after which a payer is no longer merely slow; also what a single invoice may be overdue. */
const VERY_LATE_DAYS = 30;
/** Two late payments of four are a habit, one of one is not. */
const HABIT_OF = 2;
const HABIT_SHARE = 0.5;
const FAILURES_NOTABLE = 2;

export interface Judgement {
  readonly band: RiskBand;
  readonly reasons: readonly RiskReason[];
}

/** How risky the customer is by facts, and why; `overdueDays` is how long the oldest open invoice is overdue. */
export function judge(risk: CustomerRisk, overdueDays: number): Judgement {
  const reasons: RiskReason[] = [];
  let band: RiskBand = risk.invoicesIssued > 0 || risk.signalsRaised > 0 ? 'low' : 'unknown';
  const raise = (to: RiskBand, reason: RiskReason): void => {
    reasons.push(reason);
    if (SEVERITY[to] > SEVERITY[band]) band = to;
  };
  const score = Math.max(0, ...risk.signals.map((signal) => signal.score));
  if (risk.signals.some((signal) => signal.confirmed)) raise('critical', 'fraudConfirmed');
  else if (score >= NOTABLE_SCORE) raise(score >= STRONG_SCORE ? 'high' : 'medium', 'fraudSuspected');
  if (risk.defaultsOpen.length > 0) raise('critical', 'defaultOpen');
  else if (risk.defaultsEver > 0) raise('high', 'defaultBefore');
  if (Object.values(risk.money).some((money) => money.writtenOffMinor > 0)) raise('high', 'writtenOff');
  const paid = risk.paidInTime + risk.paidLate;
  const isHabit = risk.paidLate >= HABIT_OF && risk.paidLate / paid >= HABIT_SHARE;
  if (isHabit || risk.daysLateMax > VERY_LATE_DAYS) raise('medium', 'paysLate');
  if (risk.failures >= FAILURES_NOTABLE) raise('medium', 'paymentsFail');
  if (overdueDays > 0) raise(overdueDays > VERY_LATE_DAYS ? 'high' : 'medium', 'overdue');
  return { band, reasons };
}

const SEVERITY: Readonly<Record<RiskBand, number>> = { unknown: 0, low: 1, medium: 2, high: 3, critical: 4 };
