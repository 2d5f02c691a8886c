import { RapportError } from '@rapport/contracts';
import { translated } from '@rapport/connections';
import type { Collection, Document, Filter, Sort } from 'mongodb';
import { assertKnownIndex, assertSorted, subKeysFrom, subKeysUpTo } from '../collection-name.js';
import type { CollectionState, Condition, GroupQuery, IndexValue, Query } from '../read-model.port.js';

type Target = Pick<CollectionState, 'collection' | 'indexes' | 'sortedBy'>;

/** A filter on the stored rows; what it compares with is always a value, never an object of the caller. */
export type RowFilter = Filter<Document & { _id: string }>;

/** Leaves out what only keeps the position of a removed document. */
export const NOT_REMOVED = { removed: { $exists: false } };

/** Counts rows that were not removed. As a difference, so that the count itself needs nothing but an index. */
export async function countLive<Row extends Document>(
  documents: Collection<Row>,
  filter: RowFilter,
): Promise<number> {
  const count = (of: RowFilter) => translated(() => documents.countDocuments(of as Filter<Row>));
  const [all, removed] = await Promise.all([count(filter), count({ $and: [filter, { removed: true }] })]);
  return Math.max(0, Number(all) - Number(removed));
}

export const fieldOf = (index: string): string => `ix.${index}`;

/** Throws INTERNAL for anything but text, number and null: an object would be read as operators. */
export function scalar(value: unknown): IndexValue {
  if (value === null || typeof value === 'string') return value;
  // BSON tells 0 from -0 and NaN from null; the other stores do not.
  if (typeof value === 'number') return Number.isNaN(value) ? null : value === 0 ? 0 : value;
  throw new RapportError('INTERNAL', 'A value to compare with is neither text nor number.');
}

/** Throws INTERNAL for a key that is not text. */
export function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  throw new RapportError('INTERNAL', 'A document key is not text.');
}

const NEVER: RowFilter = { _id: { $in: [] } };

/**
 * Order: null, numbers, texts. MongoDB's `$gt` and `$lt` stay within one type, so a bound across types is said as the
 * negation of its opposite: the planner makes one run of index intervals of it, and sorting keeps using the index.
 */
function above(field: string, value: IndexValue, orEqual: boolean): RowFilter[] {
  if (value === null) return orEqual ? [] : [{ [field]: { $ne: null } }];
  if (typeof value === 'string') return [{ [field]: { [orEqual ? '$gte' : '$gt']: value } }];
  return [{ [field]: { $not: { [orEqual ? '$lt' : '$lte']: value }, $ne: null } }];
}

function below(field: string, value: IndexValue, orEqual: boolean): RowFilter[] {
  if (value === null) return [orEqual ? { [field]: { $eq: null } } : NEVER];
  const notAbove = { [field]: { $not: { [orEqual ? '$gt' : '$gte']: value } } };
  return typeof value === 'string' ? [notAbove] : [notAbove, { [field]: { $not: { $gte: '' } } }];
}

function conditionFilters(target: Target, { index, op, value: given }: Condition): RowFilter[] {
  assertKnownIndex(target.indexes, index, target.collection);
  const field = fieldOf(index);
  const value = scalar(given);
  if (op === '=') return [{ [field]: { $eq: value } }];
  if (op === '!=') return [{ [field]: { $ne: value } }];
  if (value === null) return [NEVER];
  if (op === '>' || op === '>=') return above(field, value, op === '>=');
  if (typeof value === 'number') return [{ [field]: { [op === '<' ? '$lt' : '$lte']: value } }];
  return [...below(field, value, op === '<='), { [field]: { $ne: null } }];
}

const allOf = (filters: readonly RowFilter[]): RowFilter =>
  filters.length === 0 ? {} : filters.length === 1 ? filters[0]! : { $and: [...filters] };

export const whereFilter = (target: Target, where: readonly Condition[] | undefined): RowFilter =>
  allOf((where ?? []).flatMap((condition) => conditionFilters(target, condition)));

/** Rows strictly after `after` in the ordering. */
function afterFilters(query: Query, keyDirection: 'asc' | 'desc'): RowFilter[] {
  if (!query.after) return [];
  const { values } = query.after;
  const orderBy = query.orderBy ?? [];
  const key = keyText(query.after.key);
  const valueAt = (i: number): IndexValue => scalar(values[i] ?? null);
  const strictly = (i: number): RowFilter[] =>
    orderBy[i]!.direction === 'asc'
      ? above(fieldOf(orderBy[i]!.index), valueAt(i), false)
      : below(fieldOf(orderBy[i]!.index), valueAt(i), false);
  const equal = (i: number): RowFilter => ({ [fieldOf(orderBy[i]!.index)]: { $eq: valueAt(i) } });
  const alternatives = orderBy.map((_, i) =>
    allOf([...orderBy.slice(0, i).map((_, j) => equal(j)), ...strictly(i)]),
  );
  alternatives.push(
    allOf([...orderBy.map((_, i) => equal(i)), { _id: { [keyDirection === 'asc' ? '$gt' : '$lt']: key } }]),
  );
  // Redundant bound on the leading column, so that an index starts at the page instead of skipping to it.
  const [first] = orderBy;
  const bound = !first
    ? []
    : first.direction === 'asc'
      ? above(fieldOf(first.index), valueAt(0), true)
      : below(fieldOf(first.index), valueAt(0), true);
  return [...bound, alternatives.length === 1 ? alternatives[0]! : { $or: alternatives }];
}

export interface RowQuery {
  readonly filter: RowFilter;
  readonly sort: Sort;
  /** Index to use; undefined leaves the choice to the server. */
  readonly hint?: Document;
}

/** One page of documents. */
export function rowQuery(target: Target, query: Query): RowQuery {
  const orderBy = query.orderBy ?? [];
  assertSorted(target, query);
  const keyDirection = orderBy.at(-1)?.direction ?? 'asc';
  const filters = (query.where ?? []).flatMap((condition) => conditionFilters(target, condition));
  if (query.owner !== undefined) {
    const owner = keyText(query.owner);
    filters.push(
      { _id: { $gte: owner, $lt: subKeysUpTo(owner) } },
      { $or: [{ _id: { $eq: owner } }, { _id: { $gte: subKeysFrom(owner) } }] },
    );
  }
  filters.push(...afterFilters(query, keyDirection));
  const directionOf = (direction: 'asc' | 'desc'): 1 | -1 => (direction === 'asc' ? 1 : -1);
  return {
    filter: allOf(filters),
    sort: Object.fromEntries([
      ...orderBy.map(({ index, direction }) => [fieldOf(index), directionOf(direction)] as const),
      ['_id', directionOf(keyDirection)],
    ]),
    // The rows of one owner are few: their range of keys beats walking a whole order index.
    ...(query.owner === undefined ? {} : { hint: { _id: 1 } }),
  };
}

/** Groups as `{ _id: { g0, g1 … }, count, s0, s1 … }`, in the order of the grouped values. */
export function groupPipeline(target: Target, query: GroupQuery): Document[] {
  const sum = query.sum ?? [];
  for (const index of [...query.groupBy, ...sum]) assertKnownIndex(target.indexes, index, target.collection);
  const groups = query.groupBy.map((index, i) => [`g${i}`, `$${fieldOf(index)}`] as const);
  return [
    { $match: whereFilter(target, query.where) },
    {
      $group: {
        _id: groups.length > 0 ? Object.fromEntries(groups) : null,
        count: { $sum: 1 },
        ...Object.fromEntries(sum.map((index, i) => [`s${i}`, { $sum: `$${fieldOf(index)}` }])),
      },
    },
    ...(groups.length > 0 ? [{ $sort: Object.fromEntries(groups.map(([name]) => [`_id.${name}`, 1])) }] : []),
  ];
}
