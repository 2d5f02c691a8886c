import type { CollectionState, ReadModelStore } from '@rapport/read-model';
import type { ProjectionReader } from './definition.js';

/** How fresh an answer is: part of every answer from a read model. */
export interface Freshness {
  readonly projection: string;
  readonly version: number;
  readonly generation: number;
  /** The answer holds every event of the log up to here. */
  readonly position: bigint;
  /** Business instant the answer is for (ISO-8601); absent: as things stand. */
  readonly asOf?: string;
}

export interface ActiveProjection<Document extends object = object> {
  readonly reader: ProjectionReader<Document>;
  readonly freshness: Freshness;
}

/** Reader of one collection. */
export function readerOf<Document extends object = object>(
  store: ReadModelStore,
  collection: string,
): ProjectionReader<Document> {
  return {
    get: (key) => store.get<Document>(collection, key),
    query: (query) => store.query<Document>(collection, query),
    group: (query) => store.group(collection, query),
    count: (where) => store.count(collection, where),
    scan: (pageSize) => store.scan(collection, pageSize) as ReturnType<ProjectionReader<Document>['scan']>,
  };
}

export const freshnessOf = (state: CollectionState, asOf?: string): Freshness => ({
  projection: state.projection,
  version: state.version,
  generation: state.generation,
  position:
    state.checkpoints.reduce<bigint | undefined>(
      (least, c) => (least === undefined || c.through < least ? c.through : least),
      undefined,
    ) ?? 0n,
  ...(asOf === undefined ? {} : { asOf }),
});

/**
 * The active generation of a projection with its freshness. The checkpoint is read before any document, so documents
 * are at least as fresh as stated. Throws UNKNOWN_PROJECTION, UNAVAILABLE.
 */
export async function openProjection<Document extends object = object>(
  store: ReadModelStore,
  projection: string,
  asOf?: string,
): Promise<ActiveProjection<Document>> {
  const state = await store.activeCollection(projection);
  return { reader: readerOf<Document>(store, state.collection), freshness: freshnessOf(state, asOf) };
}
