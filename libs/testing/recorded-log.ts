import type { RecordedEvent } from '@rapport/contracts';
import {
  START,
  type Checkpoint,
  type EventStore,
  type LogPage,
  type ReadAllOptions,
} from '@rapport/event-store';

/** The reading side of an event store over events given as they are; `add` appends more. */
export class RecordedLog implements Pick<EventStore, 'readAll' | 'readStream' | 'head' | 'checkpointAt'> {
  private readonly events: RecordedEvent[] = [];

  constructor(events: readonly RecordedEvent[] = []) {
    this.add(events);
  }

  /** Appends events; positions must rise. */
  add(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      if (event.position <= (this.events.at(-1)?.position ?? 0n))
        throw new Error(`position ${event.position} does not follow the log`);
      this.events.push(event);
    }
  }

  checkpointAt(position: bigint): Checkpoint {
    return position === 0n ? START : String(position);
  }

  async head() {
    return { position: this.events.at(-1)?.position ?? 0n, events: BigInt(this.events.length) };
  }

  async readStream(streamId: string, options: Parameters<EventStore['readStream']>[1] = {}) {
    const { direction = 'forward', fromRevision, maxCount = Infinity } = options;
    const events = this.events.filter((event) => event.streamId === streamId);
    if (direction === 'backward') events.reverse();
    return events
      .filter(
        ({ revision }) =>
          fromRevision === undefined ||
          (direction === 'forward' ? revision >= fromRevision : revision <= fromRevision),
      )
      .slice(0, maxCount)
      .map((event) => structuredClone(event));
  }

  async *readAll(options: ReadAllOptions = {}): AsyncIterable<LogPage> {
    const { after = START, pageSize = 2_000, throughPosition, accept } = options;
    const last = this.events.at(-1)?.position ?? 0n;
    const end = throughPosition === undefined || throughPosition > last ? last : throughPosition;
    let through = after === START ? 0n : BigInt(after);
    while (through < end) {
      const page = this.events.filter((e) => e.position > through && e.position <= end).slice(0, pageSize);
      through = page.at(-1)?.position ?? end;
      const events = page.filter((e) => accept?.(e.streamId, e.type) ?? true).map((e) => structuredClone(e));
      yield { events, checkpoint: this.checkpointAt(through), through };
    }
  }
}
