import {
  contractOf,
  customerIdFor,
  customerStreamId,
  epochMsOf,
  eventIdFor,
  isUuid,
  isoOf,
  type EventMetadata,
  type EventOfType,
  type EventType,
  type RecordedEvent,
} from '@rapport/contracts';

/** The id of a named test customer: the same in every run. */
export const testCustomerId = (name: string): string => (isUuid(name) ? name : customerIdFor('test', name));

/**
 * A recorded history in a few words: `eventBuilder().customer('ada').type('CustomerRegistered').type('PurchaseRecorded',
 * { total: { amountMinor: 500, currency: 'EUR' } }).build()`. Data starts from the contract's example; positions,
 * revisions, ids and instants follow each other.
 */
export function eventBuilder(startingAt = '2026-01-05T09:00:00.000Z'): EventBuilder {
  return new EventBuilder(epochMsOf(startingAt));
}

const BETWEEN_EVENTS_MS = 60_000;

export class EventBuilder {
  private readonly events: RecordedEvent[] = [];
  private readonly revisions = new Map<string, bigint>();
  private streamId = customerStreamId(testCustomerId('ada'));
  private recordedMs: number;

  constructor(private occurredMs: number) {
    this.recordedMs = occurredMs;
  }

  /** The following events happen to this customer: an id, or a name that stands for one. */
  customer(name: string): this {
    return this.stream(customerStreamId(testCustomerId(name)));
  }

  /** The following events stand in this stream. */
  stream(streamId: string): this {
    this.streamId = streamId;
    return this;
  }

  /** The next event happens at this business time; it is recorded a minute after the last one all the same. */
  at(occurredAt: string): this {
    this.occurredMs = epochMsOf(occurredAt);
    return this;
  }

  /** Adds an event: the contract's example with `data` over it. */
  type<Type extends EventType>(
    type: Type,
    data: Partial<EventOfType<Type>['data']> = {},
    metadata: Partial<EventMetadata> = {},
  ): this {
    return this.raw(type, { ...contractOf(type)!.example, ...data }, metadata);
  }

  /** Adds an event as it is, of any type, also one this version does not know. */
  raw(
    type: string,
    data: Readonly<Record<string, unknown>>,
    metadata: Partial<EventMetadata> = {},
    schemaVersion = contractOf(type)?.version ?? 1,
  ): this {
    const revision = (this.revisions.get(this.streamId) ?? -1n) + 1n;
    this.revisions.set(this.streamId, revision);
    const commandKey = `k:${revision}`;
    const eventId = eventIdFor(this.streamId, commandKey, type, 0);
    const customerId = this.streamId.startsWith('customer-') ? this.streamId.slice(9) : undefined;
    this.events.push({
      eventId,
      type,
      schemaVersion,
      streamId: this.streamId,
      revision,
      position: BigInt(this.events.length + 1),
      data,
      metadata: {
        ...(customerId ? { customerId } : {}),
        occurredAt: isoOf(this.occurredMs),
        recordedAt: isoOf(this.recordedMs),
        sourceSystem: 'test',
        channel: 'web',
        actor: { kind: 'system', id: 'test' },
        correlationId: eventId,
        causationId: eventId,
        commandKey,
        ...metadata,
      },
    });
    this.occurredMs += BETWEEN_EVENTS_MS;
    this.recordedMs += BETWEEN_EVENTS_MS;
    return this;
  }

  /** Adds the same event `times` times. */
  times<Type extends EventType>(
    times: number,
    type: Type,
    data: Partial<EventOfType<Type>['data']> = {},
  ): this {
    for (let i = 0; i < times; i++) this.type(type, data);
    return this;
  }

  build(): RecordedEvent[] {
    return [...this.events];
  }
}
