import { dayNumberOf, dayNumberOfIsoDate, epochMsOf } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { latestOf, occurredAtMsOf, stampOf, supersedes } from '../_parts/business-order.js';
import { ownerKeys } from '../_parts/owner.js';
import { addPurchase, addRefund, buyingDays, combineLedgers } from '../_parts/purchase-days.js';
import type { ChurnRiskDocument, ComplaintOnFile, ContractOnFile } from './churn-risk.model.js';
import { risk } from './churn-risk.queries.js';
import { CONTACT_PERIOD_DAYS } from './contact-decline.js';

const EVENTS = [
  'CustomerRegistered',
  'TouchPointRecorded',
  'PurchaseRecorded',
  'ReturnRecorded',
  'SurveyResponded',
  'ComplaintRaised',
  'CaseResolved',
  'ResolutionAccepted',
  'CaseReopened',
  'CaseClosed',
  'DefaultDeclared',
  'DefaultCured',
  'ContractSigned',
  'ContractRenewed',
  'ContractCancelled',
  'ContractExpired',
  'ContractAmended',
  'ContractTerminated',
  'RelationshipStageMoved',
  'RelationshipStageChosen',
  'RelationshipStageOverridden',
  'CustomerErased',
] as const;

const MAX_CONTACT_PERIODS = 12;
const MAX_DONE_COMPLAINTS = 20;
const MAX_CONTRACTS = 20;

/** Whom are we about to lose, why, and what is at stake? (S6, S15) */
export const churnRisk: ProjectionDefinition<ChurnRiskDocument, (typeof EVENTS)[number]> = {
  name: 'churn-risk',
  version: 1,
  question: 'Whom are we about to lose, why, and what is at stake?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => ({
    roles: [],
    stage: 'contact',
    ledger: {},
    contacts: [],
    complaints: [],
    defaults: [],
    contracts: [],
    nps: null,
    erased: false,
  }),
  evolve: (document, event) => {
    switch (event.type) {
      case 'TouchPointRecorded':
        if (event.data.direction === 'in')
          countContacts(document.contacts, periodOf(occurredAtMsOf(event)), 1);
        return document;
      case 'PurchaseRecorded': {
        const { currency, amountMinor } = event.data.total;
        addPurchase(document.ledger, currency, dayNumberOf(occurredAtMsOf(event)), amountMinor);
        return document;
      }
      case 'ReturnRecorded': {
        const { currency, amountMinor } = event.data.refund;
        addRefund(document.ledger, currency, dayNumberOf(occurredAtMsOf(event)), amountMinor);
        return document;
      }
      case 'SurveyResponded': {
        if (event.data.instrument !== 'NPS') return document;
        const stamp = stampOf(event);
        if (supersedes(stamp, document.nps)) document.nps = { ...stamp, score: event.data.score };
        return document;
      }
      case 'ComplaintRaised':
        document.complaints = document.complaints.filter((one) => one.caseId !== event.data.caseId);
        document.complaints.push({
          caseId: event.data.caseId,
          severity: event.data.severity as ComplaintOnFile['severity'],
          openedAtMs: occurredAtMsOf(event),
          slaDueAtMs: epochMsOf(event.data.slaDueAt),
          status: 'open',
        });
        return document;
      case 'CaseResolved':
        return withStatus(document, event.data.caseId, 'resolved');
      case 'CaseReopened':
        return withStatus(document, event.data.caseId, 'open');
      case 'ResolutionAccepted':
      case 'CaseClosed':
        return withStatus(document, event.data.caseId, 'done');
      case 'DefaultDeclared':
        if (!document.defaults.includes(event.data.invoiceId)) document.defaults.push(event.data.invoiceId);
        return document;
      case 'DefaultCured':
        document.defaults = document.defaults.filter((invoiceId) => invoiceId !== event.data.invoiceId);
        return document;
      case 'ContractSigned': {
        const { contractId, startDate, endDate, autoRenew, recurring, periodMonths } = event.data;
        document.contracts = document.contracts.filter((one) => one.contractId !== contractId);
        document.contracts.push({
          contractId,
          startDay: dayNumberOfIsoDate(startDate),
          endDay: endDate === undefined ? null : dayNumberOfIsoDate(endDate),
          autoRenew,
          notice: null,
          expiredDay: null,
          recurring: recurring ? { amountMinor: recurring.amountMinor, currency: recurring.currency } : null,
          periodMonths,
        });
        document.contracts = latestContracts(document.contracts);
        return document;
      }
      case 'ContractRenewed':
        return withContract(document, event.data.contractId, (contract) => {
          contract.endDay = dayNumberOfIsoDate(event.data.newEndDate);
          contract.notice = null;
          contract.expiredDay = null;
        });
      case 'ContractCancelled':
        return withContract(document, event.data.contractId, (contract) => {
          contract.notice = {
            effectiveDay: dayNumberOfIsoDate(event.data.effectiveDate),
            byCustomer: event.data.byCustomer,
          };
        });
      case 'ContractAmended':
        return withContract(document, event.data.contractId, (contract) => {
          const { endDate, autoRenew, recurring, periodMonths } = event.data;
          if (endDate !== undefined) contract.endDay = dayNumberOfIsoDate(endDate);
          if (autoRenew !== undefined) contract.autoRenew = autoRenew;
          if (periodMonths !== undefined) contract.periodMonths = periodMonths;
          if (recurring)
            contract.recurring = { amountMinor: recurring.amountMinor, currency: recurring.currency };
        });
      case 'ContractExpired':
      case 'ContractTerminated':
        return withContract(document, event.data.contractId, (contract) => {
          contract.expiredDay = dayNumberOfIsoDate(event.data.effectiveDate);
        });
      case 'CustomerRegistered':
        document.roles = [...event.data.roles];
        return document;
      case 'CustomerErased':
        document.erased = true;
        return document;
      default:
        document.stage = event.data.to;
        return document;
    }
  },
  sortedBy: [],
  indexes: {
    stage: (document) => document.stage,
    /** For the recency quintiles of customers no model speaks for. */
    lastPurchaseDay: (document) => buyingDays(document.ledger, Number.MAX_SAFE_INTEGER).at(-1) ?? null,
  },
  combine: (documents) => ({
    roles: [...new Set(documents.flatMap((document) => document.roles))].sort(),
    // The survivor's relationship goes on; a merge decides which document comes first.
    stage: documents[0]?.stage ?? 'contact',
    ledger: combineLedgers(documents.map((document) => document.ledger)),
    contacts: documents.reduce<number[]>((sum, { contacts }) => {
      for (let i = 0; i < contacts.length; i += 2) countContacts(sum, contacts[i]!, contacts[i + 1]!);
      return sum;
    }, []),
    complaints: byId(
      documents.flatMap((document) => document.complaints),
      (one) => one.caseId,
    ),
    defaults: [...new Set(documents.flatMap((document) => document.defaults))].sort(),
    contracts: latestContracts(
      byId(
        documents.flatMap((document) => document.contracts),
        (one) => one.contractId,
      ),
    ),
    nps: documents.map((document) => document.nps).reduce((a, b) => latestOf(a, b), null),
    erased: documents.some((document) => document.erased),
  }),
  queries: [risk],
};

const periodOf = (atMs: number): number => Math.floor(dayNumberOf(atMs) / CONTACT_PERIOD_DAYS);

/** Looks from the end, where facts mostly arrive; an older one finds its place or is older than all that is kept. */
function countContacts(contacts: number[], period: number, count: number): void {
  let at = contacts.length;
  while (at > 0 && contacts[at - 2]! > period) at -= 2;
  if (at > 0 && contacts[at - 2] === period) contacts[at - 1]! += count;
  else contacts.splice(at, 0, period, count);
  if (contacts.length > MAX_CONTACT_PERIODS * 2) contacts.splice(0, 2);
}

function withStatus(
  document: ChurnRiskDocument,
  caseId: string,
  status: ComplaintOnFile['status'],
): ChurnRiskDocument {
  const complaint = document.complaints.find((one) => one.caseId === caseId);
  // Most cases are no complaints.
  if (!complaint) return document;
  complaint.status = status;
  const done = document.complaints.filter((one) => one.status === 'done');
  if (done.length > MAX_DONE_COMPLAINTS)
    document.complaints = document.complaints.filter((one) => one !== done[0]);
  return document;
}

function withContract(
  document: ChurnRiskDocument,
  contractId: string,
  change: (contract: ContractOnFile) => void,
): ChurnRiskDocument {
  const contract = document.contracts.find((one) => one.contractId === contractId);
  if (contract) change(contract);
  return document;
}

const latestContracts = (contracts: ContractOnFile[]): ContractOnFile[] =>
  contracts.length <= MAX_CONTRACTS
    ? contracts
    : [...contracts]
        .sort((a, b) => a.startDay - b.startDay || (a.contractId < b.contractId ? -1 : 1))
        .slice(-MAX_CONTRACTS);

const byId = <T>(items: readonly T[], idOf: (item: T) => string): T[] =>
  [...items].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
