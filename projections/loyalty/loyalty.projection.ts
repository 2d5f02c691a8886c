import type { ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { combineLoyalty } from '../_parts/loyalty/loyalty.combine.js';
import { LOYALTY_EVENTS, noFacts, noteLoyalty } from '../_parts/loyalty/loyalty-facts.js';
import { standingOf } from '../_parts/loyalty/loyalty-standing.js';
import type { ReferralMoney } from '../_parts/loyalty/loyalty.model.js';
import { ownerKeys } from '../_parts/owner.js';
import type { LoyaltyDocument } from './loyalty.model.js';
import { byMode, byRung, customer, ladder, modes } from './loyalty.queries.js';

const EVENTS = ['CustomerRegistered', 'CustomerGrouped', ...LOYALTY_EVENTS] as const;

/** Who is loyal of their own will, who is only still there, and who brings others? (S11) */
export const loyalty: ProjectionDefinition<LoyaltyDocument, (typeof EVENTS)[number]> = {
  name: 'loyalty',
  version: 1,
  question: 'Who is loyal of their own will, who is only still there, and who brings others?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => ({ ...noFacts(), groupCode: null, standing: standingOf(noFacts()) }),
  evolve: (document, event) => {
    if (event.type === 'CustomerRegistered' || event.type === 'CustomerGrouped') {
      document.groupCode = event.data.groupCode ?? null;
      return document;
    }
    noteLoyalty(document, event, occurredAtMsOf(event));
    document.standing = standingOf(document);
    return document;
  },
  sortedBy: ['activeUntilDay', 'referralsConverted'],
  indexes: {
    groupCode: (document) => document.groupCode,
    transacts: ({ standing }) => (standing.transacts ? 1 : 0),
    ended: ({ standing }) => (standing.ended ? 1 : 0),
    loyalFromDay: ({ standing }) => standing.loyalFromDay,
    activeUntilDay: ({ standing }) => standing.activeUntilDay,
    boundUntilDay: ({ standing }) => standing.boundUntilDay,
    positiveUntilDay: ({ standing }) => standing.positiveUntilDay,
    contactUntilDay: ({ standing }) => standing.contactUntilDay,
    rung: ({ standing }) => standing.rung,
    referralsMade: (document) => document.referralsMade,
    referralsConverted: (document) => document.referralsConverted,
    referralCurrency: ({ referralMoney }) => {
      const currencies = Object.keys(referralMoney);
      return currencies.length > 1 ? 'several' : (currencies[0] ?? null);
    },
    referralValueMinor: (document) => onlyMoney(document).valueMinor,
    referralMarginMinor: (document) => onlyMoney(document).marginMinor,
    referralCostMinor: (document) => onlyMoney(document).costMinor,
  },
  combine: (documents) => {
    const facts = combineLoyalty(documents);
    const groups = documents.flatMap(({ groupCode }) => (groupCode === null ? [] : [groupCode]));
    return { ...facts, groupCode: groups.sort()[0] ?? null, standing: standingOf(facts) };
  },
  queries: [modes, byMode, ladder, byRung, customer],
};

const NOTHING: ReferralMoney = { valueMinor: 0, marginMinor: 0, costMinor: 0 };
/** Amounts of one currency; of several none can be added. */
const onlyMoney = ({ referralMoney }: LoyaltyDocument): ReferralMoney => {
  const all = Object.values(referralMoney);
  return all.length === 1 ? all[0]! : NOTHING;
};
