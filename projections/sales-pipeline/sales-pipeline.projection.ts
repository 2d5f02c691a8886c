import { dayNumberOf, isoOf } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import type { LeadDocument, OpportunityDocument, SalesPipelineDocument } from './sales-pipeline.model.js';
import { forecast, leadSources, leads, opportunities, pipeline, winRate } from './sales-pipeline.queries.js';

const EVENTS = [
  'LeadIdentified', 'LeadQualified', 'LeadDisqualified', 'OpportunityOpened', 'OpportunityRevised', 'OpportunityAdvanced',
  'OpportunityWon', 'OpportunityLost', 'OpportunityReopened',
] as const; // prettier-ignore
type Event = EventFor<(typeof EVENTS)[number]>;
type LeadEvent = EventFor<'LeadIdentified' | 'LeadQualified' | 'LeadDisqualified' | 'OpportunityOpened'>;
type OpportunityEvent = Exclude<Event, { type: 'LeadIdentified' | 'LeadQualified' | 'LeadDisqualified' }>;

const LEAD = 'l:';
const OPPORTUNITY = 'o:';
const keyOf = (event: Event, prefix: string, id: string): string => `${ownerOf(event)}/${prefix}${id}`;
const idOf = (key: string): string => key.slice(key.indexOf('/') + 1);

/** What is being sold, by whom, how far it has come, and what it will bring? (S3, S6) */
export const salesPipeline: ProjectionDefinition<SalesPipelineDocument, (typeof EVENTS)[number]> = {
  name: 'sales-pipeline',
  version: 1,
  question: 'What is being sold, by whom, how far has it come, and what will it bring?',
  events: EVENTS,
  keys: (event) => {
    switch (event.type) {
      case 'LeadIdentified':
      case 'LeadQualified':
      case 'LeadDisqualified':
        return [keyOf(event, LEAD, event.data.leadId)];
      case 'OpportunityOpened': {
        const { opportunityId, leadId } = event.data;
        const own = keyOf(event, OPPORTUNITY, opportunityId);
        return leadId === undefined ? [own] : [own, keyOf(event, LEAD, leadId)];
      }
      default:
        return [keyOf(event, OPPORTUNITY, event.data.opportunityId)];
    }
  },
  initial: (key) => (idOf(key).startsWith(LEAD) ? newLead(idOf(key)) : newOpportunity(idOf(key))),
  evolve: (document, event) => {
    const atMs = occurredAtMsOf(event);
    if (document.type === 'lead') evolveLead(document, event as LeadEvent, atMs);
    else evolveOpportunity(document, event as OpportunityEvent, atMs);
    return document;
  },
  sortedBy: ['ownerId', 'campaignId', 'closeDate', 'sinceMs'],
  indexes: {
    type: (document) => document.type,
    status: (document) => document.status,
    ownerId: (document) => document.ownerId,
    campaignId: (document) => document.campaignId,
    stage: (document) => (document.type === 'opportunity' ? document.stage : null),
    kind: (document) => (document.type === 'opportunity' ? document.kind : null),
    currency: (document) => (document.type === 'opportunity' ? document.currency : null),
    expectedMinor: (document) => (document.type === 'opportunity' ? document.expectedMinor : 0),
    weightedMinor: (document) =>
      document.type === 'opportunity'
        ? Math.round((document.expectedMinor * document.probabilityPct) / 100)
        : 0,
    closeDate: (document) => (document.type === 'opportunity' ? document.expectedCloseDate : null),
    closeMonth: (document) =>
      document.type === 'opportunity' ? (document.expectedCloseDate?.slice(0, 7) ?? null) : null,
    decidedDate: (document) => decidedDateOf(document),
    decidedMonth: (document) => decidedDateOf(document)?.slice(0, 7) ?? null,
    daysToDecide: (document) =>
      document.type === 'opportunity' && document.decidedMs !== null
        ? Math.max(0, dayNumberOf(document.decidedMs) - dayNumberOf(document.openedMs))
        : null,
    wonMinor: (document) => (document.type === 'opportunity' ? (document.wonMinor ?? 0) : 0),
    wonCurrency: (document) => (document.type === 'opportunity' ? document.wonCurrency : null),
    marginMinor: (document) => (document.type === 'opportunity' ? (document.marginMinor ?? 0) : 0),
    lossReasonCode: (document) => (document.type === 'opportunity' ? document.lossReasonCode : null),
    competitor: (document) => (document.type === 'opportunity' ? document.competitor : null),
    source: (document) => (document.type === 'lead' ? document.source : null),
    sinceMs: (document) => (document.type === 'lead' ? document.sinceMs : document.stageSinceMs),
  },
  /** The rows of merged customers keep their keys; of two under one key the one that moved later is meant. */
  combine: (rows) => rows.reduce((a, b) => (movedMs(b) > movedMs(a) ? b : a)),
  queries: [pipeline, forecast, winRate, opportunities, leadSources, leads],
};

const movedMs = (row: SalesPipelineDocument): number =>
  row.type === 'lead' ? row.sinceMs : row.stageSinceMs;

const decidedDateOf = (document: SalesPipelineDocument): string | null =>
  document.type === 'opportunity' && document.decidedMs !== null
    ? isoOf(document.decidedMs).slice(0, 10)
    : null;

const newLead = (id: string): LeadDocument => ({
  type: 'lead',
  leadId: id.slice(LEAD.length),
  status: 'identified',
  source: null,
  score: null,
  ownerId: null,
  campaignId: null,
  identifiedMs: 0,
  sinceMs: 0,
  reasonCode: null,
});

const newOpportunity = (id: string): OpportunityDocument => ({
  type: 'opportunity',
  opportunityId: id.slice(OPPORTUNITY.length),
  kind: 'new',
  stage: 'identified',
  status: 'open',
  ownerId: null,
  expectedMinor: 0,
  currency: 'XXX',
  probabilityPct: 0,
  expectedCloseDate: null,
  productIds: [],
  leadId: null,
  campaignId: null,
  openedMs: 0,
  stageSinceMs: 0,
  decidedMs: null,
  wonMinor: null,
  wonCurrency: null,
  marginMinor: null,
  lossReasonCode: null,
  competitor: null,
  reopened: 0,
});

function evolveLead(document: LeadDocument, event: LeadEvent, atMs: number): void {
  document.sinceMs = atMs;
  switch (event.type) {
    case 'LeadIdentified': {
      const { source, score = null, ownerId = null, campaignId = null } = event.data;
      Object.assign(document, { status: 'identified', source, score, ownerId, campaignId });
      document.identifiedMs = atMs;
      return;
    }
    case 'LeadQualified':
      document.status = 'qualified';
      document.score = event.data.score ?? document.score;
      return;
    case 'LeadDisqualified':
      document.status = 'disqualified';
      document.reasonCode = event.data.reasonCode;
      return;
    case 'OpportunityOpened':
      document.status = 'opened';
      return;
    default:
      event satisfies never;
  }
}

function evolveOpportunity(document: OpportunityDocument, event: OpportunityEvent, atMs: number): void {
  switch (event.type) {
    case 'OpportunityOpened': {
      const { kind, expected, probabilityPct, expectedCloseDate, products, leadId, campaignId, ownerId } =
        event.data;
      document.kind = kind;
      document.expectedMinor = expected.amountMinor;
      document.currency = expected.currency;
      document.probabilityPct = probabilityPct;
      document.expectedCloseDate = expectedCloseDate ?? null;
      document.productIds = (products ?? []).map(({ productId }) => productId);
      document.leadId = leadId ?? null;
      document.campaignId = campaignId ?? null;
      document.ownerId = ownerId ?? null;
      document.openedMs = atMs;
      document.stageSinceMs = atMs;
      return;
    }
    case 'OpportunityRevised': {
      const { expected, probabilityPct, expectedCloseDate, products, ownerId } = event.data;
      if (expected !== undefined) {
        document.expectedMinor = expected.amountMinor;
        document.currency = expected.currency;
      }
      document.probabilityPct = probabilityPct ?? document.probabilityPct;
      document.expectedCloseDate = expectedCloseDate ?? document.expectedCloseDate;
      if (products !== undefined) document.productIds = products.map(({ productId }) => productId);
      document.ownerId = ownerId ?? document.ownerId;
      return;
    }
    case 'OpportunityAdvanced':
      document.stage = event.data.to;
      document.stageSinceMs = atMs;
      return;
    case 'OpportunityReopened':
      document.status = 'open';
      document.stage = event.data.at;
      document.stageSinceMs = atMs;
      document.decidedMs = null;
      document.lossReasonCode = null;
      document.competitor = null;
      document.reopened += 1;
      return;
    case 'OpportunityWon': {
      const { amount, margin } = event.data;
      document.status = 'won';
      document.decidedMs = atMs;
      document.wonMinor = amount.amountMinor;
      document.wonCurrency = amount.currency;
      document.marginMinor = margin?.currency === amount.currency ? margin.amountMinor : null;
      return;
    }
    case 'OpportunityLost':
      document.status = 'lost';
      document.decidedMs = atMs;
      document.lossReasonCode = event.data.lossReasonCode;
      document.competitor = event.data.competitor ?? null;
      return;
    default:
      event satisfies never;
  }
}
