import type { Period, PurchaseModel, SpendModel, TimeUnit } from '@rapport/analytics';
import { DAYS_PER_UNIT } from '@rapport/analytics';
import { minorUnitExponent } from '@rapport/contracts';
import type { ModelRun, QueryContext, ValueTerms } from '@rapport/projection-engine';

/** A purchase model with the run that produced it. */
export interface FittedPurchases {
  readonly model: PurchaseModel<TimeUnit>;
  readonly run: ModelRun;
}

/** A spend model with the run that produced it and the one currency it speaks for. */
export interface FittedSpend {
  readonly model: SpendModel;
  readonly run: ModelRun;
  readonly currency: string;
}

const isUsable = (run: ModelRun | undefined): run is ModelRun => run?.status === 'converged';

function purchasesOf(run: ModelRun): FittedPurchases {
  const { r = NaN, alpha = NaN, a = NaN, b = NaN } = run.parameters;
  const model = run.model === 'bgNbd' ? 'bgNbd' : 'mbgNbd';
  return { run, model: { model, timeUnit: run.timeUnit, parameters: { r, alpha, a, b } } };
}

/** The fit for value: MBG/NBD, else BG/NBD; null when neither converged. */
export function purchaseModelForValue(models: QueryContext['models']): FittedPurchases | null {
  if (isUsable(models.mbgNbd)) return purchasesOf(models.mbgNbd);
  return isUsable(models.bgNbd) ? purchasesOf(models.bgNbd) : null;
}

/** The fit for churn: MBG/NBD only, because under BG/NBD a one-time buyer never leaves (docs/adr/0007). */
export function purchaseModelForChurn(models: QueryContext['models']): FittedPurchases | null {
  return isUsable(models.mbgNbd) ? purchasesOf(models.mbgNbd) : null;
}

/** The fit of spend; null when it did not converge or does not say its currency. */
export function spendModelOf(models: QueryContext['models']): FittedSpend | null {
  const run = models.gammaGamma;
  if (!isUsable(run) || !run.currency) return null;
  const { p = NaN, q = NaN, gamma = NaN } = run.parameters;
  return {
    run,
    currency: run.currency,
    model: {
      model: 'gammaGamma',
      parameters: { p, q, gamma },
      minorUnitsPerMajor: 10 ** minorUnitExponent(run.currency),
    },
  };
}

/** The horizon as whole periods of about a month that fill it exactly: each is discounted to its end. */
export function horizonOf(terms: ValueTerms): { readonly periods: number; readonly period: Period } {
  const periods = Math.max(1, Math.round(terms.horizonDays / DAYS_PER_UNIT.month));
  const days = terms.horizonDays / periods;
  return { periods, period: { name: `${days} days`, days, perYear: DAYS_PER_UNIT.year / days } };
}
