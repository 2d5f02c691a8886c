import { addMinor } from '../amounts.js';
import { latestOf } from '../business-order.js';
import { keepContracts, withDay } from './loyalty.limits.js';
import type { LoyaltyFacts, ReferralMoney } from './loyalty.model.js';

/** The loyalty of a merged customer: days of both, the latest words, recommendations of both. */
export const combineLoyalty = (documents: readonly LoyaltyFacts[]): LoyaltyFacts =>
  documents.reduce((a, b) => ({
    purchaseDays: b.purchaseDays.reduce(withDay, a.purchaseDays),
    contracts: keepContracts([...a.contracts, ...b.contracts].sort(byId)),
    renewedDay: bestOf(Math.min, a.renewedDay, b.renewedDay),
    word: latestOf(a.word, b.word),
    easeOfLeaving: latestOf(a.easeOfLeaving, b.easeOfLeaving),
    lastInboundMs: bestOf(Math.max, a.lastInboundMs, b.lastInboundMs),
    interested: a.interested || b.interested,
    referralsMade: a.referralsMade + b.referralsMade,
    referralsConverted: a.referralsConverted + b.referralsConverted,
    advocacies: a.advocacies + b.advocacies,
    publicComplaints: a.publicComplaints + b.publicComplaints,
    lastRecommendation: latestOf(a.lastRecommendation, b.lastRecommendation),
    lastPublicComplaint: latestOf(a.lastPublicComplaint, b.lastPublicComplaint),
    referralMoney: added(a.referralMoney, b.referralMoney),
    goodbyeMs: bestOf(Math.max, a.goodbyeMs, b.goodbyeMs),
  }));

const byId = (a: { contractId: string; startDay: number }, b: { contractId: string; startDay: number }) =>
  a.contractId < b.contractId ? -1 : a.contractId > b.contractId ? 1 : a.startDay - b.startDay;

const bestOf = (
  choose: (a: number, b: number) => number,
  a: number | null,
  b: number | null,
): number | null => (a === null ? b : b === null ? a : choose(a, b));

function added(
  a: Readonly<Record<string, ReferralMoney>>,
  b: Readonly<Record<string, ReferralMoney>>,
): Record<string, ReferralMoney> {
  const sums: Record<string, ReferralMoney> = {};
  for (const currency of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
    const [one, other] = [a[currency], b[currency]];
    sums[currency] = {
      valueMinor: addMinor(one?.valueMinor ?? 0, other?.valueMinor ?? 0),
      marginMinor: addMinor(one?.marginMinor ?? 0, other?.marginMinor ?? 0),
      costMinor: addMinor(one?.costMinor ?? 0, other?.costMinor ?? 0),
    };
  }
  return sums;
}
