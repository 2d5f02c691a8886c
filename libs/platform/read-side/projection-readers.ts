import { RapportError } from '@rapport/contracts';
import type { EventStoreReader } from '@rapport/event-store';
import { foldAllAsOf, foldStreamAsOf, compileProjection, type AnyProjection, type AsOf, type ProjectionReader } from '@rapport/projection-engine'; // prettier-ignore
import { openMemoryReadModels, type CollectionState, type ReadModelStore } from '@rapport/read-model';

/** Documents to ask, and how far they are complete. */
export interface OpenedReader {
  readonly reader: ProjectionReader;
  readonly version: number;
  /** Absent for documents folded for the occasion. */
  readonly generation?: number;
  readonly position: bigint;
}

/** One collection of a store as queries see it. */
export const readerOf = (store: ReadModelStore, collection: string): ProjectionReader => ({
  get: (key) => store.get(collection, key),
  query: (query) => store.query(collection, query),
  group: (query) => store.group(collection, query),
  count: (where) => store.count(collection, where),
  scan: (pageSize) => store.scan(collection, pageSize) as ReturnType<ProjectionReader['scan']>,
});

/** How far a collection is complete, over all partitions. */
export const positionOf = (state: CollectionState): bigint =>
  state.checkpoints.reduce<bigint | undefined>((least, { through }) => (least === undefined || through < least ? through : least), undefined) ?? 0n; // prettier-ignore

/** The active documents of a projection. Throws UNKNOWN_PROJECTION; UNAVAILABLE while the first generation is filled. */
export async function openActive(store: ReadModelStore, projection: string): Promise<OpenedReader> {
  // The position is read before the documents: they may be newer than it says, never older.
  const state = await store.activeCollection(projection);
  return {
    reader: readerOf(store, state.collection),
    version: state.version,
    generation: state.generation,
    position: positionOf(state),
  };
}

/** The documents of one customer as they were. */
export async function openStreamAsOf(
  projection: AnyProjection,
  history: Pick<EventStoreReader, 'readStream'>,
  streamId: string,
  at: AsOf,
): Promise<OpenedReader> {
  const folded = await foldStreamAsOf(projection, history, streamId, at);
  const compiled = compileProjection(projection);
  const scratch = openMemoryReadModels();
  const spec = { projection: projection.name, version: projection.version, generation: 1, indexes: compiled.indexNames }; // prettier-ignore
  await scratch.createGeneration(spec);
  const collection = (await scratch.generations(projection.name))[0]!.collection;
  await scratch.insertMany(
    collection,
    folded.documents.map(({ key, position, document }) => ({ key, position, document, indexes: compiled.indexesOf(document) })), // prettier-ignore
  );
  return { reader: readerOf(scratch, collection), version: folded.version, position: folded.position };
}

/** All documents as they were: reads the whole log, so it belongs into a thread of its own. */
export async function openAllAsOf(
  projection: AnyProjection,
  history: Pick<EventStoreReader, 'readAll'>,
  at: AsOf,
): Promise<OpenedReader> {
  const scratch = openMemoryReadModels();
  const [state] = await foldAllAsOf({ projections: [projection], history, at, scratch });
  if (!state) throw new RapportError('UNKNOWN_PROJECTION', 'There is no such projection.');
  return { reader: readerOf(scratch, state.collection), version: state.version, position: positionOf(state) };
}
