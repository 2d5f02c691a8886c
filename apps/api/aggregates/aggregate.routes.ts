import type { CommandRoute } from '../http/command-route.js';
import { PROCESS_AREA } from './processes.routes.js';
import { ACCOUNT_MANAGERS } from './portfolio.routes.js';
import { CAMPAIGN_AREA } from './campaign.routes.js';
import { CRM_GOALS_AREA } from './crm-goals.routes.js';
import { PRODUCT_AREA } from './product.routes.js';
import { RULE_BOOK_AREA } from './rule-book.routes.js';

/** A write, and where a dry run finds what it would touch. */
export interface AggregateRoute extends CommandRoute<string> {
  /** List of a read model whose first page a dry run shows. */
  readonly preview?: {
    readonly projection: string;
    readonly query: string;
    readonly paramsOf: (fields: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  };
}

/** Writes on one kind of aggregate besides the customer. */
export interface AggregateArea {
  /** Stream category: `product`. */
  readonly category: string;
  /** Below `/v1/`: `products`. */
  readonly collection: string;
  /** Name in the documentation. */
  readonly area: string;
  /** Paths are below the collection: `` begins one, `:productId/revisions` goes on with it. */
  readonly routes: readonly AggregateRoute[];
}

/** Every kind, one line each, in the order of the documentation. */
export const AGGREGATE_AREAS: readonly AggregateArea[] = [
  RULE_BOOK_AREA,
  PROCESS_AREA,
  ACCOUNT_MANAGERS,
  PRODUCT_AREA,
  CAMPAIGN_AREA,
  CRM_GOALS_AREA,
];
