import type { Access } from '@rapport/platform';
import { READ, READ_FIGURES } from '../customer/customer.access.js';

/** A named query under an address of its own; every query also has `/v1/read-models/<projection>/<query>`. */
export interface ReadRoute {
  /** `:ref` names a customer; other parts (`:productId`) are parameters of the query. */
  readonly path: string;
  readonly projection: string;
  readonly query: string;
  readonly access: Access;
  readonly area: string;
  /** Answers of other read models about the same customer that are shown with it, by the name of the member. */
  readonly beside?: Readonly<Record<string, { readonly projection: string; readonly query: string }>>;
}

export const READ_ROUTES: readonly ReadRoute[] = [
  { path: 'customers/:ref', projection: 'customer-360', query: 'customer', access: READ, area: 'customers', beside: { loyalty: { projection: 'loyalty', query: 'customer' } } },
  { path: 'customers/:ref/history', projection: 'contact-history', query: 'history', access: READ, area: 'customers' },
  { path: 'customers/:ref/decisions', projection: 'decisions', query: 'customer', access: READ, area: 'customers' },
  { path: 'customers/:ref/next-best-action', projection: 'next-best-action', query: 'of-customer', access: READ, area: 'customers' },
  { path: 'customers/:ref/value', projection: 'lifetime-value', query: 'value', access: READ_FIGURES, area: 'customers' },
  { path: 'customers/:ref/risk', projection: 'churn-risk', query: 'risk', access: READ_FIGURES, area: 'customers' },
  { path: 'lists/by-stage', projection: 'relationship-funnel', query: 'by-stage', access: READ_FIGURES, area: 'lists' },
  { path: 'lists/by-risk', projection: 'risk-scores', query: 'by-risk', access: READ_FIGURES, area: 'lists' },
  { path: 'funnel', projection: 'relationship-funnel', query: 'funnel', access: READ_FIGURES, area: 'lists' },
]; // prettier-ignore
