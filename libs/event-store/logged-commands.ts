import type { RecordedEvent } from '@rapport/contracts';
import type { CommandEntry, EventToAppend, IndexedCommand } from './event-store.port.js';

/**
 * How a log carries its own command index (stores without an atomic one): the last event of a command holds, in its
 * metadata, what the index needs. So an entry is complete as soon as its event is seen: a page boundary inside one
 * append neither splits nor repeats it.
 */
export function withCommand(
  events: readonly EventToAppend[],
  command: CommandEntry | undefined,
): readonly EventToAppend[] {
  if (command === undefined) return events;
  const last = events.at(-1)!;
  const { requestHash, refusal } = command;
  const metadata = {
    ...last.metadata,
    requestHash,
    commandEvents: events.length,
    ...(refusal ? { refusal } : {}),
  };
  return [...events.slice(0, -1), { ...last, metadata }];
}

/** The commands that end within `events`, as an index keeps them; none for a log that does not carry them. */
export function indexedCommandsOf(events: readonly RecordedEvent[]): readonly IndexedCommand[] {
  const entries: IndexedCommand[] = [];
  for (const { streamId, revision, position, metadata } of events) {
    if (metadata.requestHash === undefined) continue;
    entries.push({
      streamId,
      commandKey: metadata.commandKey,
      requestHash: metadata.requestHash,
      firstRevision: revision - BigInt(metadata.commandEvents ?? 1) + 1n,
      lastRevision: revision,
      position,
      ...(metadata.refusal ? { refusal: metadata.refusal } : {}),
    });
  }
  return entries;
}
