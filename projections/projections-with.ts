import type { AnyProjection } from '@rapport/projection-engine';
import type { RelationshipFunctions } from './due-reviews/due-reviews.model.js';
import type { ActionsAt } from './next-best-action/next-best-action.model.js';
import * as registry from './registry.js';

/** What the app injects: projections never import the domain. */
export interface ProjectionDependencies {
  /** The pure relationship functions, for `due-reviews`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the state is the domain's own
  readonly relationship: RelationshipFunctions<any>;
  /** The rules behind advice, for `next-best-action`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the state is the domain's own
  readonly actionsAt: ActionsAt<any>;
}

/** Every projection of the registry, in the order of their names. Projectors, API, CLI, docs and metrics read it. */
export const projectionsWith = (dependencies: ProjectionDependencies): readonly AnyProjection[] =>
  (Object.values(registry) as readonly (AnyProjection | ((from: ProjectionDependencies) => AnyProjection))[])
    .map((entry) => (typeof entry === 'function' ? entry(dependencies) : entry))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
