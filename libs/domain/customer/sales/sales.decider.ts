import type { Refusal } from '@rapport/contracts';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import { refuse } from '../refuse.js';
import { defineProduct } from '../../product/product.decider.js';
import { heldBack, heldTierOf, kindOfOffer } from './offer.rules.js';
import {
  isKnownOpportunity,
  kindOfOpportunity,
  leadForbidsOpportunity,
  notOpen,
  OPPORTUNITY_AS_OFFER,
  stepForbidden,
} from './opportunity.rules.js';

type SalesCommand = CustomerCommandOf<
  | 'IdentifyLead'
  | 'QualifyLead'
  | 'DisqualifyLead'
  | 'OpenOpportunity'
  | 'AdvanceOpportunity'
  | 'ReviseOpportunity'
  | 'WinOpportunity'
  | 'LoseOpportunity'
  | 'ReopenOpportunity'
  | 'OfferProduct'
  | 'RecordOfferAnswer'
>;

/**
 * ID_ALREADY_USED, UNKNOWN_LEAD, LEAD_STATE_FORBIDS, UNKNOWN_OPPORTUNITY, OPPORTUNITY_STATE_FORBIDS, UNKNOWN_OFFER,
 * NOTHING_TO_DO, UNKNOWN_PRODUCT, and for our own initiatives STAGE_FORBIDS_*, CONSENT_MISSING, OFFER_NOT_PERMITTED with the way out. A
 * refused offer records OfferSuppressed.
 */
export function decideSales(draft: Draft, command: SalesCommand): Refusal | undefined {
  const state = draft.state.sales;
  switch (command.type) {
    case 'IdentifyLead':
      if (state.leads.some((known) => known.leadId === command.leadId))
        return refuse('ID_ALREADY_USED', 'The customer has a lead with this id.');
      draft.record('LeadIdentified', { ...ownedBy(draft), ...dataOf(command) });
      return undefined;
    case 'QualifyLead':
    case 'DisqualifyLead':
      return decideLead(draft, command);
    case 'OpenOpportunity': {
      if (isKnownOpportunity(state, command.opportunityId))
        return refuse('ID_ALREADY_USED', 'The customer has an opportunity with this id.');
      const forbidden = command.leadId === undefined ? null : leadForbidsOpportunity(state, command.leadId);
      if (forbidden) return forbidden;
      const kind = kindOfOpportunity(draft, command);
      const initiative = { kind: OPPORTUNITY_AS_OFFER[kind], by: command.initiative };
      const held = heldBack(draft.state, draft.context.ruleBook, initiative, draft.clockMs);
      if (held) return held.refusal;
      draft.record(
        'OpportunityOpened',
        { ...ownedBy(draft), ...dataOf(command), kind },
        { byRuleBook: true },
      );
      return undefined;
    }
    case 'ReopenOpportunity': {
      const { opportunityId } = command;
      const known = state.closed.find((one) => one.opportunityId === opportunityId);
      if (known?.outcome !== 'lost')
        return known || isKnownOpportunity(state, opportunityId)
          ? refuse('OPPORTUNITY_STATE_FORBIDS', 'Only a lost opportunity can be reopened.')
          : refuse('UNKNOWN_OPPORTUNITY', 'The customer has no such opportunity.');
      const initiative = { kind: OPPORTUNITY_AS_OFFER[known.kind], by: command.initiative };
      const held = heldBack(draft.state, draft.context.ruleBook, initiative, draft.clockMs);
      if (held) return held.refusal;
      draft.record('OpportunityReopened', { ...dataOf(command), at: known.stage });
      return undefined;
    }
    case 'AdvanceOpportunity':
    case 'ReviseOpportunity':
    case 'WinOpportunity':
    case 'LoseOpportunity':
      return decideOpenOpportunity(draft, command);
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

/** Who pursues it unless somebody else is named. */
const ownedBy = (draft: Draft): { readonly ownerId?: string } => {
  const { managerId } = draft.state.profile;
  return managerId === null ? {} : { ownerId: managerId };
};

function decideLead(
  draft: Draft,
  command: CustomerCommandOf<'QualifyLead' | 'DisqualifyLead'>,
): Refusal | undefined {
  const lead = draft.state.sales.leads.find((known) => known.leadId === command.leadId);
  if (lead === undefined) return refuse('UNKNOWN_LEAD', 'The customer has no such lead.');
  if (lead.status === 'opened')
    return refuse('LEAD_STATE_FORBIDS', 'An opportunity came of the lead: win or lose that one.');
  if (command.type === 'DisqualifyLead') {
    if (lead.status === 'disqualified') return refuse('NOTHING_TO_DO', 'The lead is already disqualified.');
    draft.record('LeadDisqualified', dataOf(command));
    return undefined;
  }
  if (lead.status === 'disqualified')
    return refuse('LEAD_STATE_FORBIDS', 'The lead was disqualified; identify a new one.', {
      wayOut: [
        {
          rule: 'qualifiedLeadIsNotDisqualified',
          sentence: 'Identify a new lead.',
          fact: { eventType: 'LeadIdentified' },
        },
      ],
    });
  if (lead.status === 'qualified') return refuse('NOTHING_TO_DO', 'The lead is already qualified.');
  draft.record('LeadQualified', dataOf(command));
  return undefined;
}

function decideOpenOpportunity(
  draft: Draft,
  command: CustomerCommandOf<
    'AdvanceOpportunity' | 'ReviseOpportunity' | 'WinOpportunity' | 'LoseOpportunity'
  >,
): Refusal | undefined {
  const state = draft.state.sales;
  const known = state.open.find((one) => one.opportunityId === command.opportunityId);
  if (known === undefined) return notOpen(state, command.opportunityId);
  switch (command.type) {
    case 'AdvanceOpportunity': {
      const forbidden = stepForbidden(known.opportunityId, known.stage, command.to);
      if (forbidden) return forbidden;
      draft.record('OpportunityAdvanced', { ...dataOf(command), from: known.stage });
      return undefined;
    }
    case 'ReviseOpportunity': {
      const { opportunityId: _, ...revised } = dataOf(command);
      if (Object.values(revised).every((value) => value === undefined))
        return refuse('NOTHING_TO_DO', 'Nothing to revise was named.');
      draft.record('OpportunityRevised', dataOf(command));
      return undefined;
    }
    case 'WinOpportunity':
      draft.record('OpportunityWon', dataOf(command));
      return undefined;
    case 'LoseOpportunity':
      draft.record('OpportunityLost', dataOf(command));
      return undefined;
    default:
      return command satisfies never;
  }
}

function decideOffer(draft: Draft, command: CustomerCommandOf<'OfferProduct'>): Refusal | undefined {
  const { ruleBook } = draft.context;
  if (draft.state.sales.offers.some((offer) => offer.offerId === command.offerId))
    return refuse('ID_ALREADY_USED', 'The customer has an offer with this id.');
  const { offerId, productId, channel, initiative, reason } = command;
  const product = draft.context.references?.products?.get(productId);
  if (product === undefined)
    return refuse('UNKNOWN_PRODUCT', 'The catalogue has no such product.', {
      wayOut: [defineProduct(productId)],
    });
  const kind = command.purpose ?? kindOfOffer(draft.state, product);
  const heldTier = heldTierOf(draft.state, product.family);
  const offer = {
    ...{ offerId, kind, productId, channel, initiative },
    productFamily: product.family,
    productTier: product.tier,
    ...(heldTier === null ? {} : { heldTier }),
  };
  const held = heldBack(draft.state, ruleBook, { kind, by: initiative, channel, productId }, draft.clockMs);
  if (held === null) {
    const { stage } = draft.state.relationship;
    const made = { ...offer, stage, ...(reason === undefined ? {} : { reason }) };
    draft.record('OfferMade', made, { byRuleBook: true });
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
