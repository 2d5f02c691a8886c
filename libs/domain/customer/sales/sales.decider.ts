import type { Refusal } from '@rapport/contracts';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import { refuse } from '../refuse.js';
import { heldBack, kindOfOffer } from './offer.rules.js';
import type { OfferKind } from './sales.state.js';

const OPPORTUNITY_AS_OFFER: Readonly<Record<string, OfferKind>> = {
  new: 'firstSale',
  crossSell: 'crossSell',
  upSell: 'upSell',
  renewal: 'retain',
  winBack: 'winBack',
};

/**
 * ID_ALREADY_USED, UNKNOWN_OPPORTUNITY, OPPORTUNITY_STATE_FORBIDS, UNKNOWN_OFFER, and for our own initiatives
 * STAGE_FORBIDS_*, CONSENT_MISSING, OFFER_NOT_PERMITTED with the way out. A refused offer records OfferSuppressed.
 */
export function decideSales(
  draft: Draft,
  command: CustomerCommandOf<
    'OpenOpportunity' | 'WinOpportunity' | 'LoseOpportunity' | 'OfferProduct' | 'RecordOfferAnswer'
  >,
): Refusal | undefined {
  const state = draft.state.sales;
  switch (command.type) {
    case 'OpenOpportunity': {
      if (isKnownOpportunity(draft, command.opportunityId))
        return refuse('ID_ALREADY_USED', 'The customer has an opportunity with this id.');
      const initiative = { kind: OPPORTUNITY_AS_OFFER[command.kind]!, by: command.initiative };
      const held = heldBack(draft.state, draft.context.ruleBook, initiative, draft.clockMs);
      if (held) return held.refusal;
      draft.record('OpportunityOpened', dataOf(command));
      return undefined;
    }
    case 'WinOpportunity':
    case 'LoseOpportunity': {
      if (!state.open.some((known) => known.opportunityId === command.opportunityId))
        return isKnownOpportunity(draft, command.opportunityId)
          ? refuse('OPPORTUNITY_STATE_FORBIDS', 'The opportunity is already decided.')
          : refuse('UNKNOWN_OPPORTUNITY', 'The customer has no such opportunity.');
      if (command.type === 'WinOpportunity') draft.record('OpportunityWon', dataOf(command));
      else draft.record('OpportunityLost', dataOf(command));
      return undefined;
    }
    case 'OfferProduct':
      return decideOffer(draft, command);
    case 'RecordOfferAnswer': {
      const { offerId, reasonCode } = command;
      if (!state.offers.some((offer) => offer.offerId === offerId && offer.open))
        return refuse('UNKNOWN_OFFER', 'The customer has no such open offer.');
      if (command.answer === 'accepted') draft.record('OfferAccepted', { offerId });
      else draft.record('OfferDeclined', { offerId, ...(reasonCode ? { reasonCode } : {}) });
      return undefined;
    }
    default:
      return command satisfies never;
  }
}

function decideOffer(draft: Draft, command: CustomerCommandOf<'OfferProduct'>): Refusal | undefined {
  const { ruleBook } = draft.context;
  if (draft.state.sales.offers.some((offer) => offer.offerId === command.offerId))
    return refuse('ID_ALREADY_USED', 'The customer has an offer with this id.');
  const kind =
    command.purpose ?? kindOfOffer(draft.state, { family: command.productFamily, tier: command.productTier });
  const { offerId, productId, channel, initiative, reason } = command;
  const offer = { offerId, kind, productId, channel, initiative };
  const held = heldBack(draft.state, ruleBook, { kind, by: initiative, channel }, draft.clockMs);
  if (held === null) {
    draft.record('OfferMade', { ...offer, ...(reason === undefined ? {} : { reason }) });
    return undefined;
  }
  draft.record(
    'OfferSuppressed',
    {
      ...offer,
      suppressedBy: [...held.suppressedBy],
      refusalCode: held.refusal.code,
      ruleBookVersion: ruleBook.version,
    },
    { byRuleBook: true },
  );
  return held.refusal;
}

const isKnownOpportunity = (draft: Draft, opportunityId: string): boolean =>
  draft.state.sales.open.some((known) => known.opportunityId === opportunityId) ||
  draft.state.sales.closedIds.includes(opportunityId);
