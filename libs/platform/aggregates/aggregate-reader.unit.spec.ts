import type { StreamEvent } from '@rapport/contracts';
import { SimulatedTime } from '@rapport/runtime';
import type { AnyAggregate } from './aggregate.js';
import { AggregateReader } from './aggregate-reader.js';

const counters = {
  decider: {
    category: 'counter',
    initialState: () => 0,
    evolve: (state: number) => state + 1,
  },
} as unknown as AnyAggregate;

/** Streams in memory, with what was asked of them. */
class Streams {
  readonly events = new Map<string, StreamEvent[]>();
  asked = 0;
  /** Runs when a stream was read, before the reader hears of it. */
  onRead: () => void = () => undefined;

  add(streamId: string): void {
    const events = this.events.get(streamId) ?? [];
    events.push({ revision: BigInt(events.length) } as unknown as StreamEvent);
    this.events.set(streamId, events);
  }

  async readStream(
    streamId: string,
    { fromRevision = 0n }: { fromRevision?: bigint } = {},
  ): Promise<never[]> {
    this.asked++;
    const found = (this.events.get(streamId) ?? []).slice(Number(fromRevision));
    this.onRead();
    return found as never[];
  }
}

describe('The reader of aggregates', () => {
  let streams: Streams;
  let clock: SimulatedTime;
  const readerOf = (othersWriteEveryMs: number): AggregateReader =>
    new AggregateReader([counters], streams, clock, othersWriteEveryMs);
  beforeEach(() => {
    streams = new Streams();
    clock = new SimulatedTime(0);
  });

  describe('in the only process that writes', () => {
    it('reads a stream once, also one that nothing was recorded in', async () => {
      const reader = readerOf(0);
      streams.add('counter-1');
      for (let i = 0; i < 3; i++) {
        expect(await reader.stateOf('counter', '1')).toBe(1);
        expect(await reader.stateOf('counter', '2')).toBeUndefined();
      }
      expect(streams.asked).toBe(2);
    });

    it('sees what was written since it was told to forget', async () => {
      const reader = readerOf(0);
      await reader.stateOf('counter', '1');
      streams.add('counter-1');
      reader.forget('counter', '1');
      expect(await reader.stateOf('counter', '1')).toBe(1);
    });

    it('does not keep an answer that was outdated while it came', async () => {
      const reader = readerOf(0);
      streams.onRead = () => {
        streams.onRead = () => undefined;
        streams.add('counter-1');
        reader.forget('counter', '1');
      };
      expect(await reader.stateOf('counter', '1')).toBeUndefined();
      expect(await reader.stateOf('counter', '1')).toBe(1);
    });
  });

  describe('beside other processes that write', () => {
    it('looks again after a while, for what is new alone', async () => {
      const reader = readerOf(1_000);
      streams.add('counter-1');
      await reader.stateOf('counter', '1');
      streams.add('counter-1');
      expect(await reader.stateOf('counter', '1')).toBe(1);
      await clock.advance(1_000);
      expect(await reader.stateOf('counter', '1')).toBe(2);
    });

    it('asks each time for what was not recorded yet', async () => {
      const reader = readerOf(1_000);
      expect(await reader.stateOf('counter', '1')).toBeUndefined();
      streams.add('counter-1');
      expect(await reader.stateOf('counter', '1')).toBe(1);
    });
  });
});
