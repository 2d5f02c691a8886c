import { duplicatesOf, translated, type MongoConnection } from '@rapport/connections';
import { RapportError } from '@rapport/contracts';
import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import type {
  IdentifierIndex,
  IdentifierIndexMaintenance,
  PlacedIdentifierChanges,
  SharedHash,
} from '../identifier-index.port.js';
import type { MatchDetail } from '../event-store.port.js';
import { matchKeysOf } from '../identifiers/match-keys.js';
import { byCustomer, NO_ENTRIES, withChanges, type CustomerEntries } from './identifier-entries.js';

const IDENTIFIERS = '_rapport_identifiers';
/** Customers read and written in one go. */
const CHUNK = 250;
/** Writers that meet at a customer all but one of them try again. */
const MAX_ROUNDS = 50;
const HEX_BYTES = /^(?:[0-9a-f]{2})+$/;

interface Placed {
  readonly h: string;
  readonly at: bigint;
}

interface PlacedDetail {
  readonly d: MatchDetail;
  readonly h: string | null;
  readonly at: bigint;
}

/**
 * Everything of one customer in one record, so that each change of it is atomic and an erasure needs no second index.
 * Name words are two lists side by side: the searched one is then a plain list of hashes.
 */
interface CustomerRecord {
  readonly _id: string;
  /** Counts writes: the compare-and-set guard. */
  readonly writes: number;
  readonly identifiers: readonly Placed[];
  readonly words: readonly string[];
  readonly wordsAt: readonly bigint[];
  readonly details: readonly PlacedDetail[];
  /** Made from the details: what `sharedHashes` groups by. */
  readonly matchKeys: readonly string[];
  readonly removedIdentifiers: readonly Placed[];
  readonly removedWords: readonly Placed[];
  readonly nameCut: bigint;
  readonly erasedAt?: bigint;
}

export async function openMongoIdentifierIndex(
  connection: MongoConnection,
): Promise<IdentifierIndex & IdentifierIndexMaintenance> {
  const records = connection.collection<CustomerRecord>(IDENTIFIERS);
  await translated(() =>
    records.createIndexes(
      [
        { key: { 'identifiers.h': 1 } },
        { key: { words: 1, _id: 1 } },
        { key: { erasedAt: 1 }, sparse: true },
      ],
      { commitQuorum: 'majority' },
    ),
  );
  return new MongoIdentifierIndex(records);
}

/**
 * The identifier index in MongoDB. Who appends writes it at once and who follows the log writes it again, in several
 * processes; `identifier-entries.ts` says why the order does not matter.
 */
class MongoIdentifierIndex implements IdentifierIndex, IdentifierIndexMaintenance {
  constructor(private readonly records: Collection<CustomerRecord>) {}

  async customersWithIdentifier(hash: string): Promise<readonly string[]> {
    assertHash(hash);
    const found = await translated(() =>
      this.records.find({ 'identifiers.h': { $eq: hash } }, { projection: { identifiers: 1 } }).toArray(),
    );
    return found
      .map(({ _id, identifiers }) => ({ id: _id, at: BigInt(identifiers.find((i) => i.h === hash)!.at) }))
      .sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1))
      .map(({ id }) => id);
  }

  async customersWithNameWords(
    hashes: readonly string[],
    page: { readonly afterCustomerId?: string; readonly limit: number },
  ): Promise<readonly string[]> {
    const distinct = [...new Set(hashes)];
    if (distinct.length === 0 || page.limit <= 0) return [];
    distinct.forEach(assertHash);
    const found = await translated(() =>
      this.records
        .find(
          {
            words: { $all: distinct },
            ...(page.afterCustomerId === undefined ? {} : { _id: { $gt: String(page.afterCustomerId) } }),
          },
          { projection: { _id: 1 }, sort: { _id: 1 }, limit: page.limit },
        )
        .toArray(),
    );
    return found.map(({ _id }) => _id);
  }

  async sharedHashes(page: { readonly afterHash?: string; readonly limit: number }): Promise<readonly SharedHash[]> {
    if (page.limit <= 0) return [];
    const shared = async (kind: SharedHash['kind'], list: string, hash: string): Promise<SharedHash[]> => {
      const found = await translated(() =>
        this.records
          .aggregate<{ readonly _id: string; readonly customers: readonly string[] }>(
            [
              { $unwind: `$${list}` },
              ...(page.afterHash === undefined ? [] : [{ $match: { [hash]: { $gt: String(page.afterHash) } } }]),
              { $group: { _id: `$${hash}`, customers: { $addToSet: '$_id' }, count: { $sum: 1 } } },
              { $match: { count: { $gt: 1 } } },
              { $sort: { _id: 1 } },
              { $limit: page.limit },
            ],
            { allowDiskUse: true },
          )
          .toArray(),
      );
      return found.map(({ _id, customers }) => ({ hash: _id, kind, customerIds: [...customers].sort() }));
    };
    const both = await Promise.all([
      shared('identifier', 'identifiers', 'identifiers.h'),
      shared('matchKey', 'matchKeys', 'matchKeys'),
    ]);
    return both
      .flat()
      .sort((a, b) => (a.hash < b.hash ? -1 : 1))
      .slice(0, page.limit);
  } // prettier-ignore

  async erasedCustomers(): Promise<readonly string[]> {
    const found = await translated(() =>
      this.records
        .find({ erasedAt: { $exists: true } }, { projection: { _id: 1 }, sort: { _id: 1 } })
        .toArray(),
    );
    return found.map(({ _id }) => _id);
  }

  async clearIdentifiers(): Promise<void> {
    await translated(() => this.records.deleteMany({}));
  }

  async applyIdentifierChanges(changes: readonly PlacedIdentifierChanges[]): Promise<void> {
    for (const { add = [], remove = [], details = [] } of changes)
      for (const { hash } of [...add, ...remove, ...details]) if (hash !== null) assertHash(hash);
    const customers = [...byCustomer(changes)];
    for (let from = 0; from < customers.length; from += CHUNK)
      await this.applyTo(new Map(customers.slice(from, from + CHUNK)));
  }

  /** Reads, changes and writes guarded until nothing is left to change: what others wrote meanwhile is kept. */
  private async applyTo(customers: ReadonlyMap<string, readonly PlacedIdentifierChanges[]>): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const stored = await translated(() =>
        this.records.find({ _id: { $in: [...customers.keys()] } }).toArray(),
      );
      const known = new Map(stored.map((record) => [record._id, record]));
      const operations: AnyBulkWriteOperation<CustomerRecord>[] = [];
      for (const [customerId, changes] of customers) {
        const record = known.get(customerId);
        const before = record ? entriesOf(record) : NO_ENTRIES;
        const after = withChanges(before, customerId, changes);
        if (after === before) continue;
        const writes = record?.writes ?? 0;
        operations.push({
          replaceOne: {
            filter: { _id: customerId, writes },
            replacement: { writes: writes + 1, ...recordOf(after) },
            upsert: record === undefined,
          },
        });
      }
      if (operations.length === 0) return;
      await duplicatesOf(() => this.records.bulkWrite(operations, { ordered: false }));
    }
    throw new RapportError('UNAVAILABLE', 'too many writers change the same customers', { retryAfterS: 1 });
  }
}

/** Throws INTERNAL: anything but hexadecimal text is not a hash, and an object would be read as operators. */
function assertHash(hash: string): void {
  if (typeof hash !== 'string' || !HEX_BYTES.test(hash))
    throw new RapportError('INTERNAL', 'An identifier hash is not hexadecimal.');
}

const entriesOf = (record: CustomerRecord): CustomerEntries => ({
  identifiers: record.identifiers.map(({ h, at }) => ({ hash: h, at: BigInt(at) })),
  details: record.details.map(({ d, h, at }) => ({ detail: d, hash: h, at: BigInt(at) })),
  nameWords: record.words.map((hash, i) => ({ hash, at: BigInt(record.wordsAt[i]!) })),
  removedIdentifiers: record.removedIdentifiers.map(({ h, at }) => ({ hash: h, at: BigInt(at) })),
  removedNameWords: record.removedWords.map(({ h, at }) => ({ hash: h, at: BigInt(at) })),
  nameCut: BigInt(record.nameCut),
  ...(record.erasedAt === undefined ? {} : { erasedAt: BigInt(record.erasedAt) }),
});

const recordOf = (entries: CustomerEntries): Omit<CustomerRecord, '_id' | 'writes'> => ({
  identifiers: entries.identifiers.map(({ hash, at }) => ({ h: hash, at })),
  words: entries.nameWords.map(({ hash }) => hash),
  wordsAt: entries.nameWords.map(({ at }) => at),
  details: entries.details.map(({ detail, hash, at }) => ({ d: detail, h: hash, at })),
  matchKeys: matchKeysOf(
    Object.fromEntries(
      entries.details.flatMap(({ detail, hash }) => (hash === null ? [] : [[detail, hash]])),
    ),
  ),
  removedIdentifiers: entries.removedIdentifiers.map(({ hash, at }) => ({ h: hash, at })),
  removedWords: entries.removedNameWords.map(({ hash, at }) => ({ h: hash, at })),
  nameCut: entries.nameCut,
  ...(entries.erasedAt === undefined ? {} : { erasedAt: entries.erasedAt }),
});
