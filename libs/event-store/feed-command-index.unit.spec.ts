import { appended, freshStream, touch } from './event-store.contract.js';
import { feedCommandIndex } from './feed-command-index.js';
import { MemoryCommandIndex } from './memory/memory-command-index.adapter.js';
import { MemoryEventStore } from './memory/memory-event-store.adapter.js';

const clock = { nowMs: () => 0, monotonicMs: () => 0 };
const requestHash = 'ab'.repeat(32);

describe('The feeding of a command index', () => {
  it('goes on from the watermark with every command of the log, and ends when told to', async () => {
    const store = new MemoryEventStore(clock, { carriesCommands: true });
    const streamId = freshStream();
    const record = (n: number) =>
      appended(store, {
        streamId,
        expectedRevision: BigInt(n * 2 - 1),
        events: [0, 1].map(() => touch({ metadata: { commandKey: `k:${n}` } })),
        command: { commandKey: `k:${n}`, requestHash },
      });
    const applied: string[] = [];
    const signals = [new AbortController(), new AbortController()];
    class Index extends MemoryCommandIndex {
      override async applyCommands(...[entries, through]: Parameters<MemoryCommandIndex['applyCommands']>) {
        applied.push(...entries.map((entry) => entry.commandKey));
        await super.applyCommands(entries, through);
        // Once up to the first two commands, then up to all of them.
        if (through >= 4n) signals[0]!.abort();
        if (through >= 6n) signals[1]!.abort();
      }
    }
    const index = new Index();
    for (const n of [0, 1]) await record(n);
    await feedCommandIndex(store, index, signals[0]!.signal);
    expect(await index.watermark()).toBe(4n);
    const feeding = feedCommandIndex(store, index, signals[1]!.signal);
    await record(2);
    await feeding;
    expect(applied).toEqual(['k:0', 'k:1', 'k:2']);
    expect(await index.find(streamId, 'k:2')).toMatchObject({
      firstRevision: 4n,
      lastRevision: 5n,
      position: 6n,
    });
    expect(await index.watermark()).toBe(6n);
  });
});
