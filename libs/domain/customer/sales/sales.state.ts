import type { DataOf, OfferMade, OpportunityAdvanced, OpportunityOpened } from '@rapport/contracts';
import { capped, later, markOf, replacedAt } from '../occurrence.js';
import type { Mark, Occurrence, SliceEvolvers } from '../occurrence.js';

// Events: LeadIdentified, LeadQualified, LeadDisqualified, OpportunityOpened, OpportunityRevised, OpportunityAdvanced,
// OpportunityWon, OpportunityLost, OpportunityReopened, OfferMade, OfferAccepted, OfferDeclined, OfferSuppressed.

export type OfferKind = DataOf<typeof OfferMade>['kind'];
export type OpportunityKind = DataOf<typeof OpportunityOpened>['kind'];
export type OpportunityStage = DataOf<typeof OpportunityAdvanced>['to'];

/** identified → qualified → an opportunity was opened; disqualified from either of the first two. */
export interface LeadState {
  readonly leadId: string;
  readonly status: 'identified' | 'qualified' | 'disqualified' | 'opened';
}

/** The mark is the opening, or the reopening. */
export interface OpportunityState extends Mark {
  readonly opportunityId: string;
  readonly kind: OpportunityKind;
  readonly stage: OpportunityStage;
}

export interface ClosedOpportunity {
  readonly opportunityId: string;
  readonly outcome: 'won' | 'lost';
  readonly kind: OpportunityKind;
  /** Step at which it was decided: a reopened one goes on from there. */
  readonly stage: OpportunityStage;
}

export interface OfferState extends Mark {
  readonly offerId: string;
  readonly kind: OfferKind;
  readonly productId: string;
  readonly channel: string;
  readonly byFirm: boolean;
  readonly open: boolean;
  /** Business time of a no, epoch ms. */
  readonly declinedAtMs: number | null;
}

export interface SalesState {
  /** The latest leads, whatever became of them. */
  readonly leads: readonly LeadState[];
  readonly open: readonly OpportunityState[];
  /** The latest decided ones. */
  readonly closed: readonly ClosedOpportunity[];
  readonly opportunities: number;
  readonly lastWon: Mark | null;
  /** Latest offers made, answered or not. */
  readonly offers: readonly OfferState[];
}

export const initialSales: SalesState = {
  leads: [],
  open: [],
  closed: [],
  opportunities: 0,
  lastWon: null,
  offers: [],
};

const LEADS_KEPT = 50;
const OPEN_KEPT = 100;
const CLOSED_KEPT = 20;
/** The most offers a frequency rule may count. */
export const OFFERS_KEPT = 20;

const withLead = (state: SalesState, leadId: string, status: LeadState['status']): SalesState => {
  const index = state.leads.findIndex((known) => known.leadId === leadId);
  if (index < 0) return state;
  return { ...state, leads: replacedAt(state.leads, index, { leadId, status }) };
};

const decided = (state: SalesState, opportunityId: string, outcome: 'won' | 'lost'): SalesState => {
  const known = state.open.find((one) => one.opportunityId === opportunityId);
  if (known === undefined) return state;
  const { kind, stage } = known;
  return {
    ...state,
    open: state.open.filter((one) => one !== known),
    closed: capped(state.closed, { opportunityId, outcome, kind, stage }, CLOSED_KEPT),
  };
};

const reopened = (
  state: SalesState,
  data: DataOf<typeof import('@rapport/contracts').OpportunityReopened>,
  occurrence: Occurrence,
): SalesState => {
  const known = state.closed.find((one) => one.opportunityId === data.opportunityId);
  const { opportunityId, at: stage } = data;
  return {
    ...state,
    open: capped(
      state.open,
      { ...markOf(occurrence), opportunityId, kind: known?.kind ?? 'new', stage },
      OPEN_KEPT,
    ),
    closed: state.closed.filter((one) => one !== known),
  };
};

const answered = (state: SalesState, offerId: string, declinedAtMs: number | null = null): SalesState => {
  const index = state.offers.findIndex((offer) => offer.offerId === offerId);
  if (index < 0) return state;
  return {
    ...state,
    offers: replacedAt(state.offers, index, { ...state.offers[index]!, open: false, declinedAtMs }),
  };
};

export const salesEvolvers: SliceEvolvers<SalesState> = {
  LeadIdentified: (state, { leadId }) => ({
    ...state,
    leads: capped(state.leads, { leadId, status: 'identified' }, LEADS_KEPT),
  }),
  LeadQualified: (state, { leadId }) => withLead(state, leadId, 'qualified'),
  LeadDisqualified: (state, { leadId }) => withLead(state, leadId, 'disqualified'),
  OpportunityOpened: (state, data, occurrence) => ({
    ...(data.leadId === undefined ? state : withLead(state, data.leadId, 'opened')),
    opportunities: state.opportunities + 1,
    open: capped(
      state.open,
      {
        ...markOf(occurrence),
        opportunityId: data.opportunityId,
        kind: data.kind,
        stage: 'identified',
      },
      OPEN_KEPT,
    ),
  }),
  OpportunityAdvanced: (state, data) => {
    const index = state.open.findIndex((known) => known.opportunityId === data.opportunityId);
    if (index < 0) return state;
    return { ...state, open: replacedAt(state.open, index, { ...state.open[index]!, stage: data.to }) };
  },
  OpportunityReopened: reopened,
  OpportunityWon: (state, data, occurrence) => ({
    ...decided(state, data.opportunityId, 'won'),
    lastWon: later(state.lastWon, markOf(occurrence)),
  }),
  OpportunityLost: (state, data) => decided(state, data.opportunityId, 'lost'),
  OfferMade: (state, data, occurrence) => ({
    ...state,
    offers: capped(
      state.offers,
      {
        ...markOf(occurrence),
        offerId: data.offerId,
        kind: data.kind,
        productId: data.productId,
        channel: data.channel,
        byFirm: data.initiative === 'firm',
        open: true,
        declinedAtMs: null,
      },
      OFFERS_KEPT,
    ),
  }),
  OfferAccepted: (state, data) => answered(state, data.offerId),
  OfferDeclined: (state, data, { atMs }) => answered(state, data.offerId, atMs),
};
