/** Counts of one customer in one month that metrics are made of. */
export const COUNTERS = [
  'newCustomers', 'customersLost', 'customersWonBack', 'intimacyReached', 'purchases', 'dealsWon', 'dealsLost', 'offersMade',
  'offersAccepted', 'casesOpened', 'complaints', 'referrals', 'promisesKept', 'promisesBroken', 'campaignContacts',
  'campaignResponses', 'optOuts', 'npsAnswers', 'npsPromoters', 'npsDetractors', 'csatAnswers', 'csatSum', 'revenueMinor',
  'serviceCostMinor',
] as const; // prettier-ignore
export type Counter = (typeof COUNTERS)[number];
export type Counts = Readonly<Record<Counter, number>>;

/** A metric the log can tell for any period. */
export interface CrmMetric {
  /** What it says, as a sentence. */
  readonly meaning: string;
  readonly unit: 'count' | 'percent' | 'points' | 'score' | 'amountMinor';
  /** Value over the period; null while nothing is known: unknown is never 0. */
  readonly valueOf: (counts: Counts) => number | null;
}

const count = (meaning: string, counter: Counter): CrmMetric => ({
  meaning,
  unit: 'count',
  valueOf: (counts) => counts[counter],
});
const share = (meaning: string, part: Counter, of: readonly Counter[]): CrmMetric => ({
  meaning,
  unit: 'percent',
  valueOf: (counts) => {
    const all = of.reduce((sum, counter) => sum + counts[counter], 0);
    return all === 0 ? null : (counts[part] * 100) / all;
  },
});

/** Metrics by the name a goal gives; any other name is measured elsewhere and told by MeasureGoal. */
export const CRM_METRICS: Readonly<Record<string, CrmMetric>> = {
  newCustomers: count('Customers registered.', 'newCustomers'),
  customersLost: count('Relationships that ended.', 'customersLost'),
  customersWonBack: count('Win-backs that succeeded.', 'customersWonBack'),
  intimacyReached: count('Relationships that reached intimacy.', 'intimacyReached'),
  purchases: count('Purchases.', 'purchases'),
  dealsWon: count('Opportunities won.', 'dealsWon'),
  complaints: count('Complaints.', 'complaints'),
  referrals: count('Recommendations customers made.', 'referrals'),
  optOuts: count('Customers who wanted no more of a campaign.', 'optOuts'),
  winRatePct: share('Opportunities won, of all decided.', 'dealsWon', ['dealsWon', 'dealsLost']),
  offerAcceptancePct: share('Offers accepted, of all made.', 'offersAccepted', ['offersMade']),
  campaignResponsePct: share('Responses to campaigns, of all contacts.', 'campaignResponses', ['campaignContacts']),
  promisesKeptPct: share('Promises kept, of all kept or broken.', 'promisesKept', ['promisesKept', 'promisesBroken']),
  complaintsPer100Purchases: share('Complaints for each hundred purchases.', 'complaints', ['purchases']),
  netPromoterScore: {
    meaning: 'Promoters (9-10) less detractors (0-6), of all answers, in points.',
    unit: 'points',
    valueOf: ({ npsAnswers, npsPromoters, npsDetractors }) =>
      npsAnswers === 0 ? null : ((npsPromoters - npsDetractors) * 100) / npsAnswers,
  },
  customerSatisfaction: {
    meaning: 'Mean of the satisfaction answers, 1-5.',
    unit: 'score',
    valueOf: ({ csatAnswers, csatSum }) => (csatAnswers === 0 ? null : csatSum / csatAnswers),
  },
  revenue: {
    meaning: 'Purchases in the currency of the goal, minor units.',
    unit: 'amountMinor',
    valueOf: ({ revenueMinor }) => revenueMinor,
  },
  serviceCost: {
    meaning: 'Cost to serve in the currency of the goal, minor units.',
    unit: 'amountMinor',
    valueOf: ({ serviceCostMinor }) => serviceCostMinor,
  },
}; // prettier-ignore
