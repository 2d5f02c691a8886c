import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import type { CrmGoalsDocument, GoalOnFile, MonthDocument, ScopeDocument } from './crm-goals.model.js';
import { goals, metrics } from './crm-goals.queries.js';
import type { Counter } from './crm-metrics.table.js';

const OF_SCOPE = ['GoalSet', 'BenchmarkRecorded', 'GoalMeasured'] as const;
const OF_CUSTOMER = [
  'CustomerRegistered', 'RelationshipStageMoved', 'RelationshipStageChosen', 'RelationshipStageOverridden', 'WinBackConcluded',
  'PurchaseRecorded', 'ReturnRecorded', 'OpportunityWon', 'OpportunityLost', 'OfferMade', 'OfferAccepted', 'CaseOpened',
  'ComplaintRaised', 'ReferralMade', 'PromiseKept', 'PromiseBroken', 'CampaignContactSent', 'CampaignResponded',
  'CampaignOptedOut', 'SurveyResponded', 'ServiceCostRecorded',
] as const; // prettier-ignore
type ScopeEvent = EventFor<(typeof OF_SCOPE)[number]>;
type CustomerEvent = EventFor<(typeof OF_CUSTOMER)[number]>;
type Event = ScopeEvent | CustomerEvent;

const MAX_GOALS = 200;
const MAX_BENCHMARKS = 200;
const PROMOTERS_FROM = 9;
const DETRACTORS_TO = 6;

const isOfScope = (event: Event): event is ScopeEvent => (OF_SCOPE as readonly string[]).includes(event.type);

type Money = { readonly amountMinor: number; readonly currency: string };

/** What an event adds to the counts of its customer's month. */
function countsOf(event: CustomerEvent): Partial<Record<Counter, number>> {
  switch (event.type) {
    case 'CustomerRegistered':
      return { newCustomers: 1 };
    case 'RelationshipStageMoved':
    case 'RelationshipStageChosen':
    case 'RelationshipStageOverridden':
      if (event.data.to === 'dissolution') return { customersLost: 1 };
      return event.data.to === 'intimacy' ? { intimacyReached: 1 } : {};
    case 'WinBackConcluded':
      return event.data.outcome === 'won' ? { customersWonBack: 1 } : {};
    case 'PurchaseRecorded':
      return { purchases: 1 };
    case 'OpportunityWon':
      return { dealsWon: 1 };
    case 'OpportunityLost':
      return { dealsLost: 1 };
    case 'OfferMade':
      return { offersMade: 1 };
    case 'OfferAccepted':
      return { offersAccepted: 1 };
    case 'CaseOpened':
      return { casesOpened: 1 };
    case 'ComplaintRaised':
      return { casesOpened: 1, complaints: 1 };
    case 'ReferralMade':
      return { referrals: 1 };
    case 'PromiseKept':
      return { promisesKept: 1 };
    case 'PromiseBroken':
      return { promisesBroken: 1 };
    case 'CampaignContactSent':
      return { campaignContacts: 1 };
    case 'CampaignResponded':
      return { campaignResponses: 1 };
    case 'CampaignOptedOut':
      return { optOuts: 1 };
    case 'SurveyResponded': {
      const { instrument, score } = event.data;
      if (instrument === 'CSAT') return { csatAnswers: 1, csatSum: score };
      if (instrument !== 'NPS') return {};
      return {
        npsAnswers: 1,
        ...(score >= PROMOTERS_FROM ? { npsPromoters: 1 } : {}),
        ...(score <= DETRACTORS_TO ? { npsDetractors: 1 } : {}),
      };
    }
    default:
      return {};
  }
}

/** What an event adds to an amount, and to which. */
function amountOf(event: CustomerEvent): { readonly counter: Counter; readonly money: Money } | undefined {
  switch (event.type) {
    case 'PurchaseRecorded':
      return { counter: 'revenueMinor', money: event.data.total };
    case 'ReturnRecorded':
      return {
        counter: 'revenueMinor',
        money: { ...event.data.refund, amountMinor: -event.data.refund.amountMinor },
      };
    case 'ServiceCostRecorded':
      return { counter: 'serviceCostMinor', money: event.data.amount };
    default:
      return undefined;
  }
}

/** Does each goal have a metric, where does it stand against baseline, target and benchmark, and what did it cost? (S18, S19) */
export const crmGoals: ProjectionDefinition<CrmGoalsDocument, Event['type']> = {
  name: 'crm-goals',
  version: 1,
  question:
    'Where does each goal stand against its baseline, its target and the benchmarks, and what did it cost?',
  events: [...OF_SCOPE, ...OF_CUSTOMER],
  keys: (event) => {
    if (isOfScope(event)) return [event.streamId.slice('crmGoals-'.length)];
    const month = `${ownerOf(event)}/${event.metadata.occurredAt.slice(0, 7)}`;
    const counted = Object.keys(countsOf(event)).map((counter) => `${month}/${counter}`);
    const amount = amountOf(event);
    if (amount !== undefined) counted.push(`${month}/${amount.counter}/${amount.money.currency}`);
    return counted;
  },
  initial: (key) => {
    const [owner, month, counter, currency = null] = key.split('/');
    return month === undefined
      ? { type: 'scope', scope: owner!, goals: [], benchmarks: [] }
      : { type: 'month', month, counter: counter as Counter, currency, value: 0 };
  },
  evolve: (document, event) => {
    if (document.type === 'scope') evolveScope(document, event as ScopeEvent);
    else evolveMonth(document, event as CustomerEvent);
    return document;
  },
  sortedBy: ['month'],
  indexes: {
    type: (document) => document.type,
    month: (document) => (document.type === 'month' ? document.month : null),
    counter: (document) => (document.type === 'month' ? document.counter : null),
    currency: (document) => (document.type === 'month' ? document.currency : null),
    value: (document) => (document.type === 'month' ? document.value : 0),
  },
  combine: (documents) => documents.reduce(joined),
  queries: [goals, metrics],
};

function evolveMonth(document: MonthDocument, event: CustomerEvent): void {
  const more =
    document.currency === null ? countsOf(event)[document.counter] : amountOf(event)?.money.amountMinor;
  document.value = addMinor(document.value, more ?? 0);
}

function evolveScope(document: ScopeDocument, event: ScopeEvent): void {
  switch (event.type) {
    case 'GoalSet': {
      const known = document.goals.find(({ goalId }) => goalId === event.data.goalId);
      const goal: GoalOnFile = {
        ...event.data,
        setMs: known?.setMs ?? occurredAtMsOf(event),
        // What was told of another metric says nothing of this one.
        told: known?.metric === event.data.metric ? known.told : null,
        cost: known?.cost ?? null,
      };
      document.goals = [...document.goals.filter((one) => one !== known), goal].slice(-MAX_GOALS);
      return;
    }
    case 'GoalMeasured': {
      const { goalId, value, cost, asOf } = event.data;
      const goal = document.goals.find((one) => one.goalId === goalId);
      if (!goal) return;
      if (value !== undefined && (goal.told === null || asOf >= goal.told.asOf)) goal.told = { value, asOf };
      if (cost !== undefined && (goal.cost === null || asOf >= goal.cost.asOf)) goal.cost = { ...cost, asOf };
      return;
    }
    case 'BenchmarkRecorded': {
      const { metric, source, asOf } = event.data;
      const known = document.benchmarks.find((one) => one.metric === metric && one.source === source);
      if (known && known.asOf > asOf) return;
      const others = document.benchmarks.filter((one) => one !== known);
      document.benchmarks = [...others, { ...event.data }].slice(-MAX_BENCHMARKS);
      return;
    }
    default:
      event satisfies never;
  }
}

/** Months of merged customers add up: a merger makes no purchase more or less. */
function joined(a: CrmGoalsDocument, b: CrmGoalsDocument): CrmGoalsDocument {
  if (a.type === 'scope' || b.type === 'scope') return a;
  return { ...a, value: addMinor(a.value, b.value) };
}
