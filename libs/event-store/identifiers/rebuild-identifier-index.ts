import { customerIdOfStream } from '@rapport/contracts';
import type { EventCodec } from '../codec/event-codec.js';
import type { EventStoreReader, IdentifierChanges } from '../event-store.port.js';
import type { IdentifierIndexMaintenance } from '../identifier-index.port.js';
import { identifierChangesOf, IDENTIFYING_EVENTS, type IdentifierHasher } from './identifier-changes.js';

/**
 * Makes the identifier index anew from the log, in log order. Values of erased customers stay closed and find nobody.
 * Searches miss customers while it runs, so it is an operator's act, not part of a start. Returns how many events counted.
 */
export async function rebuildIdentifierIndex(parts: {
  readonly store: Pick<EventStoreReader, 'readAll'>;
  readonly index: IdentifierIndexMaintenance;
  readonly codec: EventCodec;
  readonly hasher: IdentifierHasher;
}): Promise<number> {
  await parts.index.clearIdentifiers();
  let counted = 0;
  for await (const page of parts.store.readAll()) {
    const identifying = page.events.filter(
      (event) => IDENTIFYING_EVENTS.has(event.type) && customerIdOfStream(event.streamId) !== undefined,
    );
    if (identifying.length === 0) continue;
    const revealed = await parts.codec.revealMany(identifying.map((event) => event.data));
    const changes = identifying
      .map((event, i) =>
        identifierChangesOf(
          [{ type: event.type, data: revealed[i]!.value }],
          customerIdOfStream(event.streamId)!,
          parts.hasher,
        ),
      )
      .filter((change): change is IdentifierChanges => change !== undefined);
    await parts.index.applyIdentifierChanges(changes);
    counted += identifying.length;
  }
  return counted;
}
