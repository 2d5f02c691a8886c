import type { EventCodec } from '../codec/event-codec.js';
import type { EventStoreReader } from '../event-store.port.js';
import type { IdentifierIndexMaintenance } from '../identifier-index.port.js';
import type { IdentifierHasher } from './identifier-changes.js';
import { identifiersOfEvents } from './identifiers-of-log.js';

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
    const { changes, identifyingEvents } = await identifiersOfEvents(page.events, parts);
    if (changes.length > 0) await parts.index.applyIdentifierChanges(changes);
    counted += identifyingEvents;
  }
  return counted;
}
