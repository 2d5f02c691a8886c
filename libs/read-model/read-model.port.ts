/**
 * Port: documents of projections, with their progress.
 *
 * Glossary
 * - collection: documents of one generation of one projection: `<projection>__v<version>__g<generation>`.
 * - generation: one complete set of documents; readers follow the alias `<projection>` to the active one, a rebuild
 *   fills the next one and swaps the alias.
 * - position: log position of the last event folded into a document; the compare-and-set guard.
 * - checkpoint: how far (projection, generation, partition) has come.
 *
 * Promises
 * - `saveMany` applies each write only when its position is greater than the stored one (guard): redelivery and zombies
 *   change nothing. Per document atomic; the checkpoint is stored not before every write of the call.
 * - Reads through the alias see exactly one generation; a swap is atomic.
 * - One store object serves one writer at a time: calls made while `inOneCommit` runs belong to that commit. Another
 *   writer opens its own store on the same data.
 * - Failures: RapportError UNAVAILABLE, STORAGE_FULL, UNKNOWN_PROJECTION (thrown).
 */

/** A value a list can be filtered or sorted by; stored beside the document in a real column. */
export type IndexValue = string | number | null;

export interface StoredDocument<Document = object> {
  readonly key: string;
  readonly position: bigint;
  readonly document: Document;
}

/** A document as its writer loads it; `document` is null for one whose removal the store remembers. */
export interface LoadedDocument {
  readonly key: string;
  readonly position: bigint;
  readonly document: object | null;
}

export interface DocumentWrite {
  readonly key: string;
  readonly position: bigint;
  /**
   * null removes the document; later writes create it anew. A store whose commits are no transactions keeps the position
   * of the removal as part of the guard: an older write that comes late is stale.
   */
  readonly document: object | null;
  readonly indexes: Readonly<Record<string, IndexValue>>;
  /** `document` as JSON, where the caller has encoded it already: a commit is then shorter. */
  readonly json?: string;
  /** Hint: the stored row has the same index values, so a store may leave its indexes alone. Must be true when set. */
  readonly indexesUnchanged?: boolean;
  /** Hint: no document was stored under the key when the caller looked, so a store may try to insert first. May be wrong. */
  readonly wasAbsent?: boolean;
}

/** A document as scanned: with its index columns, so that a check can compare them too. */
export interface ScannedDocument extends StoredDocument {
  readonly indexes: Readonly<Record<string, IndexValue>>;
}

export interface CheckpointWrite {
  readonly partition: number;
  /** Opaque checkpoint of the feed. */
  readonly checkpoint: string;
  /** Position it is complete to. */
  readonly through: bigint;
}

export interface SaveResult {
  readonly applied: number;
  /** Writes dropped by the guard: the stored document was as new or newer. */
  readonly stale: number;
}

export interface CollectionSpec {
  readonly projection: string;
  readonly version: number;
  readonly generation: number;
  readonly indexes: readonly string[];
  /**
   * Those of `indexes` that lists of all owners may be sorted by, and that find few rows among many; the others are
   * filtered by, grouped by and summed, and cost a write nothing. Default all.
   */
  readonly sortedBy?: readonly string[];
}

export type GenerationStatus = 'filling' | 'active' | 'previous';
/** Cheap to read: asked for on every query. */
export interface CollectionState extends CollectionSpec {
  readonly collection: string;
  readonly status: GenerationStatus;
  readonly sortedBy: readonly string[];
  readonly checkpoints: readonly CheckpointWrite[];
}

/** Compares an index column with a value. No client object ever reaches a store: operators are this closed set. */
export interface Condition {
  readonly index: string;
  readonly op: '=' | '<' | '<=' | '>' | '>=' | '!=';
  readonly value: string | number | null;
}
export interface Query {
  readonly where?: readonly Condition[];
  /** Only documents owned by this key: the key itself and its sub-keys. */
  readonly owner?: string;
  /** Of all owners by what the collection is `sortedBy`; of one owner by any index. */
  readonly orderBy?: readonly { readonly index: string; readonly direction: 'asc' | 'desc' }[];
  /** Continue after this row of the same ordering (keyset paging): values of the orderBy indexes and the key. */
  readonly after?: { readonly values: readonly IndexValue[]; readonly key: string };
  readonly limit: number;
}
export interface QueryRow<Document = object> extends StoredDocument<Document> {
  /** Values of the orderBy indexes, to build the next page's `after`. */
  readonly values: readonly IndexValue[];
}

/** count and sums of index columns, grouped by index columns: shared figures are queries over owner rows. */
export interface GroupQuery {
  readonly groupBy: readonly string[];
  readonly where?: readonly Condition[];
  readonly sum?: readonly string[];
}
export interface GroupRow {
  readonly group: Readonly<Record<string, IndexValue>>;
  readonly count: number;
  readonly sums: Readonly<Record<string, number>>;
}

export interface ReadModelStore {
  /** Creates the collection, status `filling`, when missing; an existing one stays as it is. */
  createGeneration(spec: CollectionSpec): Promise<void>;
  /**
   * Ends a bulk fill: indexes that `insertMany` may have put off are built and the checkpoint is stored, in one step.
   * Until then a filling generation without checkpoints is known to be half filled.
   */
  finishFilling(collection: string, checkpoint: CheckpointWrite): Promise<void>;
  /** Generations, oldest first. */
  generations(projection?: string): Promise<readonly CollectionState[]>;
  /** Atomically makes a generation the active one; the former becomes `previous`. */
  activate(projection: string, version: number, generation: number): Promise<void>;
  dropGeneration(projection: string, version: number, generation: number): Promise<void>;

  /** What a writer goes on from: events up to `position` are folded in, also into a removed document. */
  loadMany(collection: string, keys: readonly string[]): Promise<ReadonlyMap<string, LoadedDocument>>;
  saveMany(
    collection: string,
    writes: readonly DocumentWrite[],
    checkpoint?: CheckpointWrite,
  ): Promise<SaveResult>;
  /** Fast path for a new generation that nobody reads: no guard, every key at most once. End with `finishFilling`. */
  insertMany(collection: string, writes: readonly DocumentWrite[]): Promise<void>;
  checkpoint(collection: string, partition: number): Promise<CheckpointWrite | undefined>;

  /** The active collection. Throws UNKNOWN_PROJECTION; UNAVAILABLE while its first generation is being filled. */
  activeCollection(projection: string): Promise<CollectionState>;
  /** State of a collection by name; undefined when there is none (dropped). */
  collectionState(collection: string): Promise<CollectionState | undefined>;
  get<Document>(collection: string, key: string): Promise<StoredDocument<Document> | undefined>;
  query<Document>(collection: string, query: Query): Promise<readonly QueryRow<Document>[]>;
  group(collection: string, query: GroupQuery): Promise<readonly GroupRow[]>;
  /** Looks at every document where nothing is asked of them: for operators, not for what is asked often. */
  count(collection: string, where?: readonly Condition[]): Promise<number>;
  /** Every document in key order, in pages: for comparing, verifying and exporting. */
  scan(collection: string, pageSize?: number): AsyncIterable<readonly ScannedDocument[]>;

  /**
   * Runs several calls as one unit where the store can (SQLite: one transaction, other writers wait), else in order.
   * Concurrent calls queue; not to be nested.
   */
  inOneCommit<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
