import { customerStreamId, type CustomerAbsorbed, type DataOf, type MembersReleased, type RecordedEvent } from '@rapport/contracts'; // prettier-ignore
import type { EventStore } from '@rapport/event-store';
import { ownerOfStream, TURNS, type CompiledProjection } from './compiled-projection.js';

/**
 * Documents of merged customers. A member's documents go where its history goes on: to the survivor. Nobody moves an
 * event for that, and no document is fed by two streams live: at the event that says so, the owner's documents are
 * folded anew from the log, the sealed and therefore finished streams of its members included.
 */

/** True for an event after which the documents of its stream's owner are to be folded anew. */
export const isTurn = (event: { readonly type: string }): boolean => TURNS.has(event.type);

export interface FoldedDocument {
  document: object | null;
  /** Position of the last event in it; after a turn that of the turn, for all of the owner's documents. */
  position: bigint;
}
export type OwnerDocuments = Map<string, FoldedDocument>;

export interface OwnerFold {
  readonly documents: OwnerDocuments;
  /** Position of the last event of the stream that was taken in; 0n for none. */
  readonly position: bigint;
}

/** An event that could not be folded, with why. */
export class UnfoldableMember extends Error {
  override readonly name = 'UnfoldableMember';
}

/**
 * The documents of a stream's owner, from the beginning of the stream as far as `within` allows: the owner's events in
 * order, and at the event that takes a member in, the member's documents combined with them. Merges that were taken
 * back within the same events count as if they had never been; an owner that is sealed has no documents.
 * Throws what the definition throws.
 */
export async function foldOwner(
  projection: CompiledProjection,
  history: Pick<EventStore, 'readStream'>,
  streamId: string,
  within: (event: RecordedEvent) => boolean = () => true,
): Promise<OwnerFold> {
  const events = (await history.readStream(streamId)).filter(within);
  return foldAs(projection, history, streamId, events, within);
}

async function foldAs(
  projection: CompiledProjection,
  history: Pick<EventStore, 'readStream'>,
  /** Stream whose owner the documents belong to: the survivor's, for a member. */
  asStream: string,
  events: readonly RecordedEvent[],
  within: (event: RecordedEvent) => boolean,
): Promise<OwnerFold> {
  const inEffect = mergesInEffect(events);
  const documents: OwnerDocuments = new Map();
  let position = 0n;
  for (const event of events) {
    position = event.position;
    if (event.type === 'CustomerSealed' && inEffect.sealed) documents.clear();
    if (event.type === 'CustomerAbsorbed') {
      const absorbed = event.data as DataOf<typeof CustomerAbsorbed>;
      if (inEffect.merges.has(absorbed.mergeId)) {
        const before = BigInt(absorbed.atRevision);
        const stream = await history.readStream(customerStreamId(absorbed.member));
        const own = stream.filter((one) => one.revision < before && within(one));
        const member = await foldAs(projection, history, asStream, own, within);
        combineInto(projection, documents, member.documents, absorbed);
        // Whoever shows who belongs together learns it from the event itself.
        foldEvent(projection, documents, rewritten(event, asStream));
      }
    } else if (!isTurn(event)) foldEvent(projection, documents, rewritten(event, asStream));
    if (isTurn(event)) for (const folded of documents.values()) folded.position = event.position;
  }
  if (inEffect.sealed) documents.clear();
  return { documents, position };
}

/** Which merges the events leave standing, and whether the owner is part of another one after them. */
function mergesInEffect(events: readonly RecordedEvent[]): {
  readonly merges: ReadonlySet<string>;
  readonly sealed: boolean;
} {
  const merges = new Set<string>();
  let sealed = false;
  for (const { type, data } of events) {
    if (type === 'CustomerAbsorbed') merges.add((data as DataOf<typeof CustomerAbsorbed>).mergeId);
    if (type === 'MembersReleased') merges.delete((data as DataOf<typeof MembersReleased>).mergeId);
    if (type === 'CustomerSealed') sealed = true;
    if (type === 'CustomerUnsealed') sealed = false;
  }
  return { merges, sealed };
}

/** A member's event as the survivor's documents take it in: their keys are the survivor's. */
function rewritten(event: RecordedEvent, asStream: string): RecordedEvent {
  if (event.streamId === asStream) return event;
  return {
    ...event,
    streamId: asStream,
    metadata: { ...event.metadata, customerId: ownerOfStream(asStream) },
  };
}

function foldEvent(projection: CompiledProjection, documents: OwnerDocuments, event: RecordedEvent): void {
  if (!projection.evolves(event.streamId, event.type)) return;
  const { definition } = projection;
  for (const key of projection.keysOf(event)) {
    let folded = documents.get(key);
    if (!folded) documents.set(key, (folded = { document: null, position: 0n }));
    folded.document = definition.evolve(folded.document ?? definition.initial(key), event as never, key);
    folded.position = event.position;
  }
}

function combineInto(
  { definition }: CompiledProjection,
  documents: OwnerDocuments,
  member: OwnerDocuments,
  { fieldChoices }: DataOf<typeof CustomerAbsorbed>,
): void {
  const choices = new Map((fieldChoices ?? []).map(({ field, keep }) => [field as string, keep === 'member' ? 1 : 0]));
  for (const [key, theirs] of member) {
    const ours = documents.get(key);
    if (theirs.document === null) continue;
    if (!ours || ours.document === null) documents.set(key, theirs);
    else if (definition.combine) ours.document = definition.combine([ours.document, theirs.document], choices);
    else throw new UnfoldableMember(`${definition.name} does not say how documents under one key are combined`);
  }
} // prettier-ignore
