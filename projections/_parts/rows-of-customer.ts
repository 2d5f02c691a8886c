import type { NamedQuery, Page, Query, QueryContext, QueryRow } from '@rapport/projection-engine';
import { pageOf } from './paging.js';
import { CustomerParams } from './query-params.js';

/** What does one customer have, row by row? The `customer` query of a read model with rows of its own for a customer. */
export const rowsOfCustomer = <Document extends object, Row>(
  question: string,
  [index, direction]: readonly [index: string, direction: 'asc' | 'desc'],
  rowOf: (row: QueryRow<Document>, context: QueryContext) => Row,
): NamedQuery<Document, typeof CustomerParams, Page<Row>> => ({
  name: 'customer',
  question,
  scope: 'customer',
  paged: true,
  params: CustomerParams,
  run: (reader, params, context) => {
    const query: Omit<Query, 'limit'> = { owner: params.customerId, orderBy: [{ index, direction }] };
    return pageOf(reader, query, params, (row) => rowOf(row, context));
  },
});
