import type { EventStore } from './event-store.port.js';

/** How many events the log holds up to its head: what the store knows, else counted by reading it once without decoding. */
export async function logSize(
  store: Pick<EventStore, 'head' | 'readAll'>,
): Promise<{ readonly position: bigint; readonly events: number }> {
  const { position, events } = await store.head();
  if (events !== undefined) return { position, events: Number(events) };
  let counted = 0;
  const accept = (): boolean => {
    counted++;
    return false;
  };
  for await (const _ of store.readAll({ throughPosition: position, accept }));
  return { position, events: counted };
}
