import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { contractOf, type RecordedEvent } from '@rapport/contracts';
import { logSize, type EventStore } from '@rapport/event-store';
import type { CollectionState, DeadLetterStore, ReadModelStore, ScannedDocument } from '@rapport/read-model';
import { compileProjection } from './compiled-projection.js';
import { wants, type AnyProjection } from './definition.js';
import { foldOwner, isTurn } from './owner-fold.js';
import { differencesOf } from './json-difference.js';
import { shardOf } from './shard.js';

/** A place where a stored read model is not the fold of the log. */
export interface VerifyDifference {
  readonly projection: string;
  readonly collection: string;
  readonly key: string;
  /** JSON pointer into the document; `#position`, `#index/<name>`; empty for a whole document. */
  readonly path: string;
  readonly stored: unknown;
  readonly expected: unknown;
}

export interface VerifiedCollection {
  readonly projection: string;
  readonly collection: string;
  /** Checked against the log up to here. */
  readonly through: bigint;
  readonly documents: number;
  /** Parked streams: compared with the fold up to the event before their first parked one. */
  readonly parkedSequences: number;
  /** Why it could not be checked: the code folds another version. */
  readonly skipped?: string;
}

export interface VerifyReport {
  readonly isClean: boolean;
  readonly collections: readonly VerifiedCollection[];
  /** At most `maxDifferences`. */
  readonly differences: readonly VerifyDifference[];
  readonly differingDocuments: number;
  readonly events: number;
}

export interface VerifyOptions {
  readonly projections: readonly AnyProjection[];
  readonly history: Pick<EventStore, 'readAll' | 'readStream' | 'head'>;
  readonly store: ReadModelStore & DeadLetterStore;
  /** Bounds memory: more passes over the log for more events; default 1,000,000. */
  readonly eventsPerPass?: number;
  readonly maxDifferences?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (events: number, totalEvents: number) => void;
}

const PARTITION = 0;
const FIELDS_PER_DOCUMENT = 10;
const ROUNDS = 5;

type Plain = Map<string, { document: object; position: bigint }>;

/**
 * Is every active read model the fold of the log? Compares each stored document, its position and its index values
 * with a fold made as naively as possible: one event after the other, no cache, no batches, nothing shared with the
 * runners. Documents that move on meanwhile are checked at their own position.
 */
export async function verifyReadModels(options: VerifyOptions): Promise<VerifyReport> {
  const { store, history, maxDifferences = 100, eventsPerPass = 1_000_000 } = options;
  const collections: VerifiedCollection[] = [];
  const differences: VerifyDifference[] = [];
  let differingDocuments = 0;
  let events = 0;
  const { events: inLog } = await logSize(history);
  const passes = Math.max(1, Math.ceil(inLog / eventsPerPass));
  const total = inLog * passes * options.projections.length;

  for (const projection of options.projections) {
    const state = await store.activeCollection(projection.name);
    const { collection } = state;
    const through = state.checkpoints.find((c) => c.partition === PARTITION)?.through ?? 0n;
    if (state.version !== projection.version) {
      const skipped = `stored version ${state.version}, code version ${projection.version}`;
      collections.push({
        projection: projection.name,
        collection,
        through,
        documents: 0,
        parkedSequences: 0,
        skipped,
      });
      continue;
    }
    const parked = new Map<string, bigint>();
    for (const sequence of await store.parkedSequences(collection))
      parked.set(sequence.streamId, sequence.head.position);
    const blame = (found: readonly Omit<VerifyDifference, 'projection' | 'collection'>[]): void => {
      if (found.length === 0) return;
      differingDocuments++;
      for (const one of found)
        if (differences.length < maxDifferences)
          differences.push({ projection: projection.name, collection, ...one });
    };
    const moved: string[] = [];
    const ofCustomers = streamsOf(projection, '').includes('customer-');
    let documents = 0;

    for (let pass = 0; pass < passes; pass++) {
      const expected: Plain = new Map();
      const turned = new Set<string>();
      for await (const page of history.readAll({ throughPosition: through })) {
        options.signal?.throwIfAborted();
        for (const event of page.events)
          if (shardOf(ownerOf(event.streamId), passes) === pass && !isParked(event, parked)) {
            if (isTurn(event) && ofCustomers) turned.add(event.streamId);
            else foldOne(projection, expected, event);
          }
        options.onProgress?.((events += page.events.length), total);
      }
      await foldTurned(projection, expected, turned, history, (event) => event.position <= through && !isParked(event, parked)); // prettier-ignore
      for await (const rows of store.scan(collection))
        for (const row of rows) {
          if (shardOf(row.key.split('/')[0]!, passes) !== pass) continue;
          documents++;
          const want = expected.get(row.key);
          expected.delete(row.key);
          if (row.position > through) moved.push(row.key);
          else blame(differencesIn(projection, state, row, want));
        }
      // Whatever is left was not stored; unless it went away since.
      for (const key of expected.keys()) moved.push(key);
    }
    for (const key of moved) blame(await recheck(projection, state, key, options, parked));
    collections.push({
      projection: projection.name,
      collection,
      through,
      documents,
      parkedSequences: parked.size,
    });
  }
  return { isClean: differingDocuments === 0, collections, differences, differingDocuments, events };
}

const ownerOf = (streamId: string): string => streamId.slice(streamId.indexOf('-') + 1);

const isParked = (event: RecordedEvent, parked: ReadonlyMap<string, bigint>): boolean => {
  const from = parked.get(event.streamId);
  return from !== undefined && event.position >= from;
};

function foldOne(projection: AnyProjection, documents: Plain, event: RecordedEvent): void {
  if (!wants(projection, event)) return;
  for (const key of projection.keys(event as never)) {
    const before = documents.get(key)?.document ?? (projection.initial(key) as object);
    const document = projection.evolve(before as never, event as never, key) as object | null;
    if (document === null) documents.delete(key);
    else documents.set(key, { document, position: event.position });
  }
}

/** Owners whose customers were merged or unmerged: what their documents hold is more, or less, than their own stream. */
async function foldTurned(
  projection: AnyProjection,
  documents: Plain,
  streams: ReadonlySet<string>,
  history: VerifyOptions['history'],
  within: (event: RecordedEvent) => boolean,
): Promise<void> {
  if (streams.size === 0) return;
  const owners = new Set([...streams].map(ownerOf));
  for (const key of documents.keys()) if (owners.has(key.split('/')[0]!)) documents.delete(key);
  for (const streamId of streams) {
    const folded = await foldOwner(compileProjection(projection), history, streamId, within);
    for (const [key, { document, position }] of folded.documents)
      if (document !== null) documents.set(key, { document, position });
  }
}

function differencesIn(
  projection: AnyProjection,
  state: CollectionState,
  stored: ScannedDocument,
  expected: { readonly document: object; readonly position: bigint } | undefined,
): { key: string; path: string; stored: unknown; expected: unknown }[] {
  const { key } = stored;
  if (!expected) return [{ key, path: '', stored: stored.document, expected: undefined }];
  const asJson = JSON.parse(JSON.stringify(expected.document)) as object;
  const found = differencesOf(stored.document, asJson, FIELDS_PER_DOCUMENT).map((d) => ({ key, ...d }));
  if (stored.position !== expected.position)
    found.push({ key, path: '#position', stored: stored.position, expected: expected.position });
  for (const index of state.indexes) {
    const value: unknown = projection.indexes?.[index]?.(expected.document as never) ?? null;
    if (stored.indexes[index] !== value)
      found.push({ key, path: `#index/${index}`, stored: stored.indexes[index], expected: value });
  }
  return found;
}

/** A document that moved: its stream folded to the position it has now. */
async function recheck(
  projection: AnyProjection,
  state: CollectionState,
  key: string,
  { store, history }: VerifyOptions,
  parked: ReadonlyMap<string, bigint>,
): Promise<{ key: string; path: string; stored: unknown; expected: unknown }[]> {
  const { collection } = state;
  const owner = key.split('/')[0]!;
  let found: { key: string; path: string; stored: unknown; expected: unknown }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = await store.checkpoint(collection, PARTITION);
    const stored = await store.get<object>(collection, key);
    const after = await store.checkpoint(collection, PARTITION);
    // Without a document it must be known that none came while looking.
    if (!stored && before?.through !== after?.through) continue;
    const documents: Plain = new Map();
    const isIn = (event: RecordedEvent): boolean =>
      event.position <= (stored?.position ?? after?.through ?? 0n) && !isParked(event, parked);
    for (const streamId of streamsOf(projection, owner)) {
      const events = (await history.readStream(streamId)).filter(isIn);
      if (events.some(isTurn)) await foldTurned(projection, documents, new Set([streamId]), history, isIn);
      else for (const event of events) foldOne(projection, documents, event);
    }
    const expected = documents.get(key);
    if (!stored && !expected) return [];
    found = stored
      ? differencesIn(projection, { ...state, indexes: [] }, { ...stored, indexes: {} }, expected)
      : [{ key, path: '', stored: undefined, expected: expected!.document }];
    if (found.length === 0) return [];
  }
  return found;
}

/** Streams an owner's documents can come from: one per category of the events wanted. */
const streamsOf = (projection: AnyProjection, owner: string): string[] => {
  const types = projection.events === '*' ? [] : (projection.events as readonly string[]);
  const categories = new Set(types.map((type) => contractOf(type)?.category ?? 'customer'));
  return [...(categories.size > 0 ? categories : ['customer'])].map((category) => `${category}-${owner}`);
};

/** SHA-256 over keys, positions and canonical JSON (RFC 8785) of a collection, hex: equal for equal read models. */
export async function digestOfCollection(store: ReadModelStore, collection: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const page of store.scan(collection))
    for (const { key, position, document } of page)
      hash.update(`${key}\n${position}\n${canonicalize(document)}\n`);
  return hash.digest('hex');
}
