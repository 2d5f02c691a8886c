import type { RecordedEvent } from '@rapport/contracts';
import type { Decider, StreamJoining } from './decider.js';
import type { EventStore } from './event-store.port.js';

type Folding<State> = Pick<Decider<State, never, never>, 'initialState' | 'evolve'> & {
  readonly joining?: Pick<StreamJoining<State, never>, 'changeOf' | 'join'>;
};

/** True when one of the events says that streams become one, or are apart again. */
export const changesJoins = (
  { joining }: { readonly joining?: Pick<StreamJoining<never, never>, 'changeOf'> },
  events: readonly { readonly type: string; readonly data: unknown }[],
): boolean => joining !== undefined && events.some((event) => joining.changeOf(event) !== undefined);

/**
 * The state of a stream from its beginning, with the streams that are part of it joined in where they were taken in.
 * Reads whole streams: only for streams that joins concern. Throws CORRUPT_EVENT, UNAVAILABLE.
 */
export async function stateOfJoined<State>(
  folding: Folding<State>,
  store: Pick<EventStore, 'readStream'>,
  streamId: string,
  beforeRevision?: bigint,
): Promise<{ readonly state: State; readonly revision: bigint; readonly events: readonly RecordedEvent[] }> {
  const { joining } = folding;
  const all = await store.readStream(streamId);
  const events = beforeRevision === undefined ? all : all.filter(({ revision }) => revision < beforeRevision);
  const inEffect = new Set<string>();
  for (const event of events) {
    const change = joining?.changeOf(event);
    if (change?.kind === 'joined') inEffect.add(change.joinId);
    if (change?.kind === 'parted') inEffect.delete(change.joinId);
  }
  let state = folding.initialState();
  for (const event of events) {
    const change = joining?.changeOf(event);
    if (change?.kind === 'joined' && inEffect.has(change.joinId)) {
      const member = await stateOfJoined(folding, store, change.streamId, change.beforeRevision);
      state = joining!.join(state, member.state);
    }
    state = folding.evolve(state, event);
  }
  return { state, revision: events.at(-1)?.revision ?? -1n, events };
}
