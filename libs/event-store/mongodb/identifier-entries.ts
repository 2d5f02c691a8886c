import type { DetailEntry, IdentifierEntry, MatchDetail } from '../event-store.port.js';
import type { PlacedIdentifierChanges } from '../identifier-index.port.js';
import { erasedBy } from '../identifiers/erased-by.js';

/** A hash and the position of the change that put it there, or took it away. */
export interface PlacedHash {
  readonly hash: string;
  readonly at: bigint;
}

export interface PlacedDetail {
  readonly detail: MatchDetail;
  readonly hash: string | null;
  readonly at: bigint;
}

/** What is known of one customer's hashes. */
export interface CustomerEntries {
  readonly identifiers: readonly PlacedHash[];
  readonly nameWords: readonly PlacedHash[];
  /** The last word on each detail; a hash of null took it away. */
  readonly details: readonly PlacedDetail[];
  /** Hashes taken away one by one: an older addition that comes late must not bring them back. */
  readonly removedIdentifiers: readonly PlacedHash[];
  readonly removedNameWords: readonly PlacedHash[];
  /** Name words of before do not count: the name was corrected here. */
  readonly nameCut: bigint;
  /** Nothing of before counts: the customer was erased here. */
  readonly erasedAt?: bigint;
}

export const NO_ENTRIES: CustomerEntries = {
  identifiers: [],
  nameWords: [],
  details: [],
  removedIdentifiers: [],
  removedNameWords: [],
  nameCut: -1n,
};

/** The changes of each customer, in the order given. */
export function byCustomer(
  changes: readonly PlacedIdentifierChanges[],
): ReadonlyMap<string, readonly PlacedIdentifierChanges[]> {
  const grouped = new Map<string, PlacedIdentifierChanges[]>();
  for (const change of changes) {
    const ids = new Set<string>();
    for (const id of erasedBy(change)) ids.add(id);
    if (change.removeNameWordsOf !== undefined) ids.add(change.removeNameWordsOf);
    for (const { customerId } of [...(change.remove ?? []), ...(change.add ?? []), ...(change.details ?? [])])
      ids.add(customerId);
    for (const id of ids) {
      const own = grouped.get(id);
      if (own) own.push(change);
      else grouped.set(id, [change]);
    }
  }
  return grouped;
}

/**
 * The entries after changes; the very same object when they change nothing. For each hash the change with the greatest
 * position counts (of one change, removals come first), so that any order and any repetition end alike.
 */
export function withChanges(
  entries: CustomerEntries,
  customerId: string,
  changes: readonly PlacedIdentifierChanges[],
): CustomerEntries {
  const state = new Working(entries);
  for (const change of changes) {
    const { position } = change;
    if (erasedBy(change).includes(customerId)) state.erase(position);
    if (change.removeNameWordsOf === customerId) state.cutName(position);
    for (const entry of change.remove ?? [])
      if (entry.customerId === customerId) state.set(entry, position, false);
    for (const entry of change.add ?? [])
      if (entry.customerId === customerId) state.set(entry, position, true);
    for (const entry of change.details ?? [])
      if (entry.customerId === customerId) state.setDetail(entry, position);
  }
  return state.isChanged ? state.entries() : entries;
}

interface Mark {
  readonly at: bigint;
  readonly isPresent: boolean;
}
type Marks = Map<string, Mark>;

class Working {
  isChanged = false;
  private readonly marks: Readonly<Record<IdentifierEntry['kind'], Marks>>;
  private readonly details: Map<MatchDetail, PlacedDetail>;
  private nameCut: bigint;
  private erasedAt: bigint | undefined;

  constructor(entries: CustomerEntries) {
    this.marks = {
      identifier: marksOf(entries.identifiers, entries.removedIdentifiers),
      nameWord: marksOf(entries.nameWords, entries.removedNameWords),
    };
    this.details = new Map(entries.details.map((placed) => [placed.detail, placed]));
    this.nameCut = entries.nameCut;
    this.erasedAt = entries.erasedAt;
  }

  erase(position: bigint): void {
    if (this.erasedAt !== undefined && this.erasedAt >= position) return;
    this.erasedAt = position;
    this.isChanged = true;
    forgetBefore(this.marks.identifier, position);
    forgetBefore(this.marks.nameWord, position);
    forgetBefore(this.details, position);
  }

  cutName(position: bigint): void {
    if (this.nameCut >= position || (this.erasedAt ?? -1n) > position) return;
    this.nameCut = position;
    this.isChanged = true;
    forgetBefore(this.marks.nameWord, position);
  }

  set({ hash, kind }: IdentifierEntry, at: bigint, isPresent: boolean): void {
    if (at < (this.erasedAt ?? -1n) || (kind === 'nameWord' && at < this.nameCut)) return;
    const known = this.marks[kind].get(hash);
    if (known && (known.at > at || (known.at === at && (known.isPresent || !isPresent)))) return;
    this.marks[kind].set(hash, { at, isPresent });
    this.isChanged = true;
  }

  setDetail({ detail, hash }: DetailEntry, at: bigint): void {
    if (at < (this.erasedAt ?? -1n) || at <= (this.details.get(detail)?.at ?? -1n)) return;
    this.details.set(detail, { detail, hash, at });
    this.isChanged = true;
  }

  entries(): CustomerEntries {
    const { identifier, nameWord } = this.marks;
    return {
      identifiers: hashesOf(identifier, true),
      nameWords: hashesOf(nameWord, true),
      details: [...this.details.values()],
      removedIdentifiers: hashesOf(identifier, false),
      removedNameWords: hashesOf(nameWord, false),
      nameCut: this.nameCut,
      ...(this.erasedAt === undefined ? {} : { erasedAt: this.erasedAt }),
    };
  }
}

const marksOf = (present: readonly PlacedHash[], removed: readonly PlacedHash[]): Marks =>
  new Map<string, Mark>([
    ...present.map(({ hash, at }) => [hash, { at, isPresent: true }] as const),
    ...removed.map(({ hash, at }) => [hash, { at, isPresent: false }] as const),
  ]);

const hashesOf = (marks: Marks, isPresent: boolean): PlacedHash[] =>
  [...marks].filter(([, mark]) => mark.isPresent === isPresent).map(([hash, { at }]) => ({ hash, at }));

function forgetBefore<Key>(marks: Map<Key, { readonly at: bigint }>, position: bigint): void {
  for (const [key, { at }] of marks) if (at < position) marks.delete(key);
}
