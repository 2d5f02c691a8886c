import { OPPORTUNITY_STAGES } from '@rapport/contracts';
import type { Refusal, WayOut } from '@rapport/contracts';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import { refuse } from '../refuse.js';
import { kindOfOffer } from './offer.rules.js';
import type { OfferKind, OpportunityKind, OpportunityStage, SalesState } from './sales.state.js';

export const OPPORTUNITY_AS_OFFER: Readonly<Record<OpportunityKind, OfferKind>> = {
  new: 'firstSale',
  crossSell: 'crossSell',
  upSell: 'upSell',
  renewal: 'retain',
  winBack: 'winBack',
};

/** The kind the rules ask most of comes first: an opportunity of several products is as demanding as the most demanding. */
const MOST_DEMANDING_FIRST: readonly (readonly [OfferKind, OpportunityKind])[] = [
  ['crossSell', 'crossSell'],
  ['upSell', 'upSell'],
  ['retain', 'renewal'],
  ['firstSale', 'new'],
];

/**
 * What kind of sale an opportunity is. A renewal or a win-back is asked for as such; otherwise products of the catalogue
 * and what the customer holds decide, whatever the caller says; without products the caller's word counts.
 */
export function kindOfOpportunity(
  draft: Draft,
  command: CustomerCommandOf<'OpenOpportunity'>,
): OpportunityKind {
  if (command.kind === 'renewal' || command.kind === 'winBack') return command.kind;
  const kinds = new Set<OfferKind>();
  for (const { productId } of command.products ?? []) {
    const product = draft.context.references?.products?.get(productId);
    if (product !== undefined) kinds.add(kindOfOffer(draft.state, product));
  }
  const derived = MOST_DEMANDING_FIRST.find(([kind]) => kinds.has(kind));
  if (derived !== undefined) return derived[1];
  if (command.kind !== undefined) return command.kind;
  const { ledger, contracts } = draft.state;
  return ledger.purchases === 0 && contracts.active.length === 0 ? 'new' : 'crossSell';
}

export const isKnownOpportunity = (state: SalesState, opportunityId: string): boolean =>
  state.open.some((known) => known.opportunityId === opportunityId) ||
  state.closed.some((known) => known.opportunityId === opportunityId);

/** Why nothing can be done with an opportunity that is not open: UNKNOWN_OPPORTUNITY, OPPORTUNITY_STATE_FORBIDS. */
export function notOpen(state: SalesState, opportunityId: string): Refusal {
  const closed = state.closed.find((known) => known.opportunityId === opportunityId);
  if (closed === undefined) return refuse('UNKNOWN_OPPORTUNITY', 'The customer has no such opportunity.');
  const again: WayOut = {
    rule: 'opportunityIsOpen',
    sentence: 'Reopen the lost opportunity.',
    fact: { eventType: 'OpportunityReopened', data: { opportunityId, at: closed.stage } },
  };
  return refuse('OPPORTUNITY_STATE_FORBIDS', `The opportunity is already ${closed.outcome}.`, {
    wayOut: closed.outcome === 'lost' ? [again] : [],
  });
}

/** Null when the opportunity may come to this step: one at a time, never back. OPPORTUNITY_STATE_FORBIDS. */
export function stepForbidden(
  opportunityId: string,
  from: OpportunityStage,
  to: OpportunityStage,
): Refusal | null {
  const here = OPPORTUNITY_STAGES.indexOf(from);
  const there = OPPORTUNITY_STAGES.indexOf(to);
  if (there === here + 1) return null;
  const between = OPPORTUNITY_STAGES.slice(here + 1, Math.max(there, here + 1));
  return refuse(
    'OPPORTUNITY_STATE_FORBIDS',
    there <= here
      ? `The opportunity is already at ${from}; it goes forward, or it is won or lost.`
      : `From ${from} an opportunity goes on to ${OPPORTUNITY_STAGES[here + 1]!}.`,
    {
      wayOut: between.map((step, index) => ({
        rule: 'opportunityGoesStepByStep',
        sentence: `Advance the opportunity to ${step} first.`,
        fact: {
          eventType: 'OpportunityAdvanced',
          data: { opportunityId, from: OPPORTUNITY_STAGES[here + index]!, to: step },
        },
      })),
    },
  );
}

/** Why no opportunity may come of this lead: UNKNOWN_LEAD, LEAD_STATE_FORBIDS; null when it may. */
export function leadForbidsOpportunity(state: SalesState, leadId: string): Refusal | null {
  const lead = state.leads.find((known) => known.leadId === leadId);
  if (lead === undefined) return refuse('UNKNOWN_LEAD', 'The customer has no such lead.');
  switch (lead.status) {
    case 'qualified':
    case 'opened':
      return null;
    case 'identified':
      return refuse('LEAD_STATE_FORBIDS', 'The lead is not qualified yet.', {
        wayOut: [
          {
            rule: 'opportunityNeedsQualifiedLead',
            sentence: 'Qualify the lead.',
            fact: { eventType: 'LeadQualified', data: { leadId } },
          },
        ],
      });
    case 'disqualified':
      return refuse('LEAD_STATE_FORBIDS', 'The lead was disqualified.', {
        wayOut: [
          {
            rule: 'opportunityNeedsQualifiedLead',
            sentence: 'Identify a new lead, or open the opportunity without one.',
            fact: { eventType: 'LeadIdentified' },
          },
        ],
      });
    default:
      return lead.status satisfies never;
  }
}
