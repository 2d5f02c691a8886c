import { randomUUID } from 'node:crypto';
import { appended, freshStream, touch } from './event-store.contract.js';
import type { EventStore, IdentifierChanges, IdentifierEntry } from './event-store.port.js';
import type { IdentifierIndex, IdentifierIndexMaintenance } from './identifier-index.port.js';

export interface IdentifierIndexUnderTest {
  readonly store: EventStore;
  readonly index: IdentifierIndex & IdentifierIndexMaintenance;
  dispose(): Promise<void>;
}

const EMAIL = 'aa'.repeat(16);
const PHONE = 'bb'.repeat(16);
const [AD, ADA, BYRON] = ['01', '02', '03'].map((byte) => byte.repeat(16)) as [string, string, string];

/** What every identifier index promises (`identifier-index.port.ts`), fed by appends. */
export function describeIdentifierIndex(name: string, open: () => Promise<IdentifierIndexUnderTest>): void {
  describe(`Identifier index ${name}`, () => {
    let underTest: IdentifierIndexUnderTest;
    let index: IdentifierIndexUnderTest['index'];
    beforeEach(async () => {
      underTest = await open();
      index = underTest.index;
    });
    afterEach(() => underTest.dispose());

    const change = (identifiers: IdentifierChanges) =>
      appended(underTest.store, {
        streamId: freshStream(),
        expectedRevision: -1n,
        events: [touch()],
        identifiers,
      });
    const identifier = (hash: string, customerId: string): IdentifierEntry => ({
      hash,
      kind: 'identifier',
      customerId,
    });
    const word = (hash: string, customerId: string): IdentifierEntry => ({
      hash,
      kind: 'nameWord',
      customerId,
    });

    it('finds the customers under an identifier as soon as the append is acknowledged, oldest first', async () => {
      const [first, second] = [
        'ffffffff-0000-4000-8000-000000000001',
        '00000000-0000-4000-8000-000000000002',
      ];
      await change({ add: [identifier(EMAIL, first)] });
      await change({ add: [identifier(EMAIL, second), identifier(PHONE, second)] });
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([first, second]);
      expect(await index.customersWithIdentifier(PHONE)).toEqual([second]);
      expect(await index.customersWithIdentifier(AD)).toEqual([]);
    });

    it('finds customers that have all name words, by id, page by page', async () => {
      const ids = Array.from({ length: 5 }, (_, i) => `${i}0000000-0000-4000-8000-000000000000`);
      for (const id of [...ids].reverse()) await change({ add: [word(AD, id), word(ADA, id)] });
      await change({ add: [word(BYRON, ids[1]!), word(BYRON, ids[3]!)] });
      expect(await index.customersWithNameWords([AD], { limit: 3 })).toEqual(ids.slice(0, 3));
      expect(await index.customersWithNameWords([AD], { afterCustomerId: ids[2]!, limit: 3 })).toEqual(
        ids.slice(3),
      );
      expect(await index.customersWithNameWords([ADA, BYRON], { limit: 10 })).toEqual([ids[1], ids[3]]);
      expect(await index.customersWithNameWords([EMAIL, BYRON], { limit: 10 })).toEqual([]);
      expect(await index.customersWithNameWords([], { limit: 10 })).toEqual([]);
    });

    it('forgets a removed identifier and keeps the others', async () => {
      const id = randomUUID();
      await change({ add: [identifier(EMAIL, id), identifier(PHONE, id)] });
      await change({ remove: [identifier(EMAIL, id)] });
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([]);
      expect(await index.customersWithIdentifier(PHONE)).toEqual([id]);
    });

    it('replaces the words of a corrected name', async () => {
      const [id, other] = [randomUUID(), randomUUID()];
      await change({ add: [identifier(EMAIL, id), word(AD, id), word(ADA, id)] });
      await change({ add: [word(AD, other)] });
      await change({ removeNameWordsOf: id, add: [word(BYRON, id)] });
      expect(await index.customersWithNameWords([AD], { limit: 10 })).toEqual([other]);
      expect(await index.customersWithNameWords([BYRON], { limit: 10 })).toEqual([id]);
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([id]);
    });

    it('forgets an erased customer altogether and remembers the erasure', async () => {
      const [id, other] = [randomUUID(), randomUUID()];
      await change({ add: [identifier(EMAIL, id), word(ADA, id)] });
      await change({ add: [identifier(EMAIL, other)] });
      await change({ removeAllOf: id });
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([other]);
      expect(await index.customersWithNameWords([ADA], { limit: 10 })).toEqual([]);
      expect(await index.erasedCustomers()).toEqual([id]);
    });

    it('changes nothing when the append is refused', async () => {
      const id = randomUUID();
      await underTest.store.append({
        streamId: freshStream(),
        expectedRevision: 5n,
        events: [touch()],
        identifiers: { add: [identifier(EMAIL, id)] },
      });
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([]);
    });

    it('can be cleared and filled again', async () => {
      const id = randomUUID();
      await change({ add: [identifier(EMAIL, id), word(ADA, id)] });
      await change({ removeAllOf: randomUUID() });
      await index.clearIdentifiers();
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([]);
      expect(await index.erasedCustomers()).toEqual([]);
      await index.applyIdentifierChanges([{ add: [identifier(EMAIL, id)] }, { add: [word(ADA, id)] }]);
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([id]);
      expect(await index.customersWithNameWords([ADA], { limit: 10 })).toEqual([id]);
    });
  });
}
