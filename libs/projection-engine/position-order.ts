import type { RecordedEvent } from '@rapport/contracts';

/** The events in position order; the same array when it is in order already. Repetitions stay, side by side. */
export function inPositionOrder(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  for (let i = 1; i < events.length; i++)
    if (events[i]!.position < events[i - 1]!.position)
      return [...events].sort((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0));
  return events;
}
