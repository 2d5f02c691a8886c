import { dayNumberOf, dayNumberOfIsoDate } from '@rapport/contracts';
import type { Money } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { latestOf, occurredAtMsOf, stampOf } from '../_parts/business-order.js';
import { ownerKeys } from '../_parts/owner.js';
import { standingOf } from './loyalty-standing.js';
import type { LoyaltyDocument, ReferralMoney, Satisfaction } from './loyalty.model.js';
import { combineLoyalty } from './loyalty.combine.js';
import { byMode, byRung, customer, ladder, modes } from './loyalty.queries.js';
import { keepContracts, withDay } from './loyalty.limits.js';

const EVENTS = [
  'CustomerRegistered', 'CustomerGrouped', 'PurchaseRecorded', 'ContractSigned', 'ContractRenewed', 'ContractCancelled',
  'ContractExpired', 'ContractTerminated', 'SurveyResponded', 'ResolutionAccepted', 'ComplaintRaised', 'CaseOpened',
  'TouchPointRecorded', 'OfferAccepted', 'OfferDeclined', 'LeadQualified', 'OpportunityOpened', 'ReferralMade',
  'ReferralConverted', 'AdvocacyRecorded', 'RelationTraitRecorded', 'GoodbyeSaid',
] as const; // prettier-ignore
type LoyaltyEvent = EventFor<(typeof EVENTS)[number]>;

/** Who is loyal of their own will, who is only still there, and who brings others? (S11) */
export const loyalty: ProjectionDefinition<LoyaltyDocument, (typeof EVENTS)[number]> = {
  name: 'loyalty',
  version: 1,
  question: 'Who is loyal of their own will, who is only still there, and who brings others?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => {
    const facts = {
      groupCode: null,
      purchaseDays: [],
      contracts: [],
      renewedDay: null,
      word: null,
      easeOfLeaving: null,
      lastInboundMs: null,
      interested: false,
      referralsMade: 0,
      referralsConverted: 0,
      advocacies: 0,
      publicComplaints: 0,
      lastRecommendation: null,
      lastPublicComplaint: null,
      referralMoney: {},
      goodbyeMs: null,
    };
    return { ...facts, standing: standingOf(facts) };
  },
  evolve: (document, event) => {
    note(document, event, occurredAtMsOf(event));
    document.standing = standingOf(document);
    return document;
  },
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
  combine: combineLoyalty,
  queries: [modes, byMode, ladder, byRung, customer],
};

const NOTHING: ReferralMoney = { valueMinor: 0, marginMinor: 0, costMinor: 0 };
/** Amounts of one currency; of several none can be added. */
const onlyMoney = ({ referralMoney }: LoyaltyDocument): ReferralMoney => {
  const all = Object.values(referralMoney);
  return all.length === 1 ? all[0]! : NOTHING;
};

function note(document: LoyaltyDocument, event: LoyaltyEvent, atMs: number): void {
  switch (event.type) {
    case 'CustomerRegistered':
      document.groupCode = event.data.groupCode ?? null;
      return;
    case 'CustomerGrouped':
      document.groupCode = event.data.groupCode;
      return;
    case 'PurchaseRecorded':
      document.purchaseDays = withDay(document.purchaseDays, dayNumberOf(atMs));
      return came(document, atMs);
    case 'ContractSigned': {
      const { contractId, startDate, endDate } = event.data;
      const endDay = endDate === undefined ? null : dayNumberOfIsoDate(endDate);
      const held = { contractId, startDay: dayNumberOfIsoDate(startDate), endDay };
      document.contracts = keepContracts([...document.contracts, held]);
      return came(document, atMs);
    }
    case 'ContractRenewed':
      ends(document, event.data.contractId, event.data.newEndDate);
      if (event.data.automatic === true) return;
      document.renewedDay = Math.min(dayNumberOf(atMs), document.renewedDay ?? Infinity);
      return came(document, atMs);
    case 'ContractCancelled':
    case 'ContractExpired':
    case 'ContractTerminated':
      return ends(document, event.data.contractId, event.data.effectiveDate);
    case 'SurveyResponded':
      said(document, event, SATISFACTION[event.data.instrument](event.data.score));
      return came(document, atMs);
    case 'ResolutionAccepted':
      if (event.data.satisfaction !== undefined)
        said(document, event, SATISFACTION.CSAT(event.data.satisfaction));
      return came(document, atMs);
    case 'ComplaintRaised':
      said(document, event, 'negative');
      return came(document, atMs);
    case 'TouchPointRecorded':
      if (event.data.direction === 'in') came(document, atMs);
      return;
    case 'CaseOpened':
    case 'OfferAccepted':
    case 'OfferDeclined':
      return came(document, atMs);
    case 'LeadQualified':
    case 'OpportunityOpened':
      document.interested = true;
      return;
    case 'ReferralMade':
      document.referralsMade += 1;
      if (event.data.converted === true) document.referralsConverted += 1;
      moved(document, 'costMinor', event.data.cost);
      said(document, event, 'positive');
      document.lastRecommendation = latestOf(document.lastRecommendation, stampOf(event, atMs));
      return came(document, atMs);
    case 'ReferralConverted':
      document.referralsConverted += 1;
      return earned(document, event.data);
    case 'AdvocacyRecorded':
      earned(document, event.data);
      if (event.data.kind === 'publicComplaint') {
        document.publicComplaints += 1;
        document.lastPublicComplaint = latestOf(document.lastPublicComplaint, stampOf(event, atMs));
        return said(document, event, 'negative');
      }
      document.advocacies += 1;
      document.lastRecommendation = latestOf(document.lastRecommendation, stampOf(event, atMs));
      return said(document, event, 'positive');
    case 'RelationTraitRecorded':
      if (event.data.trait === 'powerBalance' && event.data.side === 'customer')
        document.easeOfLeaving = latestOf(document.easeOfLeaving, {
          ...stampOf(event, atMs),
          score: event.data.score,
        });
      return;
    case 'GoodbyeSaid':
      document.goodbyeMs = Math.max(atMs, document.goodbyeMs ?? atMs);
      return;
  }
}

/** Scales: NPS promoters from 9, detractors to 6 (Reichheld 2003); the two ends of CSAT and CES. */
const SATISFACTION: Readonly<Record<'NPS' | 'CSAT' | 'CES', (score: number) => Satisfaction>> = {
  NPS: (score) => (score >= 9 ? 'positive' : score <= 6 ? 'negative' : 'neutral'),
  CSAT: (score) => (score >= 4 ? 'positive' : score <= 2 ? 'negative' : 'neutral'),
  CES: (score) => (score <= 2 ? 'positive' : score >= 6 ? 'negative' : 'neutral'),
};

function said(document: LoyaltyDocument, event: LoyaltyEvent, satisfaction: Satisfaction): void {
  document.word = latestOf(document.word, { ...stampOf(event), satisfaction });
}

/** The customer came to us. */
function came(document: LoyaltyDocument, atMs: number): void {
  document.lastInboundMs = Math.max(atMs, document.lastInboundMs ?? atMs);
  document.interested = true;
}

function ends(document: LoyaltyDocument, contractId: string, date: string): void {
  const contract = document.contracts.find((held) => held.contractId === contractId);
  if (contract) contract.endDay = dayNumberOfIsoDate(date);
}

function moved(document: LoyaltyDocument, what: keyof ReferralMoney, money: Money | undefined): void {
  if (!money) return;
  const sums = (document.referralMoney[money.currency] ??= { ...NOTHING });
  sums[what] = addMinor(sums[what], money.amountMinor);
}

function earned(document: LoyaltyDocument, data: { value?: Money; margin?: Money; cost?: Money }): void {
  moved(document, 'valueMinor', data.value);
  moved(document, 'marginMinor', data.margin);
  moved(document, 'costMinor', data.cost);
}
