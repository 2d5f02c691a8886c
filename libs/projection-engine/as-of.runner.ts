import { epochMsOf, type RecordedEvent } from '@rapport/contracts';
import type { EventStore } from '@rapport/event-store';
import type { CollectionState, DocumentWrite, ReadModelStore } from '@rapport/read-model';
import { compileProjection } from './compiled-projection.js';
import type { AnyProjection } from './definition.js';
import { FoldedDocuments } from './folded-documents.js';
import { foldOwner } from './owner-fold.js';

/** Which part of the log an answer rests on; both empty = all of it. */
export interface AsOf {
  /** Only what had happened: occurredAt at or before this ISO instant. */
  readonly asOf?: string;
  /** Only what we knew: recordedAt at or before this ISO instant, or position at or below this one. */
  readonly knownAt?: string | bigint;
}

/** A document of the past. */
export interface AsOfDocument<Document extends object = object> {
  readonly key: string;
  /** Position of the last event in it. */
  readonly position: bigint;
  readonly document: Document;
}

export interface AsOfAnswer<Document extends object = object> {
  readonly projection: string;
  readonly version: number;
  readonly documents: readonly AsOfDocument<Document>[];
  /** Position of the last event of the stream that was taken in; 0n for none. */
  readonly position: bigint;
}

/** True for events that belong to the answer. */
export function isWithin(at: AsOf): (event: RecordedEvent) => boolean {
  const asOfMs = at.asOf === undefined ? undefined : epochMsOf(at.asOf);
  const knownAtMs = typeof at.knownAt === 'string' ? epochMsOf(at.knownAt) : undefined;
  const position = typeof at.knownAt === 'bigint' ? at.knownAt : undefined;
  return (event) =>
    (position === undefined || event.position <= position) &&
    (asOfMs === undefined || epochMsOf(event.metadata.occurredAt) <= asOfMs) &&
    (knownAtMs === undefined || epochMsOf(event.metadata.recordedAt) <= knownAtMs);
}

/**
 * Who was this customer then? Folds one stream, in stream order, as far as `at` allows. A late fact counts from its
 * occurredAt for `asOf`, and from its recording for `knownAt`. A customer merged by then is found in the documents of
 * the survivor, and has none.
 */
export async function foldStreamAsOf<Document extends object = object>(
  projection: AnyProjection,
  history: Pick<EventStore, 'readStream'>,
  streamId: string,
  at: AsOf = {},
): Promise<AsOfAnswer<Document>> {
  const { documents, position } = await foldOwner(compileProjection(projection), history, streamId, isWithin(at)); // prettier-ignore
  const present = [...documents].flatMap(([key, { document, position: last }]) =>
    document === null ? [] : [{ key, position: last, document: document as Document }],
  );
  return { projection: projection.name, version: projection.version, documents: present, position };
}

export interface FoldAllAsOfOptions {
  readonly projections: readonly AnyProjection[];
  readonly history: Pick<EventStore, 'readAll' | 'readStream'>;
  readonly at: AsOf;
  /** An empty store that takes the documents, a memory one: queries then run on it as on any other. */
  readonly scratch: ReadModelStore;
  readonly signal?: AbortSignal;
  readonly onProgress?: (events: number) => void;
}

const WRITES_PER_CALL = 5_000;

/** All documents as they were: folds the whole log into `scratch` and activates the collections there. */
export async function foldAllAsOf(options: FoldAllAsOfOptions): Promise<readonly CollectionState[]> {
  const { projections, history, at, scratch, signal, onProgress } = options;
  const folds = projections.map((projection) => new FoldedDocuments(compileProjection(projection)));
  const within = isWithin(at);
  let through = 0n;
  let checkpoint = 'start';
  let events = 0;
  const pages = history.readAll({
    ...(typeof at.knownAt === 'bigint' ? { throughPosition: at.knownAt } : {}),
    accept: (streamId, type) => folds.some((fold) => fold.projection.wants(streamId, type)),
  });
  for await (const page of pages) {
    signal?.throwIfAborted();
    for (const event of page.events)
      if (within(event))
        for (const fold of folds) if (fold.projection.wants(event.streamId, event.type)) fold.fold(event);
    ({ through, checkpoint } = page);
    onProgress?.((events += page.events.length));
  }
  const states: CollectionState[] = [];
  for (const fold of folds) {
    await fold.settle(history, within);
    const { name, version, shape } = fold.projection;
    const generation = Math.max(0, ...(await scratch.generations(name)).map((g) => g.generation)) + 1;
    await scratch.createGeneration({ projection: name, ...shape, generation });
    const { collection } = (await scratch.generations(name)).find((g) => g.generation === generation)!;
    for (const writes of inChunks(fold.writes(), WRITES_PER_CALL))
      await scratch.insertMany(collection, writes);
    await scratch.finishFilling(collection, { partition: 0, checkpoint, through });
    await scratch.activate(name, version, generation);
    states.push((await scratch.collectionState(collection))!);
  }
  return states;
}

function* inChunks(writes: readonly DocumentWrite[], size: number): Iterable<readonly DocumentWrite[]> {
  for (let from = 0; from < writes.length; from += size) yield writes.slice(from, from + size);
}
