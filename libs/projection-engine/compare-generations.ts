import { haveSameShape, type LoadedDocument, type ReadModelStore, type ScannedDocument, type StoredDocument } from '@rapport/read-model'; // prettier-ignore
import { differencesOf, type FieldDifference } from './json-difference.js';

/** How a new generation differs from the active one. */
export interface GenerationComparison {
  readonly projection: string;
  readonly blue: string;
  readonly green: string;
  /** False when version or indexes differ: then differences are to be expected. */
  readonly sameShape: boolean;
  readonly blueDocuments: number;
  readonly greenDocuments: number;
  readonly equal: number;
  readonly different: number;
  readonly onlyInBlue: number;
  readonly onlyInGreen: number;
  /** Documents that kept changing while being compared. */
  readonly unsettled: number;
  /** Some of the differences. `stored` is blue's value, `expected` green's. */
  readonly sample: readonly { readonly key: string; readonly differences: readonly FieldDifference[] }[];
}

const SAMPLE = 20;
const FIELDS_PER_DOCUMENT = 5;
const ROUNDS = 5;
/** Keys looked at again because they moved during the scan; more than this on a busy system says nothing new. */
const MAX_UNSETTLED = 20_000;

/**
 * Compares document by document at equal positions. Documents that one side has not come to yet are looked at again
 * after `catchUp` has brought green forward; a difference counts only when both sides are complete beyond it.
 */
export async function compareGenerations(
  store: ReadModelStore,
  blue: string,
  green: string,
  catchUp: () => Promise<void>,
): Promise<GenerationComparison> {
  const [blueState, greenState] = [await store.collectionState(blue), await store.collectionState(green)];
  const counts = { equal: 0, different: 0, onlyInBlue: 0, onlyInGreen: 0 };
  const sample: { key: string; differences: readonly FieldDifference[] }[] = [];
  let blueDocuments = 0;
  let greenDocuments = 0;
  let unsettled = new Set<string>();

  const judge = (
    key: string,
    b: StoredDocument | undefined,
    g: StoredDocument | undefined,
    at: Reached,
  ): void => {
    const verdict = verdictOf(b, g, at);
    if (verdict === 'unsettled') unsettled.add(key);
    else if (verdict !== 'absent') {
      counts[verdict]++;
      if (verdict !== 'equal' && sample.length < SAMPLE)
        sample.push({ key, differences: differencesBetween(b, g) });
    }
  };

  const reached = await reachedBy(store, blue, green);
  for await (const { key, left, right } of joined(store.scan(blue), store.scan(green))) {
    if (left) blueDocuments++;
    if (right) greenDocuments++;
    judge(key, left, right, reached);
  }
  for (let round = 0; round < ROUNDS && unsettled.size > 0 && unsettled.size <= MAX_UNSETTLED; round++) {
    await catchUp();
    const keys = [...unsettled];
    unsettled = new Set();
    const now = await reachedBy(store, blue, green);
    const [b, g] = [await store.loadMany(blue, keys), await store.loadMany(green, keys)];
    for (const key of keys) judge(key, live(b.get(key)), live(g.get(key)), now);
  }
  return {
    projection: greenState!.projection,
    blue,
    green,
    sameShape: haveSameShape(blueState!, greenState!),
    blueDocuments,
    greenDocuments,
    ...counts,
    unsettled: unsettled.size,
    sample,
  };
}

const live = (loaded: LoadedDocument | undefined): StoredDocument | undefined =>
  loaded?.document ? { ...loaded, document: loaded.document } : undefined;

/** True when a comparison found no difference. */
export const isIdentical = (c: GenerationComparison): boolean =>
  c.different === 0 && c.onlyInBlue === 0 && c.onlyInGreen === 0 && c.unsettled === 0;

/** How far both sides had come before their documents were read: what is missing below that is really missing. */
interface Reached {
  readonly blue: bigint;
  readonly green: bigint;
}

async function reachedBy(store: ReadModelStore, blue: string, green: string): Promise<Reached> {
  const through = async (collection: string): Promise<bigint> =>
    (await store.collectionState(collection))!.checkpoints.reduce<bigint>(
      (most, c) => (c.through > most ? c.through : most),
      0n,
    );
  return { blue: await through(blue), green: await through(green) };
}

function verdictOf(
  blue: StoredDocument | undefined,
  green: StoredDocument | undefined,
  reached: Reached,
): 'equal' | 'different' | 'onlyInBlue' | 'onlyInGreen' | 'unsettled' | 'absent' {
  if (blue && green) {
    if (blue.position === green.position) {
      if (JSON.stringify(blue.document) === JSON.stringify(green.document)) return 'equal';
      return differencesOf(blue.document, green.document, 1).length === 0 ? 'equal' : 'different';
    }
    const isBehind = blue.position > green.position ? reached.green : reached.blue;
    const newer = blue.position > green.position ? blue.position : green.position;
    return newer <= isBehind ? 'different' : 'unsettled';
  }
  if (blue)
    return blue.position <= reached.green && reached.blue <= reached.green ? 'onlyInBlue' : 'unsettled';
  if (green)
    return green.position <= reached.blue && reached.green <= reached.blue ? 'onlyInGreen' : 'unsettled';
  return 'absent';
}

function differencesBetween(
  blue: StoredDocument | undefined,
  green: StoredDocument | undefined,
): readonly FieldDifference[] {
  if (!blue || !green) return [{ path: '', stored: blue?.document, expected: green?.document }];
  const fields = differencesOf(blue.document, green.document, FIELDS_PER_DOCUMENT);
  return blue.position === green.position
    ? fields
    : [{ path: '#position', stored: blue.position, expected: green.position }, ...fields];
}

/** Two scans in key order side by side. */
export async function* joined(
  left: AsyncIterable<readonly ScannedDocument[]>,
  right: AsyncIterable<readonly ScannedDocument[]>,
): AsyncIterable<{ key: string; left?: ScannedDocument; right?: ScannedDocument }> {
  const a = flattened(left)[Symbol.asyncIterator]();
  const b = flattened(right)[Symbol.asyncIterator]();
  let [x, y] = [await a.next(), await b.next()];
  while (!x.done || !y.done) {
    const order = x.done ? 1 : y.done ? -1 : byBytes(x.value.key, y.value.key);
    if (order < 0) {
      yield { key: x.value!.key, left: x.value! };
      x = await a.next();
    } else if (order > 0) {
      yield { key: y.value!.key, right: y.value! };
      y = await b.next();
    } else {
      yield { key: x.value!.key, left: x.value!, right: y.value! };
      [x, y] = [await a.next(), await b.next()];
    }
  }
}

async function* flattened<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<T, undefined> {
  for await (const page of pages) yield* page;
  return undefined;
}

/** Stores scan in the order of UTF-8 bytes. */
const byBytes = (a: string, b: string): number =>
  a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
