import type { CollectionState, Condition, GroupQuery, IndexValue, Query } from '../read-model.port.js';
import { assertKnownIndex, assertSorted, subKeysFrom, subKeysUpTo } from '../collection-name.js';

/** SQL text with its bound values. Names come from definitions and are checked; values are always bound. */
export interface Sql {
  readonly text: string;
  readonly values: readonly IndexValue[];
}

export const columnOf = (index: string): string => `"ix_${index}"`;
export const tableOf = (collection: string): string => `"${collection}"`;

/** A collection as its queries see it. */
export type Target = Pick<CollectionState, 'collection' | 'indexes' | 'sortedBy'>;

function conditionSql(target: Target, condition: Condition, values: IndexValue[]): string {
  assertKnownIndex(target.indexes, condition.index, target.collection);
  const column = columnOf(condition.index);
  if (condition.value === null) {
    if (condition.op === '=') return `${column} IS NULL`;
    if (condition.op === '!=') return `${column} IS NOT NULL`;
    return '0';
  }
  values.push(condition.value);
  // `!=` keeps rows without a value: "not at stage X" includes "at no stage".
  return condition.op === '!=' ? `${column} IS NOT ?` : `${column} ${condition.op} ?`;
}

function whereSql(target: Target, where: readonly Condition[] | undefined, values: IndexValue[]): string[] {
  return (where ?? []).map((condition) => conditionSql(target, condition, values));
}

/** Rows strictly after `after` in the ordering; NULL sorts lowest, as SQLite orders it. */
function afterSql(query: Query, keyDirection: 'asc' | 'desc', values: IndexValue[]): string[] {
  const after = query.after;
  if (!after) return [];
  const orderBy = query.orderBy ?? [];
  const alternatives: string[] = [];
  const equals: { sql: string; values: IndexValue[] }[] = [];
  const push = (sql: string, own: readonly IndexValue[]): void => {
    alternatives.push([...equals.map((e) => e.sql), sql].join(' AND '));
    values.push(...equals.flatMap((e) => e.values), ...own);
  };
  // Redundant bound on the leading column, so that an index starts at the page instead of skipping to it.
  const bounds: string[] = [];
  const first = orderBy[0];
  const firstValue = after.values[0] ?? null;
  if (first && first.direction === 'asc' && firstValue !== null) {
    bounds.push(`${columnOf(first.index)} >= ?`);
    values.push(firstValue);
  }
  orderBy.forEach(({ index, direction }, i) => {
    const column = columnOf(index);
    const value = after.values[i] ?? null;
    if (direction === 'asc')
      push(value === null ? `${column} IS NOT NULL` : `${column} > ?`, value === null ? [] : [value]);
    else if (value !== null) push(`(${column} < ? OR ${column} IS NULL)`, [value]);
    equals.push({ sql: `${column} IS ?`, values: [value] });
  });
  push(`key ${keyDirection === 'asc' ? '>' : '<'} ?`, [after.key]);
  return [...bounds, `(${alternatives.map((a) => `(${a})`).join(' OR ')})`];
}

/**
 * One page of documents. The inner query finds and orders row ids by index columns alone, so sorting never carries
 * documents; the outer one fetches the page.
 */
export function querySql(target: Target, query: Query): Sql {
  const values: IndexValue[] = [];
  const orderBy = query.orderBy ?? [];
  assertSorted(target, query);
  const keyDirection = orderBy.at(-1)?.direction ?? 'asc';
  const conditions = whereSql(target, query.where, values);
  if (query.owner !== undefined) {
    conditions.push('key >= ? AND key < ? AND (key = ? OR key >= ?)');
    values.push(query.owner, subKeysUpTo(query.owner), query.owner, subKeysFrom(query.owner));
  }
  conditions.push(...afterSql(query, keyDirection, values));
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  // `+` keeps the planner on the owner's key range instead of walking the whole order index.
  const plus = query.owner === undefined ? '' : '+';
  const order = [
    ...orderBy.map(({ index, direction }) => `${plus}${columnOf(index)} ${direction}`),
    `key ${keyDirection}`,
  ].join(', ');
  const columns = orderBy.map(({ index }, i) => `${columnOf(index)} AS v${i}`);
  const inner = `SELECT ${['rowid AS r', 'key AS k', ...columns].join(', ')} FROM ${tableOf(target.collection)} ${where} ORDER BY ${order} LIMIT ?`;
  values.push(query.limit);
  const outerOrder = [...orderBy.map(({ direction }, i) => `p.v${i} ${direction}`), `p.k ${keyDirection}`];
  const outerColumns = ['p.k', 't.position', 't.document', ...orderBy.map((_, i) => `p.v${i}`)];
  return {
    text: `SELECT ${outerColumns.join(', ')} FROM (${inner}) p CROSS JOIN ${tableOf(target.collection)} t ON t.rowid = p.r ORDER BY ${outerOrder.join(', ')}`,
    values,
  };
}

export function groupSql(target: Target, query: GroupQuery): Sql {
  const values: IndexValue[] = [];
  for (const index of [...query.groupBy, ...(query.sum ?? [])])
    assertKnownIndex(target.indexes, index, target.collection);
  const conditions = whereSql(target, query.where, values);
  const groups = query.groupBy.map(columnOf);
  const selected = [...groups, 'count(*)', ...(query.sum ?? []).map((index) => `total(${columnOf(index)})`)];
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const by = groups.length > 0 ? `GROUP BY ${groups.join(', ')} ORDER BY ${groups.join(', ')}` : '';
  return { text: `SELECT ${selected.join(', ')} FROM ${tableOf(target.collection)} ${where} ${by}`, values };
}

export function countSql(target: Target, where: readonly Condition[] | undefined): Sql {
  const values: IndexValue[] = [];
  const conditions = whereSql(target, where, values);
  const clause = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return { text: `SELECT count(*) FROM ${tableOf(target.collection)} ${clause}`, values };
}
