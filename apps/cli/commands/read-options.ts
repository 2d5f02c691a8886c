import type { Command } from 'commander';
import type { ReadAnswer, ServerClient } from '../connection/server-client.js';
import { instantArgument } from './arguments.js';

/** Flags of every read: as of which business day, and as known when. */
export interface ReadFlags {
  readonly asOf?: string;
  readonly knownAt?: string;
}

export const withReadFlags = (command: Command): Command =>
  command
    .option('--as-of <day>', 'as it was on that business day or instant', instantArgument)
    .option('--known-at <day>', 'as we knew it on that day or instant', instantArgument);

export const readQuery = ({ asOf, knownAt }: ReadFlags): { asOf?: string; knownAt?: string } => ({
  ...(asOf === undefined ? {} : { asOf }),
  ...(knownAt === undefined ? {} : { knownAt }),
});

export const customerPath = (ref: string, rest = ''): string =>
  `/v1/customers/${encodeURIComponent(ref)}${rest}`;

/** Most rows of one page of the API. */
const PAGE_LIMIT = 200;

/** Rows of a paged read, following its cursors until there are `limit`. */
export async function readRows<Row>(
  client: ServerClient,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  limit: number,
): Promise<{
  readonly rows: readonly Row[];
  readonly meta: ReadAnswer<unknown>['meta'];
  readonly data: unknown;
  readonly more: boolean;
}> {
  const rows: Row[] = [];
  for (let cursor: string | undefined; ;) {
    const answer = await client.get<{ rows: readonly Row[] }>(path, {
      ...query,
      limit: Math.min(PAGE_LIMIT, limit - rows.length),
      cursor,
    });
    rows.push(...answer.data.rows);
    const next = answer.meta.next;
    if (typeof next !== 'string' || rows.length >= limit)
      return { rows, meta: answer.meta, data: answer.data, more: typeof next === 'string' };
    cursor = next;
  }
}

/** One line that says how fresh an answer is. */
export function freshness(meta: Readonly<Record<string, unknown>>): string {
  const parts = [`as of ${String(meta.asOf ?? 'now')}`];
  if (typeof meta.knownAt === 'string') parts.push(`known at ${meta.knownAt}`);
  if (meta.position !== undefined) parts.push(`log position ${String(meta.position)}`);
  if (meta.projection !== undefined) parts.push(`${String(meta.projection)} v${String(meta.version ?? '?')}`);
  return parts.join(' · ');
}
