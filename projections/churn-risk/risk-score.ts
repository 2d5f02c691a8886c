import { cadence, churnScore, DAYS_PER_UNIT, notModelledBand, probabilityAlive } from '@rapport/analytics';
import type { ChurnDriverName, ChurnScore, ChurnSignals, NotModelledBand } from '@rapport/analytics';
import { dayNumberOf } from '@rapport/contracts';
import type { QueryContext, ValueTerms } from '@rapport/projection-engine';
import { customerValueOf, summaryOfDays } from '../_parts/customer-value.js';
import { purchaseModelForChurn, spendModelOf } from '../_parts/fitted-models.js';
import type { FittedPurchases, FittedSpend } from '../_parts/fitted-models.js';
import { buyingDays, netMinorOf } from '../_parts/purchase-days.js';
import type {
  ChurnRiskDocument,
  ContractOnFile,
  RiskModelReference,
  RiskScore,
  RiskScoreRow,
  SuggestedAction,
  ValueAtRisk,
} from './churn-risk.model.js';
import { contactDeclineOf } from './contact-decline.js';

/**
 * Churn probability of the customer every contribution is measured against while there is no fit. A stated
 * assumption that shifts no ranking; with a fit it is a/(a+b), the chance to drop out right after the first purchase.
 */
export const BASELINE_WITHOUT_MODEL = 0.2;

/** A contract that ended longer ago than this says nothing about a customer who is still served. */
const ENDED_CONTRACT_COUNTS_DAYS = 180;

/** Four rising cut values of days since the last purchase over all customers; null = unknown. */
export type RecencyCuts = readonly [number, number, number, number];

/** What a score rests on besides the customer's document. */
export interface RiskContext {
  readonly models: QueryContext['models'];
  readonly valueTerms: ValueTerms;
  readonly asOfMs: number;
  /** For customers no model speaks for and whose own rhythm is not known. */
  readonly recencyCuts: RecencyCuts | null;
}

/** Why a customer has no score. */
export type NoScore = 'notApplicable' | 'ended';

/**
 * How likely is this customer to leave, why, and what is at stake? Pure: the same document, fits, terms and instant
 * give the same score bit for bit. `notApplicable` for customers who never bought and hold no contract; `ended` for
 * dissolved relationships. (S6, S15)
 */
export function scoreCustomer(document: ChurnRiskDocument, context: RiskContext): RiskScore | NoScore {
  const asOfDay = dayNumberOf(context.asOfMs);
  const days = buyingDays(document.ledger, asOfDay);
  const contracts = document.contracts.filter((contract) => contract.startDay <= asOfDay);
  if (document.stage === 'dissolution') return 'ended';
  if (days.length === 0 && contracts.length === 0) return 'notApplicable';
  const purchases = purchaseModelForChurn(context.models);
  const summary = purchases && summaryOfDays(days, asOfDay, purchases.model.timeUnit);
  const pAlive = purchases && summary ? probabilityAlive(purchases.model, summary) : null;
  const rhythm = cadence(days, asOfDay);
  const result = churnScore({
    pAlive,
    signals: signalsOf(document, contracts, asOfDay, rhythm?.overdueRatio ?? null),
    baseline: { churnProbability: baselineOf(purchases) },
    ...(pAlive === null
      ? { notModelled: rankOf(days, asOfDay, rhythm?.overdueRatio ?? null, context.recencyCuts) }
      : {}),
  });
  return {
    status: result.modelled ? 'modelled' : 'notModelled',
    churnProbability: result.churnProbability,
    band: result.band,
    bandBasis: days.length === 0 ? 'signals' : result.bandBasis,
    baselineLogOdds: result.baselineLogOdds,
    logOdds: result.logOdds,
    drivers: result.drivers.map(({ name, logOddsContribution, value, explanation }) => ({
      name,
      contribution: logOddsContribution,
      value,
      explanation,
    })),
    valueAtRisk: valueAtRiskOf(document, contracts, result, purchases, spendModelOf(context.models), {
      ...context,
      asOfDay,
    }),
    suggestedAction: actionFor(result),
  };
}

/** The fit that churn rests on, as answers name it; null when there is none. */
export function modelReferenceOf(models: QueryContext['models']): RiskModelReference | null {
  const run = purchaseModelForChurn(models)?.run;
  return run
    ? { model: run.model, modelRunId: run.modelRunId, timeUnit: run.timeUnit, cutoff: run.cutoff }
    : null;
}

/** The row a scoring run writes; null for a customer without a score. */
export function riskScoreRowOf(document: ChurnRiskDocument, context: RiskContext): RiskScoreRow | null {
  const score = scoreCustomer(document, context);
  if (typeof score === 'string') return null;
  const most = score.valueAtRisk[0];
  return {
    asOfMs: context.asOfMs,
    modelRun: modelReferenceOf(context.models),
    terms: context.valueTerms,
    stage: document.stage,
    band: score.band,
    status: score.status,
    churnProbability: score.churnProbability,
    currency: most?.currency ?? null,
    valueAtRiskMinor: most?.amountMinor ?? 0,
    valueAtRiskBasis: most?.basis ?? null,
    suggestedAction: score.suggestedAction,
    drivers: score.drivers.slice(0, 3),
  };
}

const baselineOf = (purchases: FittedPurchases | null): number => {
  if (!purchases) return BASELINE_WITHOUT_MODEL;
  const { a, b } = purchases.model.parameters;
  return a / (a + b);
};

function signalsOf(
  document: ChurnRiskDocument,
  contracts: readonly ContractOnFile[],
  asOfDay: number,
  overdueRatio: number | null,
): ChurnSignals {
  const open = document.complaints.filter((complaint) => complaint.status === 'open');
  const worst = open.reduce<(typeof open)[number] | null>(
    (a, b) => (a && a.severity <= b.severity ? a : b),
    null,
  );
  const endsIn = contractEndsInDays(contracts, asOfDay);
  const decline = contactDeclineOf(document.contacts, asOfDay);
  return {
    ...(worst ? { openComplaint: { severity: worst.severity } } : {}),
    ...(document.defaults.length > 0 ? { uncuredDefault: true } : {}),
    ...(endsIn !== null ? { contractEndsInDays: endsIn } : {}),
    ...(document.nps ? { npsScore: document.nps.score } : {}),
    ...(decline !== undefined ? { contactDecline: decline } : {}),
    ...(overdueRatio !== null ? { overdueRatio } : {}),
    ...(contracts.some((contract) => isRunning(contract, asOfDay) && contract.notice?.byCustomer)
      ? { cancellationNotice: true }
      : {}),
  };
}

/** Last day of a contract as things stand; null = it goes on. */
const lastDayOf = (contract: ContractOnFile): number | null =>
  contract.expiredDay ?? contract.notice?.effectiveDay ?? (contract.autoRenew ? null : contract.endDay);

const isRunning = (contract: ContractOnFile, asOfDay: number): boolean => {
  const last = lastDayOf(contract);
  return contract.startDay <= asOfDay && (last === null || last >= asOfDay);
};

/** Whole days until the last of the running contracts ends; negative when all have ended lately; null = none will. */
function contractEndsInDays(contracts: readonly ContractOnFile[], asOfDay: number): number | null {
  if (contracts.length === 0) return null;
  const running = contracts.filter((contract) => isRunning(contract, asOfDay));
  const ends = (running.length > 0 ? running : contracts).map(lastDayOf);
  if (ends.includes(null)) return null;
  const inDays = Math.max(...ends.map((day) => day! - asOfDay));
  return inDays < -ENDED_CONTRACT_COUNTS_DAYS ? null : inDays;
}

/** The band without a model: by own rhythm, else by recency among all customers. */
function rankOf(
  days: readonly number[],
  asOfDay: number,
  overdueRatio: number | null,
  cuts: RecencyCuts | null,
): NotModelledBand {
  const last = days[days.length - 1];
  // Who never bought but holds a contract is judged by the signals alone.
  if (last === undefined || (overdueRatio === null && !cuts)) return notModelledBand({ recency: 5 }, null);
  return notModelledBand(
    { recency: cuts ? 5 - cuts.filter((cut) => cut < asOfDay - last).length : 5 },
    overdueRatio,
  );
}

/**
 * Churn probability × expected margin within the horizon: the predicted lifetime value plus what running contracts
 * bring until they end. Without a model for a currency: the margin of the horizon before, weighted with the
 * probability of the signals alone.
 */
function valueAtRiskOf(
  document: ChurnRiskDocument,
  contracts: readonly ContractOnFile[],
  score: ChurnScore,
  purchases: FittedPurchases | null,
  spend: FittedSpend | null,
  { valueTerms, asOfDay }: { readonly valueTerms: ValueTerms; readonly asOfDay: number },
): ValueAtRisk[] {
  const probability = score.churnProbability ?? 1 / (1 + Math.exp(-score.logOdds));
  const { horizonDays, margin } = valueTerms;
  const expected = new Map<string, { amountMinor: number; basis: ValueAtRisk['basis'] }>();
  for (const one of customerValueOf(document.ledger, purchases, spend, valueTerms, asOfDay).currencies) {
    const days = document.ledger[one.currency]!;
    expected.set(
      one.currency,
      one.predictedMinor !== null
        ? { amountMinor: one.predictedMinor, basis: 'model' }
        : {
            amountMinor: margin * (one.netMinor - netMinorOf(days, asOfDay - horizonDays)),
            basis: 'runRate',
          },
    );
  }
  for (const contract of contracts) {
    if (!contract.recurring || !isRunning(contract, asOfDay)) continue;
    const { currency, amountMinor } = contract.recurring;
    const daysLeft = Math.min(horizonDays, (lastDayOf(contract) ?? Infinity) - asOfDay);
    const perDay = amountMinor / (contract.periodMonths * DAYS_PER_UNIT.month);
    const known = expected.get(currency) ?? { amountMinor: 0, basis: 'model' };
    expected.set(currency, { ...known, amountMinor: known.amountMinor + margin * perDay * daysLeft });
  }
  return [...expected]
    .map(([currency, { amountMinor, basis }]) => ({
      currency,
      amountMinor: Math.round(Math.max(0, probability * amountMinor)),
      basis,
    }))
    .sort((a, b) => b.amountMinor - a.amountMinor || (a.currency < b.currency ? -1 : 1));
}

/** What the most weighty reason asks for. */
const ACTIONS: Readonly<Record<ChurnDriverName, SuggestedAction>> = {
  cancellationNotice: 'saveOffer',
  openComplaint: 'resolveComplaint',
  uncuredDefault: 'arrangePayment',
  contractEndNear: 'offerRenewal',
  npsDetractor: 'callBack',
  contactDecline: 'restoreContact',
  overdueRatio: 'reactivate',
  silence: 'reactivate',
};

function actionFor(score: ChurnScore): SuggestedAction {
  const reasons = score.drivers.filter((driver) => driver.logOddsContribution > 0).map(({ name }) => name);
  // Nobody listens to an offer while their complaint lies open.
  if (reasons.includes('openComplaint')) return ACTIONS.openComplaint;
  if (score.band === 'low') return reasons.includes('uncuredDefault') ? ACTIONS.uncuredDefault : 'none';
  const first = reasons[0];
  return first ? ACTIONS[first] : 'reactivate';
}
