import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import type { DecisionRow } from './decisions.model.js';
import { books, customer } from './decisions.queries.js';
import { DECISION_TYPES } from './decisions.table.js';

type DecisionEvent = EventFor<(typeof DECISION_TYPES)[number]>;

/** Which rule book decided which event about a customer? (S8, S10, S19) */
export const decisions: ProjectionDefinition<DecisionRow, (typeof DECISION_TYPES)[number]> = {
  name: 'decisions',
  version: 1,
  question: 'Which version of the rules decided which event about a customer, and how much did each decide?',
  events: DECISION_TYPES,
  keys: (event) => (versionOf(event) === undefined ? [] : [`${ownerOf(event)}/${event.eventId}`]),
  initial: () => ({ type: '', ruleBookVersion: '', atMs: 0, outcome: {} }),
  evolve: (_row, event) => ({
    type: event.type,
    ruleBookVersion: versionOf(event)!,
    atMs: occurredAtMsOf(event),
    outcome: outcomeOf(event),
  }),
  sortedBy: ['ruleBookVersion', 'atMs'],
  indexes: {
    ruleBookVersion: (row) => row.ruleBookVersion,
    type: (row) => row.type,
    atMs: (row) => row.atMs,
  },
  /** Rows of merged customers keep their own keys; two documents under one key are the same decision. */
  combine: (rows) => rows[0]!,
  queries: [customer, books],
};

/** What is broken or offered by a person's word alone cites no book and is no decision by rules. */
const versionOf = (event: DecisionEvent): string | undefined =>
  event.metadata.ruleBookVersion ?? (event.data as { readonly ruleBookVersion?: string }).ruleBookVersion;

/** The codes that say what was decided; what people wrote beside it stays in the event. */
function outcomeOf(event: DecisionEvent): DecisionRow['outcome'] {
  switch (event.type) {
    case 'RelationshipStageMoved':
    case 'RelationshipStageChosen':
    case 'RelationshipStageOverridden': {
      const { from, to, reasonCode } = event.data;
      return { from, to, reasonCode };
    }
    case 'OfferSuppressed': {
      const { offerId, kind, productId, suppressedBy } = event.data;
      return { offerId, kind, productId, suppressedBy };
    }
    case 'OfferMade': {
      const { offerId, kind, productId } = event.data;
      return { offerId, kind, productId };
    }
    case 'OpportunityOpened': {
      const { opportunityId, kind } = event.data;
      return { opportunityId, kind };
    }
    case 'CampaignContactSent': {
      const { campaignId, contactId, channel } = event.data;
      return { campaignId, contactId, channel };
    }
    case 'WinBackStarted':
      return { winBackId: event.data.winBackId };
    case 'CustomerClassified':
      return { class: event.data.class ?? 'unclassified' };
    case 'ServiceLevelSet': {
      const { level, reason } = event.data;
      return { level, reason };
    }
    case 'StrategicAccountDesignated':
      return { standing: event.data.standing };
    case 'PromiseBroken':
      return { promiseId: event.data.promiseId };
  }
}
