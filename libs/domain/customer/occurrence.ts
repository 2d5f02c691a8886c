import type { AnyNewEvent, Channel, EventType } from '@rapport/contracts';

/** Before every business time: facts of a first contact count from here. */
export const BEGINNING_MS = -8_640_000_000_000_000;

/** Data of one event type. */
export type DataOfType<T extends EventType> = Extract<AnyNewEvent, { type: T }>['data'];

/** An event as the folds see it: recorded, or about to be recorded by the decision that is being made. */
export interface Occurrence {
  readonly id: string;
  /** Business time, epoch ms. */
  readonly atMs: number;
  /** Place among the customer's events, 1, 2, 3 …: tells what came after a stage was entered. */
  readonly seq: number;
  readonly channel: Channel;
}

/** When a fact happened, where it stands in the stream, and its event id as evidence. */
export interface Mark {
  readonly atMs: number;
  readonly seq: number;
  readonly id: string;
}

export const markOf = (occurrence: Occurrence): Mark => ({
  atMs: occurrence.atMs,
  seq: occurrence.seq,
  id: occurrence.id,
});

/** The later of two facts by business time; of equal ones the one recorded later. A late fact does not replace a newer one. */
export const later = <M extends Mark>(known: M | null, next: M): M =>
  known === null || next.atMs >= known.atMs ? next : known;

/** How a slice of state changes, by event type; types not named leave it as it is. */
export type SliceEvolvers<Slice> = {
  readonly [T in EventType]?: (slice: Slice, data: DataOfType<T>, occurrence: Occurrence) => Slice;
};

/** The last `limit` entries with `entry` added. */
export const capped = <T>(list: readonly T[], entry: T, limit: number): T[] =>
  list.length < limit ? [...list, entry] : [...list.slice(list.length - limit + 1), entry];

/** The list with the entry at `index` replaced. */
export const replacedAt = <T>(list: readonly T[], index: number, entry: T): T[] => {
  const copy = list.slice();
  copy[index] = entry;
  return copy;
};
