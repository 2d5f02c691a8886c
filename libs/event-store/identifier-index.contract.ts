import { randomUUID } from 'node:crypto';
import { appended, freshStream, touch } from './event-store.contract.js';
import * as fc from 'fast-check';
import { MATCH_DETAILS, type DetailEntry, type EventStore, type IdentifierChanges, type IdentifierEntry, type MatchDetail } from './event-store.port.js'; // prettier-ignore
import type {
  IdentifierIndex,
  IdentifierIndexMaintenance,
  PlacedIdentifierChanges,
  SharedHash,
} from './identifier-index.port.js';
import { matchKeysOf } from './identifiers/match-keys.js';

type AnyIndex = IdentifierIndex & IdentifierIndexMaintenance;

export interface IdentifierIndexUnderTest {
  /** Where the index is written with the append; absent where it is written beside the log, by several writers. */
  readonly store?: EventStore;
  readonly index: AnyIndex;
  /** The same index on another connection or after a restart, where the adapter has such a thing. */
  reopen?(): Promise<AnyIndex>;
  dispose(): Promise<void>;
}

const EMAIL = 'aa'.repeat(16);
const PHONE = 'bb'.repeat(16);
const hashOf = (): string => randomUUID().replaceAll('-', '');
const [AD, ADA, BYRON] = ['01', '02', '03'].map((byte) => byte.repeat(16)) as [string, string, string];

/** What every identifier index promises (`identifier-index.port.ts`), fed by appends. */
export function describeIdentifierIndex(name: string, open: () => Promise<IdentifierIndexUnderTest>): void {
  describe(`Identifier index ${name}`, () => {
    let underTest: IdentifierIndexUnderTest;
    let index: IdentifierIndexUnderTest['index'];
    let position: bigint;
    beforeEach(async () => {
      position = 0n;
      underTest = await open();
      index = underTest.index;
    });
    afterEach(() => underTest.dispose());

    const change = async (identifiers: IdentifierChanges): Promise<void> => {
      if (underTest.store === undefined)
        return index.applyIdentifierChanges([{ ...identifiers, position: ++position }]);
      await appended(underTest.store, {
        streamId: freshStream(),
        expectedRevision: -1n,
        events: [touch()],
        identifiers,
      });
    };
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

    const detail = (customerId: string, which: MatchDetail, hash: string | null): DetailEntry => ({
      customerId,
      detail: which,
      hash,
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

    it('tells which identifiers and which names with a postal code or birth date several customers have, page by page', async () => {
      const ids = [randomUUID(), randomUUID(), randomUUID()].sort() as [string, string, string];
      const known = new Set((await index.sharedHashes({ limit: 1_000 })).map(({ hash }) => hash));
      const [one, two, single] = [hashOf(), hashOf(), hashOf()];
      await change({ add: [identifier(one, ids[0]), identifier(two, ids[0]), identifier(single, ids[0])] });
      await change({ add: [identifier(one, ids[1]), identifier(two, ids[2])] });
      const [name, postalCode, birthDate] = [hashOf(), hashOf(), hashOf()];
      await change({ details: [detail(ids[0], 'name', name), detail(ids[0], 'postalCode', postalCode)] });
      await change({ details: [detail(ids[1], 'birthDate', birthDate), detail(ids[1], 'name', name)] });
      await change({ details: [detail(ids[2], 'name', name)] });
      await change({ details: [detail(ids[2], 'postalCode', postalCode)] });
      const [key] = matchKeysOf({ name, postalCode }) as [string];
      const expected: SharedHash[] = [
        { hash: one, kind: 'identifier', customerIds: [ids[0], ids[1]] },
        { hash: two, kind: 'identifier', customerIds: [ids[0], ids[2]] },
        { hash: key, kind: 'matchKey', customerIds: [ids[0], ids[2]] },
      ];
      expected.sort((a, b) => (a.hash < b.hash ? -1 : 1));
      const ours = async (): Promise<unknown[]> => (await index.sharedHashes({ limit: 1_000 })).filter(({ hash }) => !known.has(hash)); // prettier-ignore
      expect(await ours()).toEqual(expected);
      const [first, ...rest] = await index.sharedHashes({ limit: 1_000 });
      expect(await index.sharedHashes({ limit: 1 })).toEqual([first]);
      expect(await index.sharedHashes({ afterHash: first!.hash, limit: 1_000 })).toEqual(rest);
      // A corrected name, and a postal code taken away, match no more.
      await change({ details: [detail(ids[0], 'birthDate', birthDate), detail(ids[0], 'postalCode', null)] });
      const [born] = matchKeysOf({ name, birthDate }) as [string];
      expect((await ours()).filter((found) => (found as SharedHash).kind === 'matchKey')).toEqual([{ hash: born, kind: 'matchKey', customerIds: [ids[0], ids[1]] }]); // prettier-ignore
      await change({ details: [detail(ids[0], 'name', hashOf())] });
      expect((await ours()).filter((found) => (found as SharedHash).kind === 'matchKey')).toEqual([]);
      await change({ details: [detail(ids[0], 'name', name)] });
      expect(await ours()).toHaveLength(3);
      await change({ removeAllOf: ids[1], removeAllOfMembers: [ids[2]] });
      expect(await ours()).toEqual([]);
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
      if (underTest.store === undefined) return;
      const id = randomUUID();
      await underTest.store.append({
        streamId: freshStream(),
        expectedRevision: 5n,
        events: [touch()],
        identifiers: { add: [identifier(EMAIL, id)] },
      });
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([]);
    });

    it('refuses what is no hash', async () => {
      const add = [identifier('not a hash', randomUUID())];
      await expect(change({ add })).rejects.toMatchObject({ code: 'INTERNAL' });
    });

    it('can be cleared and filled again', async () => {
      const id = randomUUID();
      await change({ add: [identifier(EMAIL, id), word(ADA, id)] });
      await change({ removeAllOf: randomUUID() });
      await index.clearIdentifiers();
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([]);
      expect(await index.erasedCustomers()).toEqual([]);
      await index.applyIdentifierChanges([
        { add: [identifier(EMAIL, id)], position: 1n },
        { add: [word(ADA, id)], position: 2n },
      ]);
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([id]);
      expect(await index.customersWithNameWords([ADA], { limit: 10 })).toEqual([id]);
    });

    it('orders customers of an identifier by where the log has them, when made anew', async () => {
      const [first, second] = ['ff', '00'].map((start) => `${start}000000-0000-4000-8000-000000000000`) as [
        string,
        string,
      ];
      await index.applyIdentifierChanges([
        { add: [identifier(EMAIL, first)], position: 3n },
        { add: [identifier(EMAIL, second)], position: 9n },
      ]);
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([first, second]);
    });

    it('has everything after reopening', async () => {
      if (underTest.reopen === undefined) return;
      const [id, erased] = [randomUUID(), randomUUID()];
      await change({ add: [identifier(EMAIL, id), word(ADA, id)] });
      await change({ removeAllOf: erased });
      const again = await underTest.reopen();
      expect(await again.customersWithIdentifier(EMAIL)).toEqual([id]);
      expect(await again.customersWithNameWords([ADA], { limit: 10 })).toEqual([id]);
      expect(await again.erasedCustomers()).toEqual([erased]);
    });
  });
}

/** What an identifier index promises that several processes write beside the log, again, late and out of order. */
export function describeSharedIdentifierIndex(
  name: string,
  open: () => Promise<IdentifierIndexUnderTest>,
): void {
  describe(`Identifier index with several writers ${name}`, () => {
    let underTest: IdentifierIndexUnderTest;
    let index: AnyIndex;
    beforeEach(async () => {
      underTest = await open();
      index = underTest.index;
    });
    afterEach(() => underTest.dispose());

    const [ID, OTHER] = ['1', '2'].map((start) => `${start}0000000-0000-4000-8000-000000000000`) as [
      string,
      string,
    ];
    const hashes = [EMAIL, PHONE, AD, ADA, BYRON];
    const entry = fc.record({
      hash: fc.constantFrom(...hashes),
      kind: fc.constantFrom('identifier' as const, 'nameWord' as const),
      customerId: fc.constantFrom(ID, OTHER),
    });
    const detail = fc.record({
      customerId: fc.constantFrom(ID, OTHER),
      detail: fc.constantFrom(...MATCH_DETAILS),
      hash: fc.constantFrom(AD, ADA, null),
    });
    const log = fc
      .array(
        fc.record(
          {
            removeAllOf: fc.constantFrom(ID, OTHER),
            removeNameWordsOf: fc.constantFrom(ID, OTHER),
            remove: fc.array(entry, { maxLength: 2 }),
            add: fc.array(entry, { maxLength: 3 }),
            details: fc.uniqueArray(detail, { maxLength: 3, selector: ({ customerId, detail: which }) => `${customerId} ${which}` }), // prettier-ignore
          },
          { requiredKeys: ['add'] },
        ),
        { minLength: 1, maxLength: 6 },
      )
      .map((changes) =>
        changes.map((one, i): PlacedIdentifierChanges => ({ ...one, position: BigInt(i + 1) })),
      );
    const contents = async () => ({
      identifiers: await Promise.all(
        hashes.map(async (hash) => [...(await index.customersWithIdentifier(hash))].sort()),
      ),
      words: await Promise.all(hashes.map((hash) => index.customersWithNameWords([hash], { limit: 10 }))),
      shared: await index.sharedHashes({ limit: 100 }),
      erased: await index.erasedCustomers(),
    });

    it('ends as the log says whatever the order and number of deliveries', async () => {
      const delivered = log.chain((changes) =>
        fc
          .array(fc.constantFrom(...changes), { maxLength: 6 })
          .chain((again) =>
            fc
              .shuffledSubarray([...changes, ...again], { minLength: changes.length + again.length })
              .map((deliveries) => ({ changes, deliveries })),
          ),
      );
      await fc.assert(
        fc.asyncProperty(delivered, async ({ changes, deliveries }) => {
          await index.clearIdentifiers();
          await index.applyIdentifierChanges(changes);
          const inOrder = await contents();
          await index.clearIdentifiers();
          for (const one of deliveries) await index.applyIdentifierChanges([one]);
          expect(await contents()).toEqual(inOrder);
          await index.applyIdentifierChanges(changes);
          expect(await contents()).toEqual(inOrder);
        }),
        { numRuns: 40 },
      );
    });

    it('does not bring back what was removed, renamed or erased when an older change comes late', async () => {
      const added: PlacedIdentifierChanges = {
        add: [
          { hash: EMAIL, kind: 'identifier', customerId: ID },
          { hash: ADA, kind: 'nameWord', customerId: ID },
          { hash: PHONE, kind: 'identifier', customerId: OTHER },
        ],
        position: 5n,
      };
      await index.applyIdentifierChanges([
        { remove: [{ hash: EMAIL, kind: 'identifier', customerId: ID }], position: 9n },
        {
          removeNameWordsOf: ID,
          add: [{ hash: BYRON, kind: 'nameWord', customerId: ID }],
          position: 10n,
        },
        { removeAllOf: OTHER, position: 11n },
      ]);
      await index.applyIdentifierChanges([added]);
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([]);
      expect(await index.customersWithIdentifier(PHONE)).toEqual([]);
      expect(await index.customersWithNameWords([ADA], { limit: 10 })).toEqual([]);
      expect(await index.customersWithNameWords([BYRON], { limit: 10 })).toEqual([ID]);
    });

    it('keeps an older change that comes after a newer one of the same customer', async () => {
      await index.applyIdentifierChanges([
        { add: [{ hash: PHONE, kind: 'identifier', customerId: ID }], position: 20n },
      ]);
      await index.applyIdentifierChanges([
        { add: [{ hash: EMAIL, kind: 'identifier', customerId: ID }], position: 10n },
      ]);
      expect(await index.customersWithIdentifier(EMAIL)).toEqual([ID]);
      expect(await index.customersWithIdentifier(PHONE)).toEqual([ID]);
    });

    it('loses nothing when many write to one customer at once', async () => {
      const WRITERS = 16;
      const own = Array.from({ length: WRITERS }, (_, i) => (i + 16).toString(16).repeat(16));
      const writers = await Promise.all(own.map(async () => (await underTest.reopen?.()) ?? index));
      await Promise.all(
        writers.map((writer, i) =>
          writer.applyIdentifierChanges([
            {
              add: [
                { hash: own[i]!, kind: 'identifier', customerId: ID },
                { hash: own[i]!, kind: 'nameWord', customerId: ID },
              ],
              position: BigInt(i + 1),
            },
          ]),
        ),
      );
      for (const hash of own) expect(await index.customersWithIdentifier(hash)).toEqual([ID]);
      expect(await index.customersWithNameWords(own, { limit: 10 })).toEqual([ID]);
    });

    it('takes the changes of thousands of customers at once', async () => {
      const ids = Array.from(
        { length: 1_200 },
        (_, i) => `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000`,
      );
      await index.applyIdentifierChanges(
        ids.map((customerId, i) => ({
          add: [{ hash: AD, kind: 'nameWord', customerId }],
          position: BigInt(i + 1),
        })),
      );
      const found: string[] = [];
      for (;;) {
        const page = await index.customersWithNameWords([AD], { limit: 500, afterCustomerId: found.at(-1) });
        if (page.length === 0) break;
        found.push(...page);
      }
      expect(found).toEqual(ids);
    });
  });
}
