import { customerIdOfStream, type RecordedEvent } from '@rapport/contracts';
import type { EventCodec } from '../codec/event-codec.js';
import type { PlacedIdentifierChanges } from '../identifier-index.port.js';
import { identifierChangesOf, IDENTIFYING_EVENTS, type IdentifierHasher } from './identifier-changes.js';

export interface IdentifiersOfEvents {
  readonly changes: readonly PlacedIdentifierChanges[];
  /** Events that say under what a customer is found, whether or not they changed something. */
  readonly identifyingEvents: number;
}

/**
 * What recorded events change in the identifier index, in their order. Their personal values are opened for that;
 * those of erased customers stay closed and find nobody.
 */
export async function identifiersOfEvents(
  events: readonly RecordedEvent[],
  parts: { readonly codec: EventCodec; readonly hasher: IdentifierHasher },
): Promise<IdentifiersOfEvents> {
  const identifying = events.filter(
    (event) => IDENTIFYING_EVENTS.has(event.type) && customerIdOfStream(event.streamId) !== undefined,
  );
  if (identifying.length === 0) return { changes: [], identifyingEvents: 0 };
  const revealed = await parts.codec.revealMany(identifying.map((event) => event.data));
  const changes: PlacedIdentifierChanges[] = [];
  for (const [i, { type, streamId, position }] of identifying.entries()) {
    const data = revealed[i]!.value;
    const change = identifierChangesOf([{ type, data }], customerIdOfStream(streamId)!, parts.hasher);
    if (change) changes.push({ ...change, position });
  }
  return { changes, identifyingEvents: identifying.length };
}
