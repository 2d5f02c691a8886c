import {
  AnalyticsInputError,
  annualDiscountRate,
  cadence,
  DAYS_PER_UNIT,
  expectedMeanSpendMinor,
  expectedPurchases,
  lifetimeValue,
  nextOrderByCadence,
  nextOrderByModel,
  probabilityAlive,
  purchaseDays,
  purchaseSummary,
} from '@rapport/analytics';
import type { Cadence, NextOrder, PurchaseSummary, TimeUnit } from '@rapport/analytics';
import type { ValueTerms } from '@rapport/projection-engine';
import type { FittedPurchases, FittedSpend } from './fitted-models.js';
import { horizonOf } from './fitted-models.js';
import { buyingDays, netMinorOf, transactionsOf } from './purchase-days.js';
import type { CurrencyDays, PurchaseLedger } from './purchase-days.js';

/** Why a figure is missing: it is never replaced by a guess. */
export type NotModelledReason =
  /** No fit of a purchase model had converged by then. */
  | 'noPurchaseModel'
  /** Nothing was bought by then. */
  | 'noPurchases'
  /** No fit of a spend model in this currency had converged by then. */
  | 'noSpendModel'
  /** The spend model has no finite mean for a customer without a repeat (q <= 1). */
  | 'meanSpendUndefined';

/** What a customer's purchases in one currency were worth and are expected to be worth. Minor units. */
export interface CurrencyValue {
  readonly currency: string;
  /** Purchases less refunds so far: revenue. */
  readonly netMinor: number;
  /** Days with a purchase in this currency. */
  readonly purchaseDays: number;
  /** Expected discounted margin within the horizon, not rounded; null where no model speaks. */
  readonly predictedMinor: number | null;
  /** Expected amount of a purchase day; null where no model speaks. */
  readonly meanSpendMinor: number | null;
  readonly notModelledReason?: NotModelledReason;
}

/** A customer's purchases as the value models see them on one day. */
export interface CustomerValue {
  /** Days with a purchase in any currency. */
  readonly purchaseDays: number;
  readonly firstDay: number | null;
  readonly lastDay: number | null;
  readonly rhythm: Cadence | null;
  /** null where no purchase model speaks. */
  readonly pAlive: number | null;
  /** Purchase days expected within the horizon. */
  readonly predictedPurchases: number | null;
  readonly nextOrder: NextOrder | null;
  readonly currencies: readonly CurrencyValue[];
}

/** Repeat purchase days in one currency and their mean net amount, as a spend model takes them. */
export interface SpendFigures {
  readonly x: number;
  /** null without a repeat. */
  readonly meanRepeatSpendMinor: number | null;
}

/**
 * x, tX and T of sorted purchase days on a day; null when nothing was bought by then. The first day is not counted in x.
 * Source: Fader, Hardie & Lee 2005.
 */
export function summaryOfDays<U extends TimeUnit>(
  days: readonly number[],
  asOfDay: number,
  timeUnit: U,
): PurchaseSummary<U> | null {
  const first = days[0];
  const last = days[days.length - 1];
  if (first === undefined || last === undefined) return null;
  const perUnit = DAYS_PER_UNIT[timeUnit];
  return purchaseSummary(timeUnit, {
    x: days.length - 1,
    tX: (last - first) / perUnit,
    T: (asOfDay - first) / perUnit,
  });
}

/**
 * Repeat days in a currency are its purchase days after the customer's first purchase day in any currency; refunds
 * are taken off the last purchase day on or before them.
 */
export function spendFiguresOf(days: CurrencyDays, firstDay: number, asOfDay: number): SpendFigures {
  let x = 0;
  let sum = 0;
  for (const day of purchaseDays(transactionsOf(days), asOfDay)) {
    if (day.dayNumber === firstDay) continue;
    x += 1;
    sum += day.amountMinor;
  }
  return { x, meanRepeatSpendMinor: x === 0 ? null : sum / x };
}

/**
 * What is known and expected of a customer's purchases on `asOfDay`? Facts of later days are left out.
 * The purchase process is one for all currencies; a currency's value is its share of the purchase days times the
 * expected purchases times the spend expected in it, so that nothing is counted twice.
 */
export function customerValueOf(
  ledger: PurchaseLedger,
  purchases: FittedPurchases | null,
  spend: FittedSpend | null,
  terms: ValueTerms,
  asOfDay: number,
): CustomerValue {
  const days = buyingDays(ledger, asOfDay);
  const firstDay = days[0] ?? null;
  const rhythm = cadence(days, asOfDay);
  const summary = purchases && summaryOfDays(days, asOfDay, purchases.model.timeUnit);
  const horizon = { amount: terms.horizonDays, unit: 'day' } as const;
  const currencies = Object.keys(ledger)
    .sort()
    .map((currency) => {
      const ofCurrency = ledger[currency]!;
      const count = buyingDays({ [currency]: ofCurrency }, asOfDay).length;
      const facts = { currency, netMinor: netMinorOf(ofCurrency, asOfDay), purchaseDays: count };
      const missing = (notModelledReason: NotModelledReason): CurrencyValue => ({
        ...facts,
        predictedMinor: null,
        meanSpendMinor: null,
        notModelledReason,
      });
      if (firstDay === null) return missing('noPurchases');
      if (!purchases || !summary) return missing('noPurchaseModel');
      if (spend?.currency !== currency) return missing('noSpendModel');
      const own = spendFiguresOf(ofCurrency, firstDay, asOfDay);
      try {
        const value = lifetimeValue(
          purchases.model,
          spend.model,
          { ...summary, meanRepeatSpendMinor: own.meanRepeatSpendMinor },
          {
            horizon: horizonOf(terms),
            annualDiscountRate: annualDiscountRate(terms.annualDiscountRate),
            margin: terms.margin,
          },
        );
        if (count === days.length)
          return { ...facts, predictedMinor: value.valueMinor, meanSpendMinor: value.meanSpendMinor };
        const meanSpendMinor = expectedMeanSpendMinor(spend.model, own);
        const share = count / days.length;
        return {
          ...facts,
          predictedMinor: (value.valueMinor / value.meanSpendMinor) * meanSpendMinor * share,
          meanSpendMinor,
        };
      } catch (error) {
        if (error instanceof AnalyticsInputError && error.code === 'ANALYTICS_MEAN_SPEND_UNDEFINED')
          return missing('meanSpendUndefined');
        throw error;
      }
    });
  return {
    purchaseDays: days.length,
    firstDay,
    lastDay: days[days.length - 1] ?? null,
    rhythm,
    pAlive: purchases && summary ? probabilityAlive(purchases.model, summary) : null,
    predictedPurchases: purchases && summary ? expectedPurchases(purchases.model, summary, horizon) : null,
    nextOrder:
      purchases && summary
        ? nextOrderByModel(purchases.model, {
            ...summary,
            firstDayNumber: days[0]!,
            lastDayNumber: days[days.length - 1]!,
            asOfDayNumber: asOfDay,
            meanRepeatSpendMinor: null,
            netValueMinor: 0,
          })
        : rhythm && nextOrderByCadence(rhythm, asOfDay),
    currencies,
  };
}
