import { dayNumberOf, isoDateOfDay, isoOf } from '@rapport/contracts';
import { modeOn } from './loyalty-standing.js';
import { LOYALTY_MODES } from './loyalty.model.js';
import type { LoyaltyAnswer, LoyaltyFacts, LoyaltyMode, NoModeReason, Standing } from './loyalty.model.js';

/** What facts and standing say on the day of an instant. */
export function loyaltyAnswerOf(facts: LoyaltyFacts, standing: Standing, asOfMs: number): LoyaltyAnswer {
  const { word, purchaseDays, referralMoney } = facts;
  const day = dayNumberOf(asOfMs);
  const mode = modeOn(standing, day);
  const hasMode = (LOYALTY_MODES as readonly string[]).includes(mode);
  const lastPurchase = purchaseDays.at(-1);
  const isOutdated = word?.satisfaction === 'positive' && standing.positiveUntilDay < day;
  return {
    mode: hasMode ? (mode as LoyaltyMode) : null,
    noModeReason: hasMode ? null : (mode as NoModeReason),
    satisfaction: word === null || isOutdated ? 'unknown' : word.satisfaction,
    saidAt: word === null ? null : isoOf(word.atMs),
    rung: standing.rung,
    bound: standing.boundUntilDay >= day,
    lastPurchaseDate: lastPurchase === undefined ? null : isoDateOfDay(lastPurchase),
    purchaseDays: purchaseDays.length,
    lastInboundAt: facts.lastInboundMs === null ? null : isoOf(facts.lastInboundMs),
    referralsMade: facts.referralsMade,
    referralsConverted: facts.referralsConverted,
    advocacies: facts.advocacies,
    publicComplaints: facts.publicComplaints,
    referralSales: Object.keys(referralMoney)
      .sort()
      .map((currency) => ({ currency, ...referralMoney[currency]! })),
  };
}
