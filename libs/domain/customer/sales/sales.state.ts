import type { DataOf, OfferMade } from '@rapport/contracts';
import { capped, later, markOf, replacedAt } from '../occurrence.js';
import type { Mark, SliceEvolvers } from '../occurrence.js';

// Events: OpportunityOpened, OpportunityWon, OpportunityLost, OfferMade, OfferAccepted, OfferDeclined, OfferSuppressed.

export type OfferKind = DataOf<typeof OfferMade>['kind'];

export interface OpportunityState extends Mark {
  readonly opportunityId: string;
}

export interface OfferState extends Mark {
  readonly offerId: string;
  readonly kind: OfferKind;
  readonly byFirm: boolean;
  readonly open: boolean;
}

export interface SalesState {
  readonly open: readonly OpportunityState[];
  readonly closedIds: readonly string[];
  readonly opportunities: number;
  readonly lastWon: Mark | null;
  /** Latest offers made, answered or not. */
  readonly offers: readonly OfferState[];
}

export const initialSales: SalesState = {
  open: [],
  closedIds: [],
  opportunities: 0,
  lastWon: null,
  offers: [],
};

const OPEN_KEPT = 100;
const CLOSED_KEPT = 20;
/** The most offers a frequency rule may count. */
export const OFFERS_KEPT = 20;

const closed = (state: SalesState, opportunityId: string): SalesState => ({
  ...state,
  open: state.open.filter((known) => known.opportunityId !== opportunityId),
  closedIds: capped(state.closedIds, opportunityId, CLOSED_KEPT),
});

const answered = (state: SalesState, offerId: string): SalesState => {
  const index = state.offers.findIndex((offer) => offer.offerId === offerId);
  if (index < 0) return state;
  return { ...state, offers: replacedAt(state.offers, index, { ...state.offers[index]!, open: false }) };
};

export const salesEvolvers: SliceEvolvers<SalesState> = {
  OpportunityOpened: (state, data, occurrence) => ({
    ...state,
    opportunities: state.opportunities + 1,
    open: capped(state.open, { ...markOf(occurrence), opportunityId: data.opportunityId }, OPEN_KEPT),
  }),
  OpportunityWon: (state, data, occurrence) => ({
    ...closed(state, data.opportunityId),
    lastWon: later(state.lastWon, markOf(occurrence)),
  }),
  OpportunityLost: (state, data) => closed(state, data.opportunityId),
  OfferMade: (state, data, occurrence) => ({
    ...state,
    offers: capped(
      state.offers,
      {
        ...markOf(occurrence),
        offerId: data.offerId,
        kind: data.kind,
        byFirm: data.initiative === 'firm',
        open: true,
      },
      OFFERS_KEPT,
    ),
  }),
  OfferAccepted: (state, data) => answered(state, data.offerId),
  OfferDeclined: (state, data) => answered(state, data.offerId),
};
