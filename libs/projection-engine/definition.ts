import type { Static, TObject } from '@sinclair/typebox';
import type {
  GroupQuery,
  GroupRow,
  IndexValue,
  Query,
  QueryRow,
  StoredDocument,
  Condition,
} from '@rapport/read-model';
import type { DataOf, ModelFitted, AnyRecordedEvent, EventType, RecordedEvent } from '@rapport/contracts';

/**
 * One read model as a pure definition; many runners (live, rebuild, as-of, spec) run the same one.
 *
 * Every document is owned by exactly one stream: `keys` returns the owner's key or sub-keys of it
 * (`<customerId>` or `<customerId>/<rest>`), so all its events come in stream order and a save is one
 * compare-and-set on the position. Documents hold only what events determine; figures that depend on today are
 * computed by queries from the document and an explicit `asOf`.
 */
export interface ProjectionDefinition<Document extends object = object, Type extends EventType = EventType> {
  /** kebab-case, equals the folder name. */
  readonly name: string;
  /** Bumped when documents change shape or meaning: a rebuild fills the new version. */
  readonly version: number;
  /** The question it answers, one sentence. */
  readonly question: string;
  /** Event types it wants; others never reach it. `'*'` = all types of customer streams. */
  readonly events: readonly Type[] | '*';
  /** Documents this event changes; an empty list = none. */
  readonly keys: (event: EventFor<Type>) => readonly string[];
  /**
   * True when the event is the first of every document it changes: a row of its own. The store is then not asked for
   * documents that cannot be there. Default: never.
   */
  readonly begins?: (event: EventFor<Type>) => boolean;
  readonly initial: (key: string) => Document;
  /** Next document. May mutate and return `document`; must not keep references into `event`. `null` deletes it. */
  readonly evolve: (document: Document, event: EventFor<Type>, key: string) => Document | null;
  /** Columns lists are filtered and sorted by: name → value of a document. */
  readonly indexes?: Readonly<Record<string, (document: Document) => IndexValue>>;
  /**
   * Those of `indexes` that lists of all owners are sorted by, and that find few rows among many. Only these cost a
   * write a place in an order of their own; the others are filtered by, grouped by and summed. Default all.
   */
  readonly sortedBy?: readonly string[];
  /**
   * One document of the documents that merged customers have under one key. `choices` says of fields which document's
   * value counts, by its place in the list; only a projection that shows such fields needs to look.
   */
  readonly combine?: (documents: readonly Document[], choices?: ReadonlyMap<string, number>) => Document;
  /** Named questions over the documents; each becomes `GET /v1/read-models/<projection>/<query>`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters and answers differ per query
  readonly queries?: readonly NamedQuery<Document, any, any>[];
}

/** Documents of one projection as a query sees them: the active generation, or a scratch fold for `asOf`/`knownAt`. */
export interface ProjectionReader<Document extends object = object> {
  get(key: string): Promise<StoredDocument<Document> | undefined>;
  query(query: Query): Promise<readonly QueryRow<Document>[]>;
  group(query: GroupQuery): Promise<readonly GroupRow[]>;
  count(where?: readonly Condition[]): Promise<number>;
  scan(pageSize?: number): AsyncIterable<readonly StoredDocument<Document>[]>;
}

/** A fit of a value model as recorded on its `model-<name>` stream. */
export type ModelRun = DataOf<typeof ModelFitted>;

/** What a query may know besides the documents; the caller decides what "today" is. */
export interface QueryContext {
  /** Business instant the answer is for, epoch ms: figures that depend on today are computed for it. */
  readonly asOfMs: number;
  /** Latest fits with a cut-off at or before `asOfMs`, by model name. */
  readonly models: Readonly<Partial<Record<ModelRun['model'], ModelRun>>>;
  /** Business parameters of value figures, printed beside every figure. */
  readonly valueTerms: ValueTerms;
  /** What data have to be like by the rule book in force at `asOfMs`; absent where nobody asks about their quality. */
  readonly dataQualityLimits?: DataQualityLimits;
}

/** Below these what is known of a customer is on the list of its steward. */
export interface DataQualityLimits {
  readonly completenessPctAtLeast: number;
  readonly validityPctAtLeast: number;
  readonly uniquenessPctAtLeast: number;
  readonly timelinessDaysAtMost: number;
  /** Rule book that says so. */
  readonly ruleBookVersion: string;
}

/** Terms a lifetime value is stated in. */
export interface ValueTerms {
  readonly horizonDays: number;
  /** 0.10 = 10 % a year. */
  readonly annualDiscountRate: number;
  /** 0.30 = 30 % of revenue. */
  readonly margin: number;
}

/** One question, one answer: pure over a reader, so that live, as-of and tests share it. */
export interface NamedQuery<Document extends object, Params extends TObject, Answer> {
  /** kebab-case; the last part of its route. */
  readonly name: string;
  /** The question in one sentence. */
  readonly question: string;
  /** `customer`: about one customer (params has `customerId`); `list`: rows of customers; `figures`: totals without customers. */
  readonly scope: 'customer' | 'list' | 'figures';
  /** JSON Schema of the query string; values arrive coerced. `cursor`/`limit` are added to lists by the API. */
  readonly params: Params;
  /** The answer is a `Page` although the scope is one customer (their history); lists always are. */
  readonly paged?: boolean;
  /**
   * Read models beside its own that the answer is made from, by name: what is known there is not kept twice. For
   * questions about one customer.
   */
  readonly beside?: readonly string[];
  readonly run: (
    reader: ProjectionReader<Document>,
    params: Static<Params> & Paging,
    context: QueryContext,
    /** Those of `beside`, by name; given to whoever names some. */
    beside?: Readonly<Record<string, ProjectionReader>>,
  ) => Promise<Answer>;
  /** Last step once the edge has opened or hidden the personal values of an answer: what only plain values can tell. */
  readonly atEdge?: (answer: NonNullable<Answer>) => object;
}

/** Added to the params of every list and paged query by the caller: the size of the page and the opened cursor. */
export interface Paging {
  /** Rows wanted, 1-200; default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: PageEnd;
}

/** Where a page ended: values of the ordering and the key of its last row. */
export interface PageEnd {
  readonly values: readonly IndexValue[];
  readonly key: string;
}

/** Rows of a list with what is needed to ask for the next page; the API signs the cursor. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next?: PageEnd;
}

/** Events of the given types, narrowed. */
export type EventFor<Type extends EventType> = Extract<AnyRecordedEvent, { type: Type }>;

/** Any definition, for registries and runners. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- runners treat documents as opaque
export type AnyProjection = ProjectionDefinition<any, any>;

export type { Condition, GroupRow, IndexValue, Query, QueryRow, StoredDocument } from '@rapport/read-model';

/** Keeps types inferred while checking the shape. */
export function defineProjection<Document extends object, Type extends EventType>(
  definition: ProjectionDefinition<Document, Type>,
): ProjectionDefinition<Document, Type> {
  return definition;
}

/** Owner of a document key: the part before the first slash. */
export const ownerOfKey = (key: string): string => {
  const slash = key.indexOf('/');
  return slash < 0 ? key : key.slice(0, slash);
};

/** Steps of a merge that say nothing about the customer. */
const STEPS_OF_MERGES: ReadonlySet<string> = new Set(['CustomerHeldForMerge', 'MergeHoldReleased']);
/** Events of a customer's stream that `'*'` stands for. */
export const isOfCustomer = (streamId: string, type: string): boolean =>
  streamId.startsWith('customer-') && !STEPS_OF_MERGES.has(type);

/** True when the projection wants the event. */
export const wants = (projection: AnyProjection, event: RecordedEvent): boolean =>
  projection.events === '*'
    ? isOfCustomer(event.streamId, event.type)
    : projection.events.includes(event.type as EventType);
