import { customerIdFor, customerStreamId, type RecordedEvent } from '@rapport/contracts';
import { eventBuilder } from '@rapport/testing';
import type { Principal } from '../access/principal.js';
import { CustomerExports, type CustomerExportsParts } from './customer-exports.js';

const [ada, twin, third] = ['ada', 'twin', 'third'].map((name) => customerIdFor('test', name)) as string[] as [string, string, string]; // prettier-ignore
const steward: Principal = { subject: 'steward-1', roles: ['steward'], scopes: ['*'] };

/** Streams as a store pages them, and a read side that keeps nothing. */
function exportsOver(streams: Readonly<Record<string, readonly RecordedEvent[]>>): CustomerExports {
  const events = {
    readStream: async (
      streamId: string,
      { fromRevision = 0n, maxCount = 1 }: { fromRevision?: bigint; maxCount?: number } = {},
    ) => (streams[streamId] ?? []).filter(({ revision }) => revision >= fromRevision).slice(0, maxCount),
  };
  const readSide = { all: () => [], revealFor: async (_: Principal, data: unknown) => ({ data, meta: {} }) };
  return new CustomerExports({
    events,
    readSide,
    clock: { nowMs: () => 0 },
  } as unknown as CustomerExportsParts);
}

const history = (name: string, ...extra: readonly { type: string; data: object }[]): RecordedEvent[] => {
  const events = eventBuilder().customer(name).type('CustomerRegistered').type('PurchaseRecorded').build();
  return [
    ...events,
    ...extra.map(({ type, data }, index) => ({
      ...events[0]!,
      type,
      data: data as Record<string, unknown>,
      revision: BigInt(events.length + index),
    })),
  ];
};
const absorbed = (mergeId: string, member: string) => ({
  type: 'CustomerAbsorbed',
  data: { mergeId, member, atRevision: 1 },
});
const peopleIn = async (exports: CustomerExports, customerId: string): Promise<string[]> => {
  const { events } = (await exports.of(customerId, steward)) as { events: { customerId: string }[] };
  return [...new Set(events.map((event) => event.customerId))];
};

describe('An export of all that is kept about a person', () => {
  it('has every event of a long history once, in order', async () => {
    const long = Array.from({ length: 2_500 }, (_, index) => ({
      ...history('ada')[1]!,
      revision: BigInt(index),
      eventId: `e-${index}`,
    }));
    const { events } = (await exportsOver({ [customerStreamId(ada)]: long }).of(ada, steward)) as {
      events: { eventId: string }[];
    };
    expect(events.map(({ eventId }) => eventId)).toEqual(long.map(({ eventId }) => eventId));
  });

  it('has the events of everybody who was merged into the person, by however many merges', async () => {
    const exports = exportsOver({
      [customerStreamId(ada)]: history('ada', absorbed('m-2', twin)),
      [customerStreamId(twin)]: history('twin', absorbed('m-1', third)),
      [customerStreamId(third)]: history('third'),
    });
    expect(await peopleIn(exports, ada)).toEqual([ada, twin, third]);
  });

  it('leaves out who was unmerged', async () => {
    const released = { type: 'MembersReleased', data: { mergeId: 'm-1' } };
    const exports = exportsOver({
      [customerStreamId(ada)]: history('ada', absorbed('m-1', twin), absorbed('m-2', third), released),
      [customerStreamId(twin)]: history('twin'),
      [customerStreamId(third)]: history('third'),
    });
    expect(await peopleIn(exports, ada)).toEqual([ada, third]);
  });
});
