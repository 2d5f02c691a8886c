import { dayNumberOf } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { ownerOf } from '../_parts/owner.js';
import {
  completenessPctOf,
  initialProfileQuality,
  joinedQuality,
  noteQuality,
  PROFILE_QUALITY_EVENTS,
  validityPctOf,
} from '../_parts/profile-quality.js';
import type { CustomerQualityDocument, DataQualityDocument } from './data-quality.model.js';
import { customer, quality, worklist } from './data-quality.queries.js';

const OF_MATCH = ['MatchProposed', 'MatchRejected', 'MatchAccepted'] as const;
const EVENTS = [...PROFILE_QUALITY_EVENTS, 'CustomerErased', ...OF_MATCH] as const;
type MatchEvent = EventFor<(typeof OF_MATCH)[number]>;

const isOfMatch = (event: EventFor<(typeof EVENTS)[number]>): event is MatchEvent =>
  (OF_MATCH as readonly string[]).includes(event.type);
const MATCH = '/match';

/** How complete, right, unique and fresh is what is known of the customers, and who answers for it? (S14, S19) */
export const dataQuality: ProjectionDefinition<DataQualityDocument, (typeof EVENTS)[number]> = {
  name: 'data-quality',
  version: 1,
  question:
    'How complete, right, unique and fresh is what is known of the customers, and who answers for it?',
  events: EVENTS,
  keys: (event) =>
    isOfMatch(event) ? [`${event.streamId.slice('identity-'.length)}${MATCH}`] : [ownerOf(event)],
  initial: (key) =>
    key.endsWith(MATCH)
      ? { type: 'match', status: 'proposed', scorePct: 0 }
      : { type: 'customer', quality: initialProfileQuality(), erased: false },
  evolve: (document, event) => {
    if (document.type === 'match') noteMatch(document, event as MatchEvent);
    else if (event.type === 'CustomerErased') document.erased = true;
    else noteQuality(document.quality, event as Parameters<typeof noteQuality>[1]);
    return document;
  },
  sortedBy: ['stewardId', 'completenessPct', 'validityPct', 'uniquenessPct', 'confirmedDay'],
  indexes: {
    // Nothing is asked of a person who was forgotten: they are in no list and no mean.
    counted: (document) => (document.type === 'match' || document.erased ? 0 : 1),
    stewardId: ofCustomer(({ quality: known }) => known.stewardId, null),
    groupCode: ofCustomer(({ quality: known }) => known.groupCode, null),
    completenessPct: ofCustomer(({ quality: known }) => completenessPctOf(known), 0),
    checked: ofCustomer(({ quality: known }) => (validityPctOf(known) === null ? 0 : 1), 0),
    validityPct: ofCustomer(({ quality: known }) => validityPctOf(known) ?? 0, 0),
    assessed: ofCustomer(({ quality: known }) => (known.assessment === null ? 0 : 1), 0),
    uniquenessPct: ofCustomer(({ quality: known }) => known.assessment?.uniquenessPct ?? 0, 0),
    confirmedDay: ofCustomer(({ quality: { confirmedAtMs } }) => (confirmedAtMs === null ? 0 : dayNumberOf(confirmedAtMs)), 0),
    matchStatus: (document) => (document.type === 'match' ? document.status : null),
    matchScorePct: (document) => (document.type === 'match' ? document.scorePct : 0),
  },
  combine: (documents) =>
    documents.reduce((a, b) =>
      a.type === 'customer' && b.type === 'customer'
        ? { type: 'customer', quality: joinedQuality(a.quality, b.quality), erased: a.erased || b.erased }
        : a,
    ),
  queries: [quality, worklist, customer],
}; // prettier-ignore

function ofCustomer<Value>(valueOf: (document: CustomerQualityDocument) => Value, otherwise: Value) {
  return (document: DataQualityDocument): Value =>
    document.type === 'customer' ? valueOf(document) : otherwise;
}

function noteMatch(document: Extract<DataQualityDocument, { type: 'match' }>, event: MatchEvent): void {
  switch (event.type) {
    case 'MatchProposed':
      document.status = 'proposed';
      document.scorePct = event.data.scorePct;
      return;
    case 'MatchRejected':
      document.status = 'rejected';
      return;
    case 'MatchAccepted':
      document.status = 'accepted';
      return;
    default:
      event satisfies never;
  }
}
