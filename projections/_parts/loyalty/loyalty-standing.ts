import { dayNumberOf } from '@rapport/contracts';
import { compareStamps } from '../business-order.js';
import type { LoyaltyFacts, LoyaltyMode, NoModeReason, Rung, Standing } from './loyalty.model.js';

/** Before and after every day there is: comparisons need no case for "never" and "for ever". */
export const NEVER = -10_000_000;
export const FOR_EVER = 10_000_000;

/** Shorter silences say nothing, however often somebody buys (the stage rules wait as long: G7). */
const LEAST_WINDOW_DAYS = 180;
/** Silences of three usual gaps are unusual. */
const GAPS_IN_WINDOW = 3;
/** With fewer than two gaps nobody's rhythm is known: a year of seasons. */
const WINDOW_WITHOUT_RHYTHM_DAYS = 365;
/** A contract for a year without a word is no loyalty; one that has run for a year is. */
const LONG_CONTRACT_DAYS = 365;
/** A good word older than two years tells of somebody else's service. */
const WORD_COUNTS_DAYS = 730;
/** In touch: a contact of theirs within a year. */
const CONTACT_COUNTS_DAYS = 365;
/** Who scores at most so much could hardly leave. */
const HARDLY_LEAVES_SCORE = 30;
/** So many recommendations make an advertiser even when nobody is known to have bought. */
const RECOMMENDATIONS_OF_ADVERTISER = 3;

/** How long after a purchase the next one is still to be expected, days. */
function windowDays(days: readonly number[]): number {
  const gaps = days.slice(1).map((day, i) => day - days[i]!);
  if (gaps.length < 2) return WINDOW_WITHOUT_RHYTHM_DAYS;
  const sorted = gaps.sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return Math.max(LEAST_WINDOW_DAYS, Math.ceil(GAPS_IN_WINDOW * median));
}

/** What follows from the facts about a customer, whatever the day. */
export function standingOf(document: LoyaltyFacts): Standing {
  const { purchaseDays, contracts, renewedDay, word, easeOfLeaving, lastInboundMs, goodbyeMs } = document;
  const lastPurchase = purchaseDays.at(-1);
  const contractEnds = contracts.map(({ endDay }) => endDay ?? FOR_EVER);
  const longContracts = contracts.filter(
    ({ startDay, endDay }) => (endDay ?? FOR_EVER) >= startDay + LONG_CONTRACT_DAYS,
  );
  const lastTransaction = Math.max(
    lastPurchase ?? NEVER,
    renewedDay ?? NEVER,
    ...contracts.map(({ startDay }) => startDay),
  );
  const hardlyLeaves = easeOfLeaving !== null && easeOfLeaving.score <= HARDLY_LEAVES_SCORE;
  return {
    transacts: lastTransaction > NEVER,
    ended: goodbyeMs !== null && dayNumberOf(goodbyeMs) >= lastTransaction,
    loyalFromDay: Math.min(
      purchaseDays[1] ?? FOR_EVER,
      renewedDay ?? FOR_EVER,
      ...longContracts.map(({ startDay }) => startDay + LONG_CONTRACT_DAYS),
    ),
    activeUntilDay: Math.max(
      lastPurchase === undefined ? NEVER : lastPurchase + windowDays(purchaseDays),
      ...contractEnds,
    ),
    boundUntilDay: hardlyLeaves ? FOR_EVER : Math.max(NEVER, ...contractEnds),
    positiveUntilDay: word?.satisfaction === 'positive' ? dayNumberOf(word.atMs) + WORD_COUNTS_DAYS : NEVER,
    contactUntilDay: lastInboundMs === null ? NEVER : dayNumberOf(lastInboundMs) + CONTACT_COUNTS_DAYS,
    rung: rungOf(document, lastTransaction > NEVER),
  };
}

function rungOf(document: LoyaltyFacts, transacts: boolean): Rung {
  const { word, lastRecommendation, lastPublicComplaint, referralsMade, advocacies } = document;
  const recommends =
    lastRecommendation !== null &&
    word?.satisfaction !== 'negative' &&
    (lastPublicComplaint === null || compareStamps(lastRecommendation, lastPublicComplaint) > 0);
  if (recommends)
    return document.referralsConverted > 0 || referralsMade + advocacies >= RECOMMENDATIONS_OF_ADVERTISER
      ? 'advertiser'
      : 'advocate';
  if (transacts) return word?.satisfaction === 'positive' ? 'supporter' : 'customer';
  return document.interested ? 'prospect' : 'suspect';
}

/** The mode on a day, or why there is none. The counts of `modes` ask the same of the indexes. */
export function modeOn(standing: Standing, day: number): LoyaltyMode | NoModeReason {
  if (!standing.transacts) return 'neverBought';
  if (standing.ended) return 'ended';
  if (standing.activeUntilDay < day) return standing.contactUntilDay >= day ? 'passiveSilent' : 'dormant';
  if (standing.boundUntilDay >= day && standing.positiveUntilDay < day) return 'passiveCaptive';
  return standing.loyalFromDay <= day ? 'active' : 'tooEarly';
}
