import type { Page, Paging, ProjectionReader, Query, QueryRow } from '@rapport/projection-engine';

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 200;

/** Rows wanted, within 1 and 200. */
export const pageSizeOf = (paging: Paging): number =>
  Math.min(Math.max(Math.trunc(paging.limit ?? DEFAULT_PAGE_SIZE), 1), MAX_PAGE_SIZE);

/** One page of a reader, and where the next one starts. Reads one row more than wanted to know whether there is one. */
export async function pageOf<Document extends object, Row>(
  reader: ProjectionReader<Document>,
  query: Omit<Query, 'limit' | 'after'>,
  paging: Paging,
  rowOf: (row: QueryRow<Document>) => Row,
): Promise<Page<Row>> {
  const limit = pageSizeOf(paging);
  const found = await reader.query({
    ...query,
    limit: limit + 1,
    ...(paging.after ? { after: paging.after } : {}),
  });
  const shown = found.slice(0, limit);
  const last = shown[shown.length - 1];
  const rows = shown.map(rowOf);
  return found.length > limit && last ? { rows, next: { values: last.values, key: last.key } } : { rows };
}
