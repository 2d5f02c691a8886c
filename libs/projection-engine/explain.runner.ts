import type { RecordedEvent } from '@rapport/contracts';
import type { EventStore } from '@rapport/event-store';
import { isWithin, type AsOf } from './as-of.runner.js';
import { compileProjection } from './compiled-projection.js';
import type { AnyProjection } from './definition.js';
import { foldOwner, isTurn } from './owner-fold.js';

/** An event that set a field, by reference. */
export interface ExplainingEvent {
  readonly eventId: string;
  readonly type: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly occurredAt: string;
  readonly recordedAt: string;
}

export interface ExplainedField {
  /** JSON pointer of a field, or of a field inside it. */
  readonly path: string;
  readonly value: unknown;
  /** The event that gave it its present value. */
  readonly setBy: ExplainingEvent;
  /** The last events that changed it, newest first, `setBy` included; at most ten. */
  readonly changedBy: readonly ExplainingEvent[];
  /** How many events changed it. */
  readonly changes: number;
}

export interface Explanation {
  readonly projection: string;
  readonly version: number;
  readonly key: string;
  /** null when the document does not exist at that time. */
  readonly document: object | null;
  readonly fields: readonly ExplainedField[];
  /** Events folded into this document. */
  readonly events: number;
  readonly position: bigint;
}

/** Fields with more members than this are explained as a whole: a list of hundreds explains nothing. */
const MAX_NESTED = 50;
const EVENTS_PER_FIELD = 10;

interface Trace {
  text: string;
  last: ExplainingEvent[];
  changes: number;
}

/** Which events made this document what it is, field by field? Replays one key of one stream. */
export async function explain(
  projection: AnyProjection,
  history: Pick<EventStore, 'readStream'>,
  streamId: string,
  key: string,
  at: AsOf = {},
): Promise<Explanation> {
  const compiled = compileProjection(projection);
  const { keysOf, evolves } = compiled;
  const within = isWithin(at);
  let document: object | null = null;
  let position = 0n;
  let events = 0;
  let traces = new Map<string, Trace>();
  for (const event of await history.readStream(streamId)) {
    if (!within(event)) continue;
    if (isTurn(event)) {
      const then = await foldOwner(compiled, history, streamId, (one) => within(one) && (one.streamId !== streamId || one.revision <= event.revision)); // prettier-ignore
      document = then.documents.get(key)?.document ?? null;
    } else if (evolves(event.streamId, event.type) && keysOf(event).includes(key))
      document = projection.evolve(document ?? projection.initial(key), event as never, key) as object | null;
    else continue;
    position = event.position;
    events++;
    traces = traced(traces, document, referenceOf(event));
  }
  const values = new Map(document ? fieldsOf(document) : []);
  return {
    projection: projection.name,
    version: projection.version,
    key,
    document,
    fields: [...traces].map(([path, { last, changes }]) => ({
      path,
      value: values.get(path),
      setBy: last[0]!,
      changedBy: last,
      changes,
    })),
    events,
    position,
  };
}

/** Traces after an event: fields that changed name it, fields that are gone go. */
function traced(
  before: ReadonlyMap<string, Trace>,
  document: object | null,
  event: ExplainingEvent,
): Map<string, Trace> {
  const after = new Map<string, Trace>();
  if (document === null) return after;
  for (const [path, value] of fieldsOf(document)) {
    const text = JSON.stringify(value);
    if (text === undefined) continue;
    const known = before.get(path);
    if (known?.text === text) after.set(path, known);
    else
      after.set(path, {
        text,
        last: [event, ...(known?.last ?? [])].slice(0, EVENTS_PER_FIELD),
        changes: (known?.changes ?? 0) + 1,
      });
  }
  return after;
}

/** Top-level fields and those one level below. */
function* fieldsOf(document: object): Iterable<[string, unknown]> {
  for (const [name, value] of Object.entries(document)) {
    const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    yield [path, value];
    if (typeof value !== 'object' || value === null) continue;
    const nested = Object.entries(value as object);
    if (nested.length > MAX_NESTED) continue;
    for (const [inner, innerValue] of nested)
      yield [`${path}/${inner.replaceAll('~', '~0').replaceAll('/', '~1')}`, innerValue];
  }
}

const referenceOf = (event: RecordedEvent): ExplainingEvent => ({
  eventId: event.eventId,
  type: event.type,
  revision: event.revision,
  position: event.position,
  occurredAt: event.metadata.occurredAt,
  recordedAt: event.metadata.recordedAt,
});
