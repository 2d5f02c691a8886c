import { GROUP_CODES, MS_PER_DAY, STAGES } from '@rapport/contracts';
import type { CustomerState } from '../customer.state.js';
import { PURCHASE_DAYS_KEPT } from '../ledger/ledger.decider.js';
import type { RelationshipState } from '../relationship/relationship.state.js';
import type { Mark } from '../occurrence.js';

/**
 * What deciding knows of a merged customer: everything that is known of either of the two. Purely a function of the two
 * states; which one comes first makes no difference, nor does the order in which three or more are joined.
 *
 * - Facts of both count: open cases, defaults, holdings, contracts, promises stand beside each other. Of single latest
 *   facts and of consents the later word counts.
 * - The stage is the one entered last. Which facts belong to a stage or are settled is told by their place in the
 *   stream (`seq`), and two streams have no common order: each fact keeps what its own stream says about it.
 * - Fields that no rule below names are joined by their shape: counts add up, instants and scores take the greater,
 *   lists are united, records are joined field by field. So a new field of an area is joined without a line here.
 */
export function joinStates(a: CustomerState, b: CustomerState): CustomerState {
  const [left, right] = [placed(a), placed(b)];
  const states = [left, right];
  const joined = joinedFields(left as unknown as Fields, right as unknown as Fields) as unknown as CustomerState;
  return placed({
    ...joined,
    seq: JOINED_SEQ,
    profile: {
      ...joined.profile,
      groupCode: greatest(GROUP_CODES, states.map(({ profile }) => profile.groupCode)),
      stated: greaterPotential(left.profile.stated, right.profile.stated),
    },
    consent: latestWords([...left.consent, ...right.consent]),
    touchPoints: {
      ...joined.touchPoints,
      npsByRespondent: latestPer(joined.touchPoints.npsByRespondent, ({ respondent }) => respondent),
    },
    ledger: { ...joined.ledger, ...purchaseDays(joined.ledger.purchaseDays) },
    relationship: relationship(left.relationship, right.relationship, joined.relationship),
  });
} // prettier-ignore

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Fields = Readonly<Record<string, unknown>>;

/**
 * Places in a joined state: zone × ZONE + business time. Zone 1: settled; 2: not settled; 3: of the stage as well.
 * What is recorded after the join comes after all of them.
 */
const ZONE = 1e14;
const MOST_IN_ZONE = ZONE - 2;
const SETTLED_SEQ = 2 * ZONE - 1;
const STAGE_SEQ = 3 * ZONE - 1;
const JOINED_SEQ = 4 * ZONE;

/** The state with every fact placed by zone instead of by its place in a stream of its own. */
function placed(state: CustomerState): CustomerState {
  const { settled, countingFrom } = state.relationship;
  const isAfter = (mark: Mark, from: { readonly atMs: number; readonly seq: number }): boolean =>
    mark.seq > from.seq && mark.atMs >= from.atMs;
  const seqOf = (mark: Mark): number => {
    const zone = isAfter(mark, settled) ? (isAfter(mark, countingFrom) ? 3 : 2) : 1;
    return zone * ZONE + Math.min(Math.max(mark.atMs, 0), MOST_IN_ZONE);
  };
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const copy: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(value)) copy[name] = walk(inner);
    if (isMark(value)) copy['seq'] = seqOf(value);
    return copy;
  };
  return walk(state) as CustomerState;
}

function relationship(
  a: RelationshipState,
  b: RelationshipState,
  joined: RelationshipState,
): RelationshipState {
  const now = isLaterStage(a, b) ? a : b;
  return {
    ...joined,
    stage: now.stage,
    sinceMs: now.sinceMs,
    reasonCode: now.reasonCode,
    stageBefore: now.stageBefore,
    deteriorationReason: now.deteriorationReason,
    repair: now.repair,
    lastRepair: now.lastRepair,
    holdUntilMs: now.holdUntilMs,
    countingFrom: { atMs: Math.max(a.countingFrom.atMs, b.countingFrom.atMs), seq: STAGE_SEQ },
    settled: { atMs: Math.min(a.settled.atMs, b.settled.atMs), seq: SETTLED_SEQ },
  };
}

const isLaterStage = (a: RelationshipState, b: RelationshipState): boolean => {
  if (a.sinceMs !== b.sinceMs) return a.sinceMs > b.sinceMs;
  const [stageA, stageB] = [STAGES.indexOf(a.stage), STAGES.indexOf(b.stage)];
  return stageA !== stageB ? stageA > stageB : textOf(singles(a)) >= textOf(singles(b));
};

/** What goes with a stage: two states that agree in it are the same to whoever decides. */
const singles = ({ reasonCode, stageBefore, deteriorationReason, repair, lastRepair, holdUntilMs }: RelationshipState) => [
  reasonCode, stageBefore, deteriorationReason, repair, lastRepair, holdUntilMs,
]; // prettier-ignore

/** Latest word per purpose and channel; of two at one instant the one that forbids. */
function latestWords(entries: CustomerState['consent']): CustomerState['consent'] {
  const rank = { granted: 0, expired: 1, denied: 2, revoked: 3 };
  const latest = new Map<string, CustomerState['consent'][number]>();
  for (const entry of entries) {
    const key = `${entry.purpose} ${entry.channelScope}`;
    const known = latest.get(key);
    const order = known && (entry.atMs - known.atMs || rank[entry.status] - rank[known.status] || compareText(textOf(entry), textOf(known))); // prettier-ignore
    if (order === undefined || order > 0) latest.set(key, entry);
  }
  // A word about one channel and one about any are compared by time; at one instant the one that stands first counts.
  return [...latest.values()].sort(
    (a, b) => rank[b.status] - rank[a.status] || compareText(textOf(a), textOf(b)),
  );
}

function latestPer<T extends Mark>(marks: readonly T[], keyOf: (mark: T) => string): readonly T[] {
  const latest = new Map<string, T>();
  for (const mark of marks) {
    const known = latest.get(keyOf(mark));
    if (known === undefined || compareMarks(mark, known) > 0) latest.set(keyOf(mark), mark);
  }
  return [...latest.values()].sort(compareMarks);
}

/** The latest distinct days and the median of the gaps between them. */
function purchaseDays(
  days: CustomerState['ledger']['purchaseDays'],
): Pick<CustomerState['ledger'], 'purchaseDays' | 'medianGapMs'> {
  const kept = days.slice(-PURCHASE_DAYS_KEPT);
  const gaps = kept.slice(1).map(({ day }, i) => day - kept[i]!.day);
  gaps.sort((a, b) => a - b);
  const middle = gaps.length >> 1;
  const median = gaps.length % 2 === 1 ? gaps[middle]! : (gaps[middle - 1]! + gaps[middle]!) / 2;
  return { purchaseDays: kept, medianGapMs: gaps.length === 0 ? null : median * MS_PER_DAY };
}

/** Amounts of two currencies cannot be compared or added: the greater number is believed, of equal ones either. */
function greaterPotential(
  a: CustomerState['profile']['stated'],
  b: CustomerState['profile']['stated'],
): CustomerState['profile']['stated'] {
  if (a === null || b === null) return a ?? b;
  const order =
    a.potentialValue.amountMinor - b.potentialValue.amountMinor || compareText(textOf(a), textOf(b));
  return order >= 0 ? a : b;
}

/** The member furthest down the list; null when there is none. */
const greatest = (order: readonly string[], values: readonly (string | null)[]): string | null =>
  values.reduce((x, y) => (x === null || (y !== null && order.indexOf(y) > order.indexOf(x)) ? y : x));

/** Numbers of which the greater counts; others are counts and add up. */
const IS_GREATEST = /(?:Ms|Day|Days|Score|Pct|Level|Class|score|tier|version)$/;

function joinedFields(a: Fields, b: Fields): Fields {
  const fields: Record<string, unknown> = {};
  for (const name of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort())
    fields[name] = joinedValue(name, a[name], b[name]);
  return fields;
}

function joinedValue(name: string, a: unknown, b: unknown): unknown {
  if (a === null || a === undefined) return b ?? a;
  if (b === null || b === undefined) return a;
  if (typeof a === 'number' && typeof b === 'number') return IS_GREATEST.test(name) ? Math.max(a, b) : a + b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return a || b;
  if (Array.isArray(a) && Array.isArray(b)) return united(a as Json[], b as Json[]);
  if (isMark(a) && isMark(b)) return compareMarks(a, b) >= 0 ? a : b;
  if (isPlain(a) && isPlain(b)) return joinedFields(a, b);
  return compareText(textOf(a), textOf(b)) <= 0 ? a : b;
}

/** Every entry once; facts in order of time, other entries in an order of their own. Of days each once, the first fact of it. */
function united(a: readonly Json[], b: readonly Json[]): readonly Json[] {
  const entries = new Map<string, Json>();
  for (const entry of [...a, ...b]) {
    const known = entries.get(textOf(entry));
    entries.set(
      textOf(entry),
      isMark(known) && isMark(entry) && known.seq > entry.seq ? (known as never) : entry,
    );
  }
  const list = [...entries].sort(([x], [y]) => compareText(x, y)).map(([, entry]) => entry);
  if (!list.every(isTimed)) return list;
  const days = new Set<unknown>();
  return list
    .sort((x, y) => x.atMs - y.atMs)
    .filter(({ day }) => {
      if (day === undefined) return true;
      if (days.has(day)) return false;
      days.add(day);
      return true;
    });
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** JSON with sorted names and without places: the same fact gives the same text wherever it stands. */
const textOf = (value: unknown): string => JSON.stringify(value, withoutPlace) ?? '';
const withoutPlace = (_: string, value: unknown): unknown =>
  isPlain(value)
    ? Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'seq').sort(([x], [y]) => compareText(x, y)))
    : value; // prettier-ignore

const compareMarks = (a: Mark, b: Mark): number =>
  a.atMs - b.atMs || compareText(a.id, b.id) || compareText(textOf(a), textOf(b));

const isTimed = (value: Json): value is { readonly [name: string]: Json } & { readonly atMs: number } =>
  isPlain(value) && typeof value['atMs'] === 'number';

const isPlain = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isMark = (value: unknown): value is Mark =>
  isPlain(value) && typeof value['atMs'] === 'number' && typeof value['id'] === 'string' && 'seq' in value;
