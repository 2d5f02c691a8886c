import { RapportError } from '@rapport/contracts';
import type { EventStoreReader } from '@rapport/event-store';
import {
  compileProjection, foldAllAsOf, foldStreamAsOf, freshnessOf, openProjection, readerOf, type AnyProjection, type AsOf,
  type ProjectionReader,
} from '@rapport/projection-engine'; // prettier-ignore
import { openMemoryReadModels, type ReadModelStore } from '@rapport/read-model';

/** Documents to ask, and how far they are complete. */
export interface OpenedReader {
  readonly reader: ProjectionReader;
  readonly version: number;
  /** Absent for documents folded for the occasion. */
  readonly generation?: number;
  readonly position: bigint;
}

/** The active documents of a projection. Throws UNKNOWN_PROJECTION; UNAVAILABLE while the first generation is filled. */
export async function openActive(store: ReadModelStore, projection: string): Promise<OpenedReader> {
  const { reader, freshness } = await openProjection(store, projection);
  return { reader, ...freshness };
}

/** Tries until a read that meets the removal of its generation gives up: one a removal, and they are rare. */
const MOST_TRIES = 3;

/**
 * Asks the active documents of a projection we have, and of others beside it. A generation may be removed while it is
 * read (a rebuild or a scoring run cleans up): then its successor is asked, from the start, so that no answer mixes two.
 * Throws UNAVAILABLE while no generation can be read.
 */
export async function askActive<Answer>(
  store: ReadModelStore,
  projection: string,
  ask: (reader: ProjectionReader, beside: Readonly<Record<string, ProjectionReader>>) => Promise<Answer>,
  besides: readonly string[] = [],
): Promise<{ readonly data: Answer } & Omit<OpenedReader, 'reader'>> {
  for (let attempt = 1; ; attempt++) {
    try {
      // At once: a store over the network answers both as one question.
      const [opened, beside] = await Promise.all([
        openActive(store, projection),
        openBeside(besides, (name) => openActive(store, name)),
      ]);
      return { data: await ask(opened.reader, beside.readers), ...completeTo(opened, beside) };
    } catch (error) {
      if (!(error instanceof RapportError) || error.code !== 'UNKNOWN_PROJECTION') throw error;
      if (attempt === MOST_TRIES)
        throw new RapportError('UNAVAILABLE', 'The read model is not there yet.', { retryAfterS: 1 });
    }
  }
}

/** Read models opened beside another one. */
export interface OpenedBeside {
  readonly readers: Readonly<Record<string, ProjectionReader>>;
  /** Of the one furthest behind; undefined where there is none. */
  readonly position: bigint | undefined;
}

export async function openBeside(
  names: readonly string[],
  open: (name: string) => Promise<OpenedReader>,
): Promise<OpenedBeside> {
  const opened = await Promise.all(names.map(async (name) => [name, await open(name)] as const));
  const positions = opened.map(([, { position }]) => position);
  return {
    readers: Object.fromEntries(opened.map(([name, { reader }]) => [name, reader])),
    position: positions.length === 0 ? undefined : positions.reduce((a, b) => (b < a ? b : a)),
  };
}

/** What an answer says of itself: it is complete as far as all that it was made from. */
export function completeTo(
  { version, generation, position }: OpenedReader,
  beside: OpenedBeside,
): Omit<OpenedReader, 'reader'> {
  const least = beside.position !== undefined && beside.position < position ? beside.position : position;
  return { version, ...(generation === undefined ? {} : { generation }), position: least };
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
  const spec = { projection: projection.name, ...compiled.shape, generation: 1 };
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
  history: Pick<EventStoreReader, 'readAll' | 'readStream'>,
  at: AsOf,
): Promise<OpenedReader> {
  const scratch = openMemoryReadModels();
  const [state] = await foldAllAsOf({ projections: [projection], history, at, scratch });
  if (!state) throw new RapportError('UNKNOWN_PROJECTION', 'There is no such projection.');
  return {
    reader: readerOf(scratch, state.collection),
    version: state.version,
    position: freshnessOf(state).position,
  };
}
