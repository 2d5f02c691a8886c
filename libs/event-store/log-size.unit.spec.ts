import { appended, freshStream, touch } from './event-store.contract.js';
import { logSize } from './log-size.js';
import { MemoryEventStore } from './memory/memory-event-store.adapter.js';

const clock = { nowMs: () => 0, monotonicMs: () => 0 };

describe('The size of a log', () => {
  const filled = async (): Promise<MemoryEventStore> => {
    const store = new MemoryEventStore(clock);
    for (let i = 0; i < 7; i++)
      await appended(store, { streamId: freshStream(), expectedRevision: -1n, events: [touch(), touch()] });
    return store;
  };

  it('is what the store says where it knows', async () => {
    expect(await logSize(await filled())).toEqual({ position: 14n, events: 14 });
  });

  it('is counted up to the head where it does not', async () => {
    const store = await filled();
    const uncounted = {
      head: async () => ({ position: 12n }),
      readAll: store.readAll.bind(store),
    };
    expect(await logSize(uncounted)).toEqual({ position: 12n, events: 12 });
  });
});
