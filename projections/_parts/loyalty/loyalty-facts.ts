import { dayNumberOf, dayNumberOfIsoDate } from '@rapport/contracts';
import type { Money } from '@rapport/contracts';
import type { EventFor } from '@rapport/projection-engine';
import { addMinor } from '../amounts.js';
import { latestOf, stampOf } from '../business-order.js';
import { keepContracts, withDay } from './loyalty.limits.js';
import type { LoyaltyFacts, ReferralMoney, Satisfaction } from './loyalty.model.js';

/** Events that say something about loyalty. */
export const LOYALTY_EVENTS = [
  'PurchaseRecorded', 'ContractSigned', 'ContractRenewed', 'ContractCancelled',
  'ContractExpired', 'ContractTerminated', 'SurveyResponded', 'ResolutionAccepted', 'ComplaintRaised', 'CaseOpened',
  'TouchPointRecorded', 'OfferAccepted', 'OfferDeclined', 'LeadQualified', 'OpportunityOpened', 'ReferralMade',
  'ReferralConverted', 'AdvocacyRecorded', 'RelationTraitRecorded', 'GoodbyeSaid',
] as const; // prettier-ignore
export type LoyaltyEvent = EventFor<(typeof LOYALTY_EVENTS)[number]>;

const types: ReadonlySet<string> = new Set(LOYALTY_EVENTS);
export const isLoyaltyEvent = (event: { readonly type: string }): event is LoyaltyEvent =>
  types.has(event.type);

/** Nothing is known yet. */
export const noFacts = (): LoyaltyFacts => ({
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
});

const NOTHING: ReferralMoney = { valueMinor: 0, marginMinor: 0, costMinor: 0 };

/** Notes what an event says about the customer's loyalty. Changes `document`. */
export function noteLoyalty(document: LoyaltyFacts, event: LoyaltyEvent, atMs: number): void {
  switch (event.type) {
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

function said(document: LoyaltyFacts, event: LoyaltyEvent, satisfaction: Satisfaction): void {
  document.word = latestOf(document.word, { ...stampOf(event), satisfaction });
}

/** The customer came to us. */
function came(document: LoyaltyFacts, atMs: number): void {
  document.lastInboundMs = Math.max(atMs, document.lastInboundMs ?? atMs);
  document.interested = true;
}

function ends(document: LoyaltyFacts, contractId: string, date: string): void {
  const contract = document.contracts.find((held) => held.contractId === contractId);
  if (contract) contract.endDay = dayNumberOfIsoDate(date);
}

function moved(document: LoyaltyFacts, what: keyof ReferralMoney, money: Money | undefined): void {
  if (!money) return;
  const sums = (document.referralMoney[money.currency] ??= { ...NOTHING });
  sums[what] = addMinor(sums[what], money.amountMinor);
}

function earned(document: LoyaltyFacts, data: { value?: Money; margin?: Money; cost?: Money }): void {
  moved(document, 'valueMinor', data.value);
  moved(document, 'marginMinor', data.margin);
  moved(document, 'costMinor', data.cost);
}
