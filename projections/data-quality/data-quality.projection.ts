import { dayNumberOf } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { ownerKeys } from '../_parts/owner.js';
import {
  completenessPctOf,
  initialProfileQuality,
  joinedQuality,
  noteQuality,
  PROFILE_QUALITY_EVENTS,
  validityPctOf,
} from '../_parts/profile-quality.js';
import type { DataQualityDocument } from './data-quality.model.js';
import { customer, quality, worklist } from './data-quality.queries.js';

const EVENTS = [...PROFILE_QUALITY_EVENTS, 'CustomerErased'] as const;

/** How complete, right, unique and fresh is what is known of the customers, and who answers for it? (S14, S19) */
export const dataQuality: ProjectionDefinition<DataQualityDocument, (typeof EVENTS)[number]> = {
  name: 'data-quality',
  version: 1,
  question:
    'How complete, right, unique and fresh is what is known of the customers, and who answers for it?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => ({ quality: initialProfileQuality(), erased: false }),
  evolve: (document, event) => {
    if (event.type === 'CustomerErased') document.erased = true;
    else noteQuality(document.quality, event);
    return document;
  },
  indexes: {
    // Nothing is asked of a person who was forgotten: they are in no list and no mean.
    counted: ({ erased }) => (erased ? 0 : 1),
    stewardId: (document) => document.quality.stewardId,
    groupCode: (document) => document.quality.groupCode,
    completenessPct: (document) => completenessPctOf(document.quality),
    checked: (document) => (validityPctOf(document.quality) === null ? 0 : 1),
    validityPct: (document) => validityPctOf(document.quality) ?? 0,
    assessed: (document) => (document.quality.assessment === null ? 0 : 1),
    uniquenessPct: (document) => document.quality.assessment?.uniquenessPct ?? 0,
    confirmedDay: (document) =>
      document.quality.confirmedAtMs === null ? 0 : dayNumberOf(document.quality.confirmedAtMs),
  },
  combine: (documents) =>
    documents.reduce((a, b) => ({
      quality: joinedQuality(a.quality, b.quality),
      erased: a.erased || b.erased,
    })),
  queries: [quality, worklist, customer],
};
