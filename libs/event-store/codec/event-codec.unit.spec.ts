import { eventIdFor, EVENT_CONTRACTS, isPersonalToken, type NewEvent } from '@rapport/contracts';
import * as fc from 'fast-check';
import { MemoryKeyStore } from '../memory/memory-key-store.adapter.js';
import { createEventCodec, MASK, maskPersonal, type EventCodec } from './event-codec.js';
import { upcastToLatest } from './upcast.js';

const CUSTOMER = '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111';
const STREAM = `customer-${CUSTOMER}`;

describe('Event codec', () => {
  let keys: MemoryKeyStore;
  let codec: EventCodec;
  beforeEach(() => {
    keys = new MemoryKeyStore();
    codec = createEventCodec({ keys });
  });

  const encode = async (event: NewEvent, customerId: string | undefined = CUSTOMER) =>
    (await codec.encode([{ event, eventId: eventIdFor(STREAM, 'k:1', event.type, 0) }], customerId))[0]!;
  const registered = (overrides: Record<string, unknown> = {}): NewEvent => ({
    type: 'CustomerRegistered',
    data: {
      roles: ['customer'],
      displayName: 'Ada Canary',
      identifiers: [
        { type: 'email', value: 'ada@canary.example' },
        { type: 'phone', value: '+31201234567' },
      ],
      acquisitionChannel: 'web',
      ...overrides,
    },
  });

  describe('when encoding', () => {
    it('replaces every personal value by a token and leaves the rest, and the decision, as they are', async () => {
      const event = registered();
      const before = structuredClone(event.data);
      const { data, schemaVersion } = await encode(event);
      expect(event.data).toEqual(before);
      expect(schemaVersion).toBe(1);
      expect(JSON.stringify(data)).not.toMatch(/canary|3120/i);
      expect(data).toMatchObject({
        roles: ['customer'],
        identifiers: [{ type: 'email' }, { type: 'phone' }],
      });
      expect(isPersonalToken((data as { displayName: unknown }).displayName)).toBe(true);
    });

    it('encodes and reveals the example of every contract to the same data', async () => {
      for (const contract of EVENT_CONTRACTS.values()) {
        const { data } = await encode({ type: contract.type, data: contract.example });
        const revealed = await codec.reveal(data);
        expect(revealed).toEqual({ value: contract.example, erased: false, unreadable: 0 });
      }
    });

    it('reveals any text to what it was, and never the same token twice', async () => {
      await fc.assert(
        fc.asyncProperty(fc.string({ minLength: 1, unit: 'grapheme' }), async (text) => {
          fc.pre(!text.startsWith('pv1.'));
          const [one, two] = [
            await encode(registered({ displayName: text })),
            await encode(registered({ displayName: text })),
          ];
          expect(one).not.toEqual(two);
          expect((await codec.reveal(one.data)).value).toMatchObject({ displayName: text });
        }),
        { numRuns: 50 },
      );
    });

    it('refuses data the contract does not allow, naming each place and no value', async () => {
      const refused = encode(
        registered({ country: 'canary', identifiers: [{ type: 'fax', value: 'canary' }], extra: 1 }),
      );
      const error = (await refused.catch((e: unknown) => e)) as {
        code: string;
        extra: { errors: { pointer: string }[] };
      };
      expect(error.code).toBe('INVALID_VALUE');
      expect(error.extra.errors.map((e) => e.pointer).sort()).toEqual([
        '/country',
        '/extra',
        '/identifiers/0/type',
      ]);
      expect(JSON.stringify(error)).not.toContain('canary');
    });

    it('refuses personal text that looks like a token', async () => {
      await expect(encode(registered({ displayName: 'pv1.a.b.c.d.e' }))).rejects.toMatchObject({
        code: 'INVALID_VALUE',
        extra: { errors: [{ pointer: '/displayName' }] },
      });
      await expect(
        encode(registered({ identifiers: [{ type: 'email', value: 'pv1.' }] })),
      ).rejects.toMatchObject({
        extra: { errors: [{ pointer: '/identifiers/0/value' }] },
      });
    });

    it('calls a type without contract a mistake of the program', async () => {
      await expect(encode({ type: 'NobodyKnows', data: {} })).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(() => codec.validate([{ type: 'NobodyKnows', data: {} }])).toThrow(
        expect.objectContaining({ code: 'INTERNAL' }) as Error,
      );
    });

    it('asks for no key when nothing is personal', async () => {
      await keys.destroy(CUSTOMER);
      await expect(
        encode({ type: 'TouchPointRecorded', data: { direction: 'in', kind: 'call' } }, undefined),
      ).resolves.toEqual({ schemaVersion: 1, data: { direction: 'in', kind: 'call' } });
    });

    it('records nothing personal for an erased customer', async () => {
      await keys.destroy(CUSTOMER);
      await expect(encode(registered())).rejects.toMatchObject({ code: 'CUSTOMER_ERASED' });
    });
  });

  describe('when revealing', () => {
    it('opens tokens wherever they were copied to', async () => {
      const { data } = await encode(registered());
      const token = (data as { displayName: string }).displayName;
      const document = { name: token, list: [{ deep: [token, 1, null] }], position: 7n };
      expect(await codec.reveal(document)).toEqual({
        value: { name: 'Ada Canary', list: [{ deep: ['Ada Canary', 1, null] }], position: 7n },
        erased: false,
        unreadable: 0,
      });
    });

    it('reads an erased value as null and says so, for that customer only', async () => {
      const other = '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d222';
      const [mine, theirs] = [await encode(registered()), await encode(registered(), other)];
      await keys.destroy(CUSTOMER);
      const [first, second, third] = await codec.revealMany([mine.data, theirs.data, { plain: 1 }]);
      expect(first).toMatchObject({
        value: { displayName: null, identifiers: [{ value: null }, { value: null }] },
        erased: true,
      });
      expect(second).toMatchObject({ value: { displayName: 'Ada Canary' }, erased: false });
      expect(third).toEqual({ value: { plain: 1 }, erased: false, unreadable: 0 });
    });

    it('reads a token with any altered part as null and counts it', async () => {
      const { data } = await encode(registered());
      const token = (data as { displayName: string }).displayName;
      const other = await encode(registered(), '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d222');
      const otherKeyId = (other.data as { displayName: string }).displayName.split('.')[1]!;
      const parts = token.split('.');
      const altered = [
        token.replace(parts[1]!, otherKeyId),
        token.replace(parts[2]!, CUSTOMER),
        token.replace('customer.displayName', 'identifier.value'),
        `${token.slice(0, -6)}AAAAAA`,
        'pv1.garbage',
        'pv1.',
      ];
      expect(await codec.reveal(altered)).toEqual({
        value: altered.map(() => null),
        erased: false,
        unreadable: altered.length,
      });
    });

    it('changes nothing it was given', async () => {
      const { data } = await encode(registered());
      const before = structuredClone(data);
      await codec.reveal(data);
      expect(data).toEqual(before);
    });
  });

  it('hides personal values from those who may not see them, without a key', async () => {
    const { data } = await encode(registered());
    await keys.destroy(CUSTOMER);
    expect(maskPersonal(data)).toMatchObject({
      value: { displayName: MASK, roles: ['customer'] },
      masked: true,
    });
    expect(maskPersonal({ plain: 'text' })).toEqual({ value: { plain: 'text' }, masked: false });
  });

  it('passes unknown types and versions newer than this program through unchanged', () => {
    expect(upcastToLatest('NobodyKnows', 3, { a: 1 })).toEqual({ schemaVersion: 3, data: { a: 1 } });
    expect(upcastToLatest('CustomerRegistered', 99, { a: 1 })).toEqual({ schemaVersion: 99, data: { a: 1 } });
  });
});
