import type { EventType } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { ownerKeys } from '../_parts/owner.js';
import type { DueReviewDocument, RelationshipFunctions } from './due-reviews.model.js';
import { due } from './due-reviews.queries.js';

/**
 * Whom must the rules look at again, and when, although nothing happens? (S8: silence decides too.)
 * Built from the relationship functions that the app hands in, so that it falls due exactly when `decide` would act.
 */
export const dueReviewsProjection = <State>(
  functions: RelationshipFunctions<State>,
): ProjectionDefinition<DueReviewDocument<State>, EventType> => ({
  name: 'due-reviews',
  get version() {
    return functions.version ?? 1;
  },
  question: 'Whom must the rules look at again, and when, although nothing happens?',
  events: (functions.events as readonly EventType[] | undefined) ?? '*',
  keys: ownerKeys,
  initial: () => ({ state: functions.initial() }),
  evolve: (document, event) => {
    document.state = functions.evolve(document.state, event);
    return document;
  },
  indexes: { nextReviewAtMs: (document) => functions.nextReviewAtMs(document.state) },
  combine: (documents) => ({ state: documents.map(({ state }) => state).reduce(functions.join) }),
  queries: [due],
});

/** `due-reviews` from what the app injects: its entry in the registry. */
export const dueReviewsFrom = (dependencies: { readonly relationship: RelationshipFunctions<unknown> }) =>
  dueReviewsProjection(dependencies.relationship);
