import { STAGES } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { groupAnew, groupAsRegistered, joinedGroup, noGroup } from '../_parts/customer-group.js';
import { ownerKeys } from '../_parts/owner.js';
import type { AccountPortfolioDocument } from './account-portfolio.model.js';
import { customers, handOver, MIXED, portfolios } from './account-portfolio.queries.js';

const EVENTS = [
  'CustomerRegistered', 'CustomerGrouped', 'AccountManagerAssigned', 'AccountManagerReleased', 'NeedLevelAssessed',
  'CustomerClassified', 'StrategicAccountDesignated', 'StrategicAccountWithdrawn', 'RelationshipStageMoved',
  'RelationshipStageChosen', 'RelationshipStageOverridden', 'PurchaseRecorded', 'ReturnRecorded', 'CustomerErased',
] as const; // prettier-ignore

/** Which customers does each account manager look after, and what kind of customers are they? (S4) */
export const accountPortfolio: ProjectionDefinition<AccountPortfolioDocument, (typeof EVENTS)[number]> = {
  name: 'account-portfolio',
  version: 1,
  question: 'Which customers does each account manager look after, and what kind of customers are they?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => ({
    managerId: null,
    fromDate: null,
    basis: null,
    handOverId: null,
    managersBefore: 0,
    ...noGroup(),
    stage: 'contact',
    customerClass: null,
    needLevel: null,
    strategic: null,
    netMinor: {},
    erased: false,
  }),
  evolve: (document, event) => {
    switch (event.type) {
      case 'PurchaseRecorded':
        return move(document, event.data.total.currency, event.data.total.amountMinor);
      case 'ReturnRecorded':
        return move(document, event.data.refund.currency, -event.data.refund.amountMinor);
      case 'CustomerRegistered':
        groupAsRegistered(document, event.data);
        return document;
      case 'CustomerGrouped':
        groupAnew(document, event.data);
        return document;
      case 'AccountManagerAssigned':
        if (document.managerId !== null) document.managersBefore += 1;
        document.managerId = event.data.managerId;
        document.fromDate = event.data.fromDate;
        document.basis = event.data.basis;
        document.handOverId = event.data.handOverId ?? null;
        return document;
      case 'AccountManagerReleased':
        if (document.managerId !== event.data.managerId) return document;
        document.managersBefore += 1;
        document.managerId = null;
        document.fromDate = null;
        document.basis = null;
        document.handOverId = null;
        return document;
      case 'NeedLevelAssessed':
        document.needLevel = event.data.level;
        return document;
      case 'CustomerClassified':
        document.customerClass = event.data.class ?? null;
        return document;
      case 'StrategicAccountDesignated':
        document.strategic = event.data.standing;
        return document;
      case 'StrategicAccountWithdrawn':
        document.strategic = null;
        return document;
      case 'CustomerErased':
        document.erased = true;
        return document;
      default:
        document.stage = event.data.to;
        return document;
    }
  },
  sortedBy: ['managerId', 'handOverId'],
  indexes: {
    managerId: (document) => document.managerId,
    handOverId: (document) => document.handOverId,
    fromDate: (document) => document.fromDate,
    groupCode: (document) => document.groupCode,
    activityType: (document) => document.activityType,
    regionCode: (document) => document.regionCode,
    country: (document) => document.country,
    stage: (document) => document.stage,
    customerClass: (document) => document.customerClass,
    needLevel: (document) => document.needLevel,
    strategic: (document) => document.strategic,
    currency: (document) => currencyOf(document),
    /** Of customers with one currency; the others are added up one by one. */
    netMinor: (document) => {
      const currency = currencyOf(document);
      return currency === null || currency === MIXED ? 0 : document.netMinor[currency]!;
    },
  },
  combine: (documents) => documents.reduce(joined),
  queries: [portfolios, customers, handOver],
};

function move(document: AccountPortfolioDocument, currency: string, amountMinor: number) {
  document.netMinor[currency] = addMinor(document.netMinor[currency] ?? 0, amountMinor);
  return document;
}

/** The customer's currency: null before the first purchase, `mixed` when there are several. */
function currencyOf({ netMinor }: AccountPortfolioDocument): string | null {
  const [first, second] = Object.keys(netMinor);
  return second === undefined ? (first ?? null) : MIXED;
}

/** A merged customer has the manager assigned last, the further stage, and the money of all. */
function joined(a: AccountPortfolioDocument, b: AccountPortfolioDocument): AccountPortfolioDocument {
  const of = managedLater(a, b) ? a : b;
  const netMinor: AccountPortfolioDocument['netMinor'] = {};
  for (const currency of [...new Set([...Object.keys(a.netMinor), ...Object.keys(b.netMinor)])].sort())
    netMinor[currency] = addMinor(a.netMinor[currency] ?? 0, b.netMinor[currency] ?? 0);
  return {
    managerId: of.managerId,
    fromDate: of.fromDate,
    basis: of.basis,
    handOverId: of.handOverId,
    managersBefore: a.managersBefore + b.managersBefore,
    ...joinedGroup(of, a, b),
    stage: STAGES.indexOf(a.stage) >= STAGES.indexOf(b.stage) ? a.stage : b.stage,
    customerClass: of.customerClass ?? a.customerClass ?? b.customerClass,
    needLevel:
      a.needLevel === null || b.needLevel === null
        ? (a.needLevel ?? b.needLevel)
        : Math.max(a.needLevel, b.needLevel),
    strategic: a.strategic === 'strategic' ? a.strategic : (b.strategic ?? a.strategic),
    netMinor,
    erased: a.erased || b.erased,
  };
}

const managedLater = (a: AccountPortfolioDocument, b: AccountPortfolioDocument): boolean => {
  const [x, y] = [a.fromDate ?? '', b.fromDate ?? ''];
  return x !== y ? x > y : (a.managerId ?? '') >= (b.managerId ?? '');
};
