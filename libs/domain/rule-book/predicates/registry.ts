import { bondPredicates } from './bond.predicates.js';
import { commercePredicates } from './commerce.predicates.js';
import { contactPredicates } from './contact.predicates.js';
import { damagePredicates } from './damage.predicates.js';
import { endingPredicates } from './ending.predicates.js';
import { initiativePredicates } from './initiative.predicates.js';
import { offerPredicates } from './offer.predicates.js';
import type { Predicate } from './predicate.js';
import { repairPredicates } from './repair.predicates.js';
import { targetPredicates } from './target.predicates.js';

/** Every question a rule book may ask, by name. A new guard composes them; only a new question needs code. */
export const PREDICATES: ReadonlyMap<string, Predicate> = new Map(
  [
    ...commercePredicates,
    ...contactPredicates,
    ...bondPredicates,
    ...damagePredicates,
    ...repairPredicates,
    ...endingPredicates,
    ...offerPredicates,
    ...initiativePredicates,
    ...targetPredicates,
  ].map((predicate) => [predicate.name, predicate] as const),
);
