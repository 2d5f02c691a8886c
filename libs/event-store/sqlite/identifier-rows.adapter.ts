import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isUuid, RapportError } from '@rapport/contracts';
import { MATCH_DETAILS, type DetailEntry, type IdentifierChanges, type IdentifierEntry, type MatchDetail } from '../event-store.port.js'; // prettier-ignore
import type { SharedHash } from '../identifier-index.port.js';
import { erasedBy } from '../identifiers/erased-by.js';
import { matchKeysOf } from '../identifiers/match-keys.js';

/** A customer id as stored: 16 bytes for a uuid (they sort as its text does), else the text. */
const keyOf = (customerId: string): string | Uint8Array =>
  isUuid(customerId) ? Buffer.from(customerId.replaceAll('-', ''), 'hex') : customerId;

const idOf = (key: string | Uint8Array): string => {
  if (typeof key === 'string') return key;
  const hex = Buffer.from(key).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

const bytesOf = (hash: string): Uint8Array => {
  const bytes = Buffer.from(hash, 'hex');
  if (bytes.length === 0 || bytes.length * 2 !== hash.length || bytes.length > 255)
    throw new RapportError('INTERNAL', 'An identifier hash is not hexadecimal.');
  return bytes;
};

/** Lists of hashes as one blob: length byte, hash, length byte, hash … */
const packed = (hashes: Iterable<string>): Uint8Array => {
  const parts: Uint8Array[] = [];
  for (const hash of hashes) {
    const bytes = bytesOf(hash);
    parts.push(Uint8Array.of(bytes.length), bytes);
  }
  return Buffer.concat(parts);
};

const unpacked = (blob: Uint8Array): Set<string> => {
  const hashes = new Set<string>();
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  for (let at = 0; at < bytes.length; at += 1 + bytes[at]!)
    hashes.add(bytes.toString('hex', at + 1, at + 1 + bytes[at]!));
  return hashes;
};

type Details = { [Detail in MatchDetail]?: string };

/** The hash of each detail in their order, each behind its length; an unknown one is empty. */
const packedDetails = (details: Details): Uint8Array =>
  Buffer.concat(
    MATCH_DETAILS.flatMap((detail) => {
      const hash = details[detail];
      const bytes = hash === undefined ? new Uint8Array() : bytesOf(hash);
      return [Uint8Array.of(bytes.length), bytes];
    }),
  );

const unpackedDetails = (blob: Uint8Array): Details => {
  const details: Details = {};
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  let at = 0;
  for (const detail of MATCH_DETAILS) {
    const length = bytes[at] ?? 0;
    if (length > 0) details[detail] = bytes.toString('hex', at + 1, at + 1 + length);
    at += 1 + length;
  }
  return details;
};

/** A customer's own hashes. */
interface OwnHashes extends Record<IdentifierEntry['kind'], Set<string>> {
  details: Details;
}

/**
 * Rows of the identifier index. Each customer's own hashes stand in one packed row, so that erasing a person or replacing
 * a name needs neither the plaintext nor a second index over all rows.
 */
export class IdentifierRows {
  private readonly ofIdentifier: StatementSync;
  private readonly erased: StatementSync;
  private shared: ReturnType<typeof sharedStatements> | undefined;
  private readonly byWordCount = new Map<number, StatementSync>();
  private writes: ReturnType<typeof writeStatements> | undefined;

  constructor(private readonly database: DatabaseSync) {
    this.ofIdentifier = database.prepare(
      'SELECT customer FROM identifiers WHERE hash = ? ORDER BY position, customer',
    );
    this.erased = database.prepare('SELECT customer FROM erased_customers ORDER BY customer');
  }

  customersWithIdentifier(hash: string): string[] {
    return this.ofIdentifier.all(bytesOf(hash)).map((row) => idOf(row.customer as string | Uint8Array));
  }

  customersWithNameWords(hashes: readonly string[], after: string | undefined, limit: number): string[] {
    const distinct = [...new Set(hashes)];
    if (distinct.length === 0) return [];
    let statement = this.byWordCount.get(distinct.length);
    if (statement === undefined) {
      const others = distinct
        .slice(1)
        .map(() => 'AND EXISTS (SELECT 1 FROM name_words o WHERE o.hash = ? AND o.customer = w.customer)');
      statement = this.database.prepare(
        `SELECT w.customer FROM name_words w WHERE w.hash = ? AND w.customer > ? ${others.join(' ')}
         ORDER BY w.customer LIMIT ?`,
      );
      this.byWordCount.set(distinct.length, statement);
    }
    const [first, ...rest] = distinct.map(bytesOf);
    return statement
      .all(first!, after === undefined ? '' : keyOf(after), ...rest, limit)
      .map((row) => idOf(row.customer as string | Uint8Array));
  }

  sharedHashes(after: string | undefined, limit: number): SharedHash[] {
    const from = after === undefined ? new Uint8Array() : bytesOf(after);
    return (this.shared ??= sharedStatements(this.database))
      .flatMap(({ kind, hashes, customers }) =>
        hashes.all(from, limit).map((row): SharedHash => ({
          hash: Buffer.from(row.hash as Uint8Array).toString('hex'),
          kind,
          customerIds: customers.all(row.hash!).map(({ customer }) => idOf(customer as string | Uint8Array)),
        })),
      )
      .sort((a, b) => (a.hash < b.hash ? -1 : 1))
      .slice(0, limit);
  }

  erasedCustomers(): string[] {
    return this.erased.all().map((row) => idOf(row.customer as string | Uint8Array));
  }

  /** Inside a transaction. `position` says since when an added identifier is known. */
  apply(changes: IdentifierChanges, position: number): void {
    const write = (this.writes ??= writeStatements(this.database));
    for (const customerId of erasedBy(changes)) {
      const key = keyOf(customerId);
      const own = this.hashesOf(key);
      for (const hash of own.identifier) write.removeIdentifier.run(bytesOf(hash), key);
      for (const hash of own.nameWord) write.removeNameWord.run(bytesOf(hash), key);
      for (const hash of matchKeysOf(own.details)) write.removeMatchKey.run(bytesOf(hash), key);
      write.removeHashes.run(key);
      write.remember.run(key);
    }
    if (changes.removeNameWordsOf !== undefined) {
      const key = keyOf(changes.removeNameWordsOf);
      const own = this.hashesOf(key);
      for (const hash of own.nameWord) write.removeNameWord.run(bytesOf(hash), key);
      own.nameWord.clear();
      this.save(key, own);
    }
    const byCustomer = new Map<string, { add: IdentifierEntry[]; remove: IdentifierEntry[]; details: DetailEntry[] }>(); // prettier-ignore
    const group = (customerId: string) => {
      let entries = byCustomer.get(customerId);
      if (entries === undefined) byCustomer.set(customerId, (entries = { add: [], remove: [], details: [] }));
      return entries;
    };
    for (const entry of changes.remove ?? []) group(entry.customerId).remove.push(entry);
    for (const entry of changes.add ?? []) group(entry.customerId).add.push(entry);
    for (const entry of changes.details ?? []) group(entry.customerId).details.push(entry);
    for (const [customerId, { add, remove, details }] of byCustomer) {
      const key = keyOf(customerId);
      const own = this.hashesOf(key);
      for (const { hash, kind } of remove) {
        own[kind].delete(hash);
        (kind === 'identifier' ? write.removeIdentifier : write.removeNameWord).run(bytesOf(hash), key);
      }
      for (const { hash, kind } of add) {
        own[kind].add(hash);
        if (kind === 'identifier') write.addIdentifier.run(bytesOf(hash), key, position);
        else write.addNameWord.run(bytesOf(hash), key);
      }
      if (details.length > 0) this.setDetails(key, own, details);
      this.save(key, own);
    }
  }

  private setDetails(key: string | Uint8Array, own: OwnHashes, entries: readonly DetailEntry[]): void {
    const before = matchKeysOf(own.details);
    for (const { detail, hash } of entries) {
      const { [detail]: _before, ...others } = own.details;
      own.details = hash === null ? others : { ...others, [detail]: hash };
    }
    const after = matchKeysOf(own.details);
    for (const hash of before) if (!after.includes(hash)) this.writes!.removeMatchKey.run(bytesOf(hash), key);
    for (const hash of after) if (!before.includes(hash)) this.writes!.addMatchKey.run(bytesOf(hash), key);
  }

  private save(key: string | Uint8Array, { identifier, nameWord, details }: OwnHashes): void {
    this.writes!.saveHashes.run(key, packed(identifier), packed(nameWord), packedDetails(details));
  }

  /** Inside a transaction. */
  clear(): void {
    this.database.exec(
      'DELETE FROM identifiers; DELETE FROM name_words; DELETE FROM match_keys; DELETE FROM customer_hashes; DELETE FROM erased_customers',
    );
  }

  private hashesOf(key: string | Uint8Array): OwnHashes {
    const row = this.writes!.hashes.get(key);
    return row === undefined
      ? { identifier: new Set(), nameWord: new Set(), details: {} }
      : {
          identifier: unpacked(row.identifiers as Uint8Array),
          nameWord: unpacked(row.name_words as Uint8Array),
          details: unpackedDetails(row.details as Uint8Array),
        };
  }
}

/** Hashes that more than one customer has, and the customers of one, for each kind. */
const sharedStatements = (database: DatabaseSync) =>
  (
    [
      ['identifier', 'identifiers'],
      ['matchKey', 'match_keys'],
    ] as const
  ).map(([kind, table]) => ({
    kind,
    hashes: database.prepare(
      `SELECT hash FROM ${table} WHERE hash > ? GROUP BY hash HAVING COUNT(*) > 1 ORDER BY hash LIMIT ?`,
    ),
    customers: database.prepare(`SELECT customer FROM ${table} WHERE hash = ? ORDER BY customer`),
  }));

const writeStatements = (database: DatabaseSync) => ({
  hashes: database.prepare('SELECT identifiers, name_words, details FROM customer_hashes WHERE customer = ?'),
  saveHashes: database.prepare('INSERT OR REPLACE INTO customer_hashes VALUES (?, ?, ?, ?)'),
  removeHashes: database.prepare('DELETE FROM customer_hashes WHERE customer = ?'),
  addIdentifier: database.prepare('INSERT INTO identifiers VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
  removeIdentifier: database.prepare('DELETE FROM identifiers WHERE hash = ? AND customer = ?'),
  addNameWord: database.prepare('INSERT INTO name_words VALUES (?, ?) ON CONFLICT DO NOTHING'),
  removeNameWord: database.prepare('DELETE FROM name_words WHERE hash = ? AND customer = ?'),
  addMatchKey: database.prepare('INSERT INTO match_keys VALUES (?, ?) ON CONFLICT DO NOTHING'),
  removeMatchKey: database.prepare('DELETE FROM match_keys WHERE hash = ? AND customer = ?'),
  remember: database.prepare('INSERT INTO erased_customers VALUES (?) ON CONFLICT DO NOTHING'),
});
