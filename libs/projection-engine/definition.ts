import type { AnyRecordedEvent, EventType, RecordedEvent } from '@rapport/contracts';

/** A value a list can be filtered or sorted by; stored beside the document in a real column. */
export type IndexValue = string | number | null;

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
  readonly initial: (key: string) => Document;
  /** Next document. May mutate and return `document`; must not keep references into `event`. `null` deletes it. */
  readonly evolve: (document: Document, event: EventFor<Type>, key: string) => Document | null;
  /** Columns lists are filtered and sorted by: name → value of a document. */
  readonly indexes?: Readonly<Record<string, (document: Document) => IndexValue>>;
  /** One document of the documents of merged customers. */
  readonly combine?: (documents: readonly Document[]) => Document;
}

/** Events of the given types, narrowed. */
export type EventFor<Type extends EventType> = Extract<AnyRecordedEvent, { type: Type }>;

/** Any definition, for registries and runners. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- runners treat documents as opaque
export type AnyProjection = ProjectionDefinition<any, any>;

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

/** True when the projection wants the event. */
export const wants = (projection: AnyProjection, event: RecordedEvent): boolean =>
  projection.events === '*'
    ? event.streamId.startsWith('customer-')
    : projection.events.includes(event.type as EventType);
