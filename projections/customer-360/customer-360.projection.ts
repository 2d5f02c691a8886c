import { epochMsOf } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { occurredAtMsOf, stampOf, supersedes } from '../_parts/business-order.js';
import { groupAnew, groupAsRegistered, noGroup } from '../_parts/customer-group.js';
import type { Stamp } from '../_parts/business-order.js';
import { isLoyaltyEvent, noFacts, noteLoyalty } from '../_parts/loyalty/loyalty-facts.js';
import { ownerKeys } from '../_parts/owner.js';
import { initialProfileQuality, isQualityEvent, noteQuality } from '../_parts/profile-quality.js';
import { directionOf, isSelfService } from '../_parts/touch-types.js';
import type { TouchType } from '../_parts/touch-types.js';
import { combineCustomers } from './combine-customers.js';
import {
  MAX_CASES,
  MAX_CLOSED_CASES,
  MAX_CONTRACTS,
  MAX_LIST,
  MAX_STAGE_HISTORY,
  keepHoldings,
  keepTouches,
} from './capped-lists.js';
import type {
  CaseOnFile,
  Customer360,
  MoneyOfCurrency,
  StageEntry,
  TraitOnFile,
  TouchLine,
} from './customer-360.model.js';
import { customer } from './customer-360.queries.js';
import { organisation } from './organisation.queries.js';
import { initialStanding, noteStanding } from './standing-on-file.js';
import { withOpportunity } from './opportunities-on-file.js';

const EVENTS = [
  'CustomerRegistered', 'CustomerDetailsCorrected', 'IdentifierAdded', 'IdentifierRemoved', 'CustomerGrouped',
  'AccountManagerAssigned', 'AccountManagerReleased', 'NeedLevelAssessed', 'ProfileFactRecorded', 'PreferenceSet',
  'PartyLinked', 'PartyUnlinked', 'RolesChanged', 'CustomerClassified', 'ServiceLevelSet', 'StrategicAccountDesignated',
  'StrategicAccountWithdrawn', 'DataStewardAppointed', 'DataQualityAssessed', 'CompensationOffered', 'NeedRecorded',
  'CoCreationContributed', 'CoCreationEnded', 'LeadQualified', 'ReferralConverted', 'CustomerErased', 'ConsentGranted', 'ConsentDenied', 'ConsentRevoked', 'ConsentExpired', 'TouchPointRecorded',
  'TouchPointCorrected', 'SurveyResponded', 'ReferralMade', 'AdvocacyRecorded', 'PromiseMade', 'PromiseKept',
  'PromiseBroken', 'PurchaseRecorded', 'ReturnRecorded', 'InvoiceIssued', 'PaymentReceived', 'PaymentFailed',
  'DefaultDeclared', 'DefaultCured', 'ServiceCostRecorded', 'FraudSignalRaised', 'FraudSignalConfirmed', 'FraudSignalCleared', 'WrittenOff', 'CaseOpened',
  'ComplaintRaised', 'CaseAcknowledged', 'CaseReplied', 'CaseEscalated', 'CaseResolved', 'ResolutionAccepted',
  'CaseReopened', 'CaseClosed', 'ContractSigned', 'ContractRenewed', 'ContractCancelled', 'ContractExpired',
  'OpportunityOpened', 'OpportunityRevised', 'OpportunityAdvanced', 'OpportunityReopened', 'OpportunityWon',
  'OpportunityLost', 'OfferMade', 'OfferAccepted', 'OfferDeclined', 'ContractActivated', 'ContractAmended',
  'ContractTerminated',
  'RelationshipStageMoved', 'RelationshipStageChosen', 'RelationshipStageOverridden', 'RelationTraitRecorded',
  'CoCreationStarted', 'CustomerAbsorbed', 'RepairStarted', 'RepairConcluded', 'GoodbyeSaid', 'WinBackStarted', 'WinBackConcluded',
] as const; // prettier-ignore
export type Customer360EventType = (typeof EVENTS)[number];
type Customer360Event = EventFor<Customer360EventType>;

/** Who is this customer, seen whole? (S1, S2, S4, S5, S7, S8, S9, S20) */
export const customer360: ProjectionDefinition<Customer360, Customer360EventType> = {
  name: 'customer-360',
  version: 2,
  question: 'Who is this customer, seen whole?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => ({
    members: [],
    registeredAtMs: null,
    acquisitionChannel: null,
    roles: [],
    details: {},
    identifiers: [],
    removedIdentifiers: [],
    ...noGroup(),
    manager: null,
    needLevel: null,
    standing: initialStanding(),
    quality: initialProfileQuality(),
    loyalty: noFacts(),
    stage: 'contact',
    stageSinceMs: 0,
    stageHeldUntilMs: null,
    stageHistory: [],
    consents: [],
    preferences: [],
    profileFacts: [],
    parties: [],
    cases: [],
    opportunities: [],
    contracts: [],
    offers: [],
    promises: [],
    promisesKept: 0,
    promisesBroken: 0,
    repair: null,
    winBack: null,
    coCreations: [],
    touches: [],
    contactsByChannel: {},
    firstContactAtMs: null,
    lastContactAtMs: null,
    money: {},
    defaults: [],
    holdings: [],
    satisfaction: [],
    traits: [],
    referrals: 0,
    fraudSignals: [],
    goodbye: null,
    erased: false,
  }),
  evolve: (document, event) => {
    const atMs = occurredAtMsOf(event);
    if (isQualityEvent(event)) noteQuality(document.quality, event);
    if (isLoyaltyEvent(event)) noteLoyalty(document.loyalty, event, atMs);
    apply(document, event, atMs);
    return document;
  },
  combine: combineCustomers,
  queries: [customer, organisation],
};

function apply(document: Customer360, event: Customer360Event, atMs: number): void {
  switch (event.type) {
    case 'TouchPointRecorded':
      return contact(document, event, atMs, event.data.kind, event.data.sentiment ?? null);
    case 'PurchaseRecorded': {
      const { total, lines, orderId } = event.data;
      const money = moneyOf(document, total.currency);
      money.purchasedMinor = addMinor(money.purchasedMinor, total.amountMinor);
      money.purchases += 1;
      if (lines) for (const line of lines) hold(document, line.productId, line.qty, atMs);
      return contact(document, event, atMs, orderId, null);
    }
    case 'ReturnRecorded': {
      const { refund, lines, orderId } = event.data;
      const money = moneyOf(document, refund.currency);
      money.refundedMinor = addMinor(money.refundedMinor, refund.amountMinor);
      money.returns += 1;
      if (lines) for (const line of lines) hold(document, line.productId, -line.qty, null);
      return contact(document, event, atMs, orderId, null);
    }
    case 'TouchPointCorrected': {
      const line = document.touches.find((touch) => touch[2] === event.data.targetEventId);
      if (!line) return;
      const { direction, kind, sentiment } = event.data.changes;
      if (direction !== undefined) line[5] = direction;
      if (kind !== undefined) line[7] = kind;
      if (sentiment !== undefined) line[8] = sentiment;
      return;
    }
    case 'SurveyResponded': {
      const { instrument, score } = event.data;
      putLatest(document.satisfaction, { ...stampOf(event, atMs), instrument, score }, (a) => a.instrument);
      return contact(document, event, atMs, `${instrument} ${score}`, null);
    }
    case 'ReferralMade':
      document.referrals += 1;
      return contact(document, event, atMs, null, null);
    case 'AdvocacyRecorded':
      return contact(document, event, atMs, event.data.kind, null);

    case 'CustomerRegistered': {
      const { data } = event;
      document.registeredAtMs = atMs;
      document.acquisitionChannel = data.acquisitionChannel;
      document.roles = [...data.roles];
      groupAsRegistered(document, data);
      if (data.displayName !== undefined)
        document.details.displayName = { ...stampOf(event, atMs), value: data.displayName };
      document.identifiers = data.identifiers.map((identifier) => identifierOf(identifier, event.position));
      document.stage = 'contact';
      document.stageSinceMs = atMs;
      document.stageHistory = [
        {
          stage: 'contact',
          sinceMs: atMs,
          from: null,
          how: 'registered',
          reasonCode: null,
          eventId: event.eventId,
        },
      ];
      return;
    }
    case 'CustomerDetailsCorrected': {
      const stamp = stampOf(event, atMs);
      for (const { field, value } of event.data.changes) {
        if (!supersedes(stamp, document.details[field])) continue;
        if (value === null) delete document.details[field];
        else document.details[field] = { ...stamp, value };
      }
      return;
    }
    case 'IdentifierAdded': {
      document.identifiers.push(identifierOf(event.data, event.position));
      if (document.identifiers.length > MAX_LIST) document.identifiers.shift();
      return;
    }
    case 'IdentifierRemoved':
      return removeIdentifier(document, event.data, event.position);
    case 'CustomerGrouped':
      groupAnew(document, event.data);
      delete document.details.groupCode;
      if (event.data.activityType !== undefined) delete document.details.activityType;
      return;
    case 'AccountManagerAssigned':
      document.manager = { managerId: event.data.managerId, fromDate: event.data.fromDate };
      return;
    case 'AccountManagerReleased':
      if (document.manager?.managerId === event.data.managerId) document.manager = null;
      return;
    case 'NeedLevelAssessed': {
      const stamp = stampOf(event, atMs);
      if (supersedes(stamp, document.needLevel)) document.needLevel = { ...stamp, level: event.data.level };
      return;
    }
    case 'ProfileFactRecorded': {
      const { category, key, value, confidencePct, validTo } = event.data;
      const fact = {
        ...stampOf(event, atMs),
        category,
        key,
        value,
        confidencePct,
        validTo: validTo ?? null,
      };
      return putLatest(document.profileFacts, fact, (known) => `${known.category} ${known.key}`);
    }
    case 'PreferenceSet': {
      const { kind, key, value } = event.data;
      const preference = { ...stampOf(event, atMs), kind, key, value };
      return putLatest(document.preferences, preference, (known) => `${known.kind} ${known.key}`);
    }
    case 'PartyLinked': {
      const { otherCustomerId, role, fromDate, toDate } = event.data;
      document.parties = document.parties.filter(
        (known) => known.otherCustomerId !== otherCustomerId || known.role !== role,
      );
      document.parties.push({ otherCustomerId, role, fromDate, toDate: toDate ?? null });
      if (document.parties.length > MAX_LIST) document.parties.shift();
      return;
    }
    case 'PartyUnlinked': {
      const { otherCustomerId, role, toDate } = event.data;
      const party = document.parties.find((one) => one.otherCustomerId === otherCustomerId && one.role === role); // prettier-ignore
      if (party) party.toDate = toDate;
      return;
    }
    case 'RolesChanged': {
      const { added, removed } = event.data;
      const left = document.roles.filter((role) => !(removed as readonly string[]).includes(role));
      document.roles = [...left, ...added.filter((role) => !left.includes(role))];
      return;
    }
    case 'CustomerClassified':
    case 'ServiceLevelSet':
    case 'StrategicAccountDesignated':
    case 'StrategicAccountWithdrawn':
      return noteStanding(document.standing, event, atMs);
    case 'DataStewardAppointed':
    case 'DataQualityAssessed':
    case 'LeadQualified':
    case 'ReferralConverted':
      return;
    case 'CompensationOffered':
      return contact(document, event, atMs, event.data.caseId, null);
    case 'NeedRecorded':
      return contact(document, event, atMs, event.data.needId, null);
    case 'CustomerErased':
      document.details = {};
      document.identifiers = [];
      document.removedIdentifiers = [];
      document.profileFacts = [];
      document.erased = true;
      return;

    case 'ConsentGranted':
      consent(document, event, atMs, 'granted', event.data.expiresAt);
      return contact(document, event, atMs, event.data.purpose, null);
    case 'ConsentDenied':
      consent(document, event, atMs, 'denied');
      return contact(document, event, atMs, event.data.purpose, null);
    case 'ConsentRevoked':
      consent(document, event, atMs, 'revoked');
      return contact(document, event, atMs, event.data.purpose, null);
    case 'ConsentExpired': {
      const { purpose, channelScope, grantedAt } = event.data;
      const known = document.consents.find(
        (one) => one.purpose === purpose && one.channelScope === channelScope,
      );
      // The stamp stays that of the grant: the end of its validity is no word of the customer.
      if (known?.status === 'granted' && known.atMs === epochMsOf(grantedAt)) known.status = 'expired';
      return;
    }

    case 'PromiseMade': {
      const { promiseId, by, what, dueAt } = event.data;
      put(
        document.promises,
        { promiseId, by, what, dueAtMs: epochMsOf(dueAt), status: 'open' },
        (p) => p.promiseId,
      );
      return contact(document, event, atMs, what, null);
    }
    case 'PromiseKept':
      document.promisesKept += 1;
      document.promises = document.promises.filter((promise) => promise.promiseId !== event.data.promiseId);
      return;
    case 'PromiseBroken': {
      document.promisesBroken += 1;
      const promise = document.promises.find((known) => known.promiseId === event.data.promiseId);
      if (promise) promise.status = 'broken';
      return;
    }

    case 'InvoiceIssued': {
      const { amount, invoiceId } = event.data;
      const money = moneyOf(document, amount.currency);
      money.invoicedMinor = addMinor(money.invoicedMinor, amount.amountMinor);
      return contact(document, event, atMs, invoiceId, null);
    }
    case 'PaymentReceived': {
      const { amount, invoiceId } = event.data;
      const money = moneyOf(document, amount.currency);
      money.paidMinor = addMinor(money.paidMinor, amount.amountMinor);
      return contact(document, event, atMs, invoiceId, null);
    }
    case 'PaymentFailed':
      return contact(document, event, atMs, event.data.invoiceId, null);
    case 'WrittenOff': {
      const money = moneyOf(document, event.data.amount.currency);
      money.writtenOffMinor = addMinor(money.writtenOffMinor, event.data.amount.amountMinor);
      return contact(document, event, atMs, event.data.invoiceId, null);
    }
    case 'DefaultDeclared': {
      const { invoiceId, amount } = event.data;
      if (document.defaults.some((known) => known.invoiceId === invoiceId)) return;
      document.defaults.push({ invoiceId, amountMinor: amount.amountMinor, currency: amount.currency });
      const money = moneyOf(document, amount.currency);
      money.inDefaultMinor = addMinor(money.inDefaultMinor, amount.amountMinor);
      return;
    }
    case 'DefaultCured': {
      const cured = document.defaults.find((known) => known.invoiceId === event.data.invoiceId);
      document.defaults = document.defaults.filter((known) => known !== cured);
      if (cured) {
        const money = moneyOf(document, cured.currency);
        money.inDefaultMinor = addMinor(money.inDefaultMinor, -cured.amountMinor);
      }
      return contact(document, event, atMs, event.data.invoiceId, null);
    }
    case 'ServiceCostRecorded': {
      const money = moneyOf(document, event.data.amount.currency);
      money.serviceCostMinor = addMinor(money.serviceCostMinor, event.data.amount.amountMinor);
      return;
    }
    case 'FraudSignalRaised':
      return put(
        document.fraudSignals,
        { signalId: event.data.signalId, score: event.data.score, confirmed: false },
        (signal) => signal.signalId,
      );
    case 'FraudSignalConfirmed': {
      const signal = document.fraudSignals.find(({ signalId }) => signalId === event.data.signalId);
      if (signal) signal.confirmed = true;
      return;
    }
    case 'FraudSignalCleared':
      document.fraudSignals = document.fraudSignals.filter(
        (signal) => signal.signalId !== event.data.signalId,
      );
      return;

    case 'CaseOpened':
      openCase(document, event.data, event.data.kind, atMs);
      return contact(document, event, atMs, event.data.caseId, null);
    case 'ComplaintRaised':
      openCase(document, event.data, 'complaint', atMs, event.data.reasonCode);
      return contact(document, event, atMs, event.data.caseId, null);
    case 'CaseAcknowledged':
      caseBecame(document, event.data.caseId, 'acknowledged', event.data.handlerId);
      return contact(document, event, atMs, event.data.caseId, null);
    case 'CaseReplied':
      caseBecame(document, event.data.caseId, 'answered', event.data.handlerId);
      return contact(document, event, atMs, event.data.caseId, null);
    case 'CaseEscalated':
      return caseBecame(document, event.data.caseId, 'escalated', event.data.toHandlerId);
    case 'CaseResolved':
      caseBecame(document, event.data.caseId, 'resolved');
      return contact(document, event, atMs, event.data.caseId, null);
    case 'ResolutionAccepted':
      caseBecame(document, event.data.caseId, 'accepted');
      return contact(document, event, atMs, event.data.caseId, null);
    case 'CaseReopened':
      caseBecame(document, event.data.caseId, 'reopened');
      return contact(document, event, atMs, event.data.caseId, null);
    case 'CaseClosed':
      return caseBecame(document, event.data.caseId, 'closed');

    case 'ContractSigned': {
      const { contractId, productId, startDate, endDate, autoRenew, recurring, awaitsActivation } =
        event.data;
      put(
        document.contracts,
        {
          contractId,
          productId,
          startDate,
          activeFrom: awaitsActivation ? null : startDate,
          endDate: endDate ?? null,
          autoRenew,
          recurring: recurring ? { amountMinor: recurring.amountMinor, currency: recurring.currency } : null,
          status: 'running',
        },
        (contract) => contract.contractId,
        MAX_CONTRACTS,
      );
      return contact(document, event, atMs, contractId, null);
    }
    case 'ContractActivated': {
      const contract = document.contracts.find((known) => known.contractId === event.data.contractId);
      if (contract) contract.activeFrom = event.data.activeFrom;
      return contact(document, event, atMs, event.data.contractId, null);
    }
    case 'ContractAmended': {
      const { contractId, productId, endDate, autoRenew, recurring } = event.data;
      const contract = document.contracts.find((known) => known.contractId === contractId);
      if (contract) {
        if (productId !== undefined) contract.productId = productId;
        if (endDate !== undefined) contract.endDate = endDate;
        if (autoRenew !== undefined) contract.autoRenew = autoRenew;
        if (recurring)
          contract.recurring = { amountMinor: recurring.amountMinor, currency: recurring.currency };
      }
      return contact(document, event, atMs, contractId, null);
    }
    case 'ContractRenewed': {
      const contract = document.contracts.find((known) => known.contractId === event.data.contractId);
      if (contract) {
        contract.endDate = event.data.newEndDate;
        contract.status = 'running';
      }
      return contact(document, event, atMs, event.data.contractId, null);
    }
    case 'ContractCancelled': {
      const contract = document.contracts.find((known) => known.contractId === event.data.contractId);
      if (contract) {
        contract.endDate = event.data.effectiveDate;
        contract.status = 'noticeGiven';
      }
      return contact(document, event, atMs, event.data.contractId, null);
    }
    case 'ContractExpired':
      return contractEnded(document, event.data);
    case 'ContractTerminated':
      contractEnded(document, event.data);
      return contact(document, event, atMs, event.data.contractId, null);

    case 'OpportunityOpened':
    case 'OpportunityRevised':
    case 'OpportunityAdvanced':
    case 'OpportunityReopened':
    case 'OpportunityLost':
      document.opportunities = withOpportunity(document.opportunities, event, atMs);
      return;
    case 'OpportunityWon':
      document.opportunities = withOpportunity(document.opportunities, event, atMs);
      return contact(document, event, atMs, event.data.opportunityId, null);
    case 'OfferMade': {
      const { offerId, kind, productId, channel } = event.data;
      put(document.offers, { offerId, kind, productId, channel, madeAtMs: atMs }, (offer) => offer.offerId);
      return contact(document, event, atMs, offerId, null);
    }
    case 'OfferAccepted':
    case 'OfferDeclined':
      document.offers = document.offers.filter((offer) => offer.offerId !== event.data.offerId);
      return contact(document, event, atMs, event.data.offerId, null);

    case 'RelationshipStageMoved':
      return enterStage(document, event, atMs, 'rule', null);
    case 'RelationshipStageChosen':
      return enterStage(document, event, atMs, 'chosen', null);
    case 'RelationshipStageOverridden':
      return enterStage(document, event, atMs, 'override', epochMsOf(event.data.holdUntil));
    case 'RelationTraitRecorded': {
      const { trait, side, component, score, method } = event.data;
      const recorded = { ...stampOf(event, atMs), trait, side, component: component ?? null, score, method };
      return putLatest(document.traits, recorded, nameOfTrait);
    }
    case 'CustomerAbsorbed':
      document.members.push({ customerId: event.data.member, mergeId: event.data.mergeId, sinceMs: atMs });
      return;
    case 'CoCreationStarted':
      if (!document.coCreations.includes(event.data.projectId))
        document.coCreations.push(event.data.projectId);
      if (document.coCreations.length > MAX_LIST) document.coCreations.shift();
      return contact(document, event, atMs, event.data.projectId, null);
    case 'CoCreationContributed':
      return contact(document, event, atMs, event.data.projectId, null);
    case 'CoCreationEnded':
      document.coCreations = document.coCreations.filter((projectId) => projectId !== event.data.projectId);
      return;
    case 'RepairStarted': {
      const { repairId, ownerId, caseIds, dueAt } = event.data;
      document.repair = {
        repairId,
        ownerId,
        caseIds: [...caseIds],
        startedAtMs: atMs,
        dueAtMs: epochMsOf(dueAt),
      };
      return;
    }
    case 'RepairConcluded':
      if (document.repair?.repairId === event.data.repairId) document.repair = null;
      return;
    case 'WinBackStarted': {
      const { winBackId, channel } = event.data;
      document.winBack = { winBackId, channel, startedAtMs: atMs };
      return contact(document, event, atMs, winBackId, null);
    }
    case 'WinBackConcluded':
      if (document.winBack?.winBackId === event.data.winBackId) document.winBack = null;
      if (event.data.outcome === 'won') document.goodbye = null;
      return;
    case 'GoodbyeSaid':
      document.goodbye = { reasonCode: event.data.reasonCode, atMs };
      return;
  }
}

/** A trait of one side, or one component of it. */
export const nameOfTrait = ({
  trait,
  component,
  side,
}: Pick<TraitOnFile, 'trait' | 'component' | 'side'>): string =>
  component === null ? `${trait} ${side}` : `${trait} ${side} ${component}`;

/** Counts a contact and puts it into the timeline at its place. */
function contact(
  document: Customer360,
  event: Extract<Customer360Event, { type: TouchType }>,
  atMs: number,
  about: string | null,
  sentiment: number | null,
): void {
  const direction = directionOf(event);
  if (direction === 'internal') return;
  const { channel, sourceSeq } = event.metadata;
  const selfService = isSelfService(direction, event.metadata.actor) ? 1 : 0;
  const counts = document.contactsByChannel[channel];
  if (counts) {
    counts[0] += 1;
    counts[1] += selfService;
  } else document.contactsByChannel[channel] = [1, selfService];
  if (document.firstContactAtMs === null || atMs < document.firstContactAtMs)
    document.firstContactAtMs = atMs;
  if (document.lastContactAtMs === null || atMs > document.lastContactAtMs) document.lastContactAtMs = atMs;
  const line: TouchLine = [
    atMs,
    sourceSeq ?? 0,
    event.eventId,
    event.type,
    channel,
    direction,
    selfService,
    about,
    sentiment,
  ];
  keepTouches(document.touches, line);
}

function moneyOf(document: Customer360, currency: string): MoneyOfCurrency {
  return (document.money[currency] ??= {
    purchasedMinor: 0,
    purchases: 0,
    refundedMinor: 0,
    returns: 0,
    invoicedMinor: 0,
    paidMinor: 0,
    inDefaultMinor: 0,
    writtenOffMinor: 0,
    serviceCostMinor: 0,
  });
}

function hold(document: Customer360, productId: string, pieces: number, boughtAtMs: number | null): void {
  const known = document.holdings.find((holding) => holding.productId === productId);
  if (!known) {
    document.holdings.push({ productId, pieces, boughtAtMs: boughtAtMs ?? 0 });
    document.holdings = keepHoldings(document.holdings);
    return;
  }
  known.pieces += pieces;
  if (boughtAtMs !== null && boughtAtMs > known.boughtAtMs) known.boughtAtMs = boughtAtMs;
  if (known.pieces === 0) document.holdings = document.holdings.filter((holding) => holding !== known);
}

const identifierOf = (
  identifier: {
    type: string;
    value: string;
    verified?: boolean;
    sourceSystem?: string;
  },
  position: bigint,
): Customer360['identifiers'][number] => ({
  type: identifier.type,
  value: identifier.value,
  verified: identifier.verified ?? false,
  ...(identifier.sourceSystem !== undefined ? { sourceSystem: identifier.sourceSystem } : {}),
  position: Number(position),
});

/**
 * Tokens of equal values differ, so a fold cannot see which of several identifiers is meant: then both are kept and the
 * edge, which opens the values, leaves the removed one out.
 */
function removeIdentifier(
  document: Customer360,
  { type, value, sourceSystem }: EventFor<'IdentifierRemoved'>['data'],
  position: bigint,
): void {
  const alike = document.identifiers.filter(
    (identifier) => identifier.type === type && identifier.sourceSystem === sourceSystem,
  );
  if (alike.length === 1)
    document.identifiers = document.identifiers.filter((identifier) => identifier !== alike[0]);
  else if (alike.length > 1) {
    document.removedIdentifiers.push({
      type,
      value,
      ...(sourceSystem !== undefined ? { sourceSystem } : {}),
      position: Number(position),
    });
    if (document.removedIdentifiers.length > MAX_LIST) document.removedIdentifiers.shift();
  }
}

function consent(
  document: Customer360,
  event: EventFor<'ConsentGranted' | 'ConsentDenied' | 'ConsentRevoked'>,
  atMs: number,
  status: 'granted' | 'denied' | 'revoked',
  expiresAt?: string,
): void {
  const { purpose, channelScope } = event.data;
  const expiresAtMs = expiresAt === undefined ? null : epochMsOf(expiresAt);
  const recorded = { ...stampOf(event, atMs), purpose, channelScope, status, expiresAtMs };
  putLatest(document.consents, recorded, (known) => `${known.purpose} ${known.channelScope}`);
}

function contractEnded(
  document: Customer360,
  { contractId, effectiveDate }: { readonly contractId: string; readonly effectiveDate: string },
): void {
  const contract = document.contracts.find((known) => known.contractId === contractId);
  if (!contract) return;
  contract.endDate = effectiveDate;
  contract.status = 'ended';
}

function enterStage(
  document: Customer360,
  event: EventFor<'RelationshipStageMoved' | 'RelationshipStageChosen' | 'RelationshipStageOverridden'>,
  atMs: number,
  how: StageEntry['how'],
  heldUntilMs: number | null,
): void {
  const { from, to, reasonCode } = event.data;
  // Where the rules end a repair or a goodbye is taken back, only the stage says so.
  if (from === 'repair' && to !== 'repair') document.repair = null;
  if (from === 'dissolution' && to !== 'dissolution') document.goodbye = null;
  document.stage = to;
  document.stageSinceMs = atMs;
  document.stageHeldUntilMs = heldUntilMs;
  document.stageHistory.push({ stage: to, sinceMs: atMs, from, how, reasonCode, eventId: event.eventId });
  if (document.stageHistory.length > MAX_STAGE_HISTORY) document.stageHistory.shift();
}

function openCase(
  document: Customer360,
  data: EventFor<'CaseOpened' | 'ComplaintRaised'>['data'],
  kind: CaseOnFile['kind'],
  atMs: number,
  reasonCode?: string,
): void {
  put(
    document.cases,
    {
      caseId: data.caseId,
      kind,
      severity: data.severity,
      status: 'opened',
      openedAtMs: atMs,
      slaDueAtMs: epochMsOf(data.slaDueAt),
      ...(reasonCode !== undefined ? { reasonCode } : {}),
      ...(data.productId !== undefined ? { productId: data.productId } : {}),
    },
    (known) => known.caseId,
    MAX_CASES,
  );
}

function caseBecame(
  document: Customer360,
  caseId: string,
  status: CaseOnFile['status'],
  handlerId?: string,
): void {
  const found = document.cases.find((known) => known.caseId === caseId);
  if (!found) return;
  found.status = status;
  if (handlerId !== undefined) found.handlerId = handlerId;
  if (status !== 'accepted' && status !== 'closed') return;
  const closed = document.cases.filter((known) => known.status === 'accepted' || known.status === 'closed');
  if (closed.length > MAX_CLOSED_CASES)
    document.cases = document.cases.filter((known) => known !== closed[0]);
}

/** Adds an item or replaces the one with the same id; beyond the cap the oldest goes. */
function put<T>(list: T[], item: T, idOf: (item: T) => string, cap = MAX_LIST): void {
  const at = list.findIndex((known) => idOf(known) === idOf(item));
  if (at >= 0) list[at] = item;
  else list.push(item);
  if (list.length > cap) list.shift();
}

/** As `put`, unless what is known is newer in business time; kept in the order of the ids, so late facts change nothing else. */
function putLatest<T extends Stamp>(list: T[], item: T, idOf: (item: T) => string): void {
  const id = idOf(item);
  let at = 0;
  while (at < list.length && idOf(list[at]!) < id) at += 1;
  const known = list[at];
  if (known && idOf(known) === id) {
    if (supersedes(item, known)) list[at] = item;
  } else list.splice(at, 0, item);
  if (list.length > MAX_LIST) list.splice(oldestOf(list), 1);
}

function oldestOf(list: readonly Stamp[]): number {
  let oldest = 0;
  for (let i = 1; i < list.length; i += 1) if (!supersedes(list[i]!, list[oldest])) oldest = i;
  return oldest;
}
