import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RapportError } from '@rapport/contracts';

export interface ConnectionOptions {
  readonly readOnly?: boolean;
  /** Page cache in KiB; default 64 MiB. */
  readonly cacheKiB?: number;
  /** Overwrites deleted content with zeros. */
  readonly secureDelete?: boolean;
  /** COMMIT does not wait for the disk: whoever commits flushes with `WriteAheadLog`. */
  readonly isFlushedByOwner?: boolean;
}

/**
 * Pages of the write-ahead log after which it is copied back: 2,000 × 4 KiB keeps the pause of a copy short
 * (without `CopyBack` a commit that triggers it waits for it) while pages written several times are copied once.
 */
export const COPY_BACK_PAGES = 2_000;
/** `PRAGMA synchronous`: NORMAL syncs when the log begins anew and is copied back, FULL at every commit as well. */
const NORMAL = 1;
const FULL = 2;

/**
 * Opens a database in WAL mode with synchronous=FULL, or NORMAL where its owner flushes, and reads both back: with less,
 * an acknowledged event could vanish at a power cut. Throws UNAVAILABLE when the file system refuses either, or when a reader finds no file.
 */
export function openDatabase(file: string, options: ConnectionOptions = {}): DatabaseSync {
  if (options.readOnly === true && !existsSync(file))
    throw new RapportError('UNAVAILABLE', 'The data folder holds no store yet.');
  if (options.readOnly !== true) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file, { readOnly: options.readOnly ?? false, timeout: 5_000 });
  try {
    database.exec(`PRAGMA cache_size = -${options.cacheKiB ?? 65_536}`);
    if (options.readOnly === true) return database;
    const level = options.isFlushedByOwner === true ? NORMAL : FULL;
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${level};
      PRAGMA wal_autocheckpoint = ${COPY_BACK_PAGES};
      PRAGMA secure_delete = ${options.secureDelete === true ? 'ON' : 'OFF'}`);
    const journal = pragma(database, 'journal_mode');
    const synchronous = pragma(database, 'synchronous');
    if (journal !== 'wal' || synchronous !== level)
      throw new RapportError(
        'UNAVAILABLE',
        'The file system of the data folder does not allow durable writes.',
      );
    return database;
  } catch (error) {
    database.close();
    throw asRapportError(error);
  }
}

/** Value of a one-valued pragma. */
export function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

/** Creates the tables of a new database, or refuses one that a newer program wrote. */
export function migrate(database: DatabaseSync, version: number, schema: string): void {
  const found = Number(pragma(database, 'user_version'));
  if (found > version)
    throw new RapportError('UNAVAILABLE', 'The data folder was written by a newer version of this program.');
  if (found === version) return;
  database.exec(`BEGIN IMMEDIATE; ${schema}; PRAGMA user_version = ${version}; COMMIT`);
}

/** Result codes of SQLite that need a name of ours (low byte of the extended code). */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
/** Two connections met where only trying again helps: while the log was being taken over, or a table changed. */
const SQLITE_PROTOCOL = 15;
const SQLITE_SCHEMA = 17;
const SQLITE_NOTADB = 26;

const sqliteCodeOf = (error: unknown): number | undefined => {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
};

export const isStorageFull = (error: unknown): boolean => sqliteCodeOf(error) === SQLITE_FULL;
export const isIoError = (error: unknown): boolean => sqliteCodeOf(error) === SQLITE_IOERR;
export const isBusy = (error: unknown): boolean => sqliteCodeOf(error) === SQLITE_BUSY;

/** The error of ours that a driver's error stands for; details of the driver stay inside. */
export function asRapportError(error: unknown): Error {
  if (error instanceof RapportError) return error;
  switch (sqliteCodeOf(error)) {
    case SQLITE_FULL:
      return new RapportError('STORAGE_FULL', 'The disk is full; nothing was recorded.');
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new RapportError('CORRUPT_EVENT', 'The database file is damaged.');
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_SCHEMA:
      return new RapportError('UNAVAILABLE', 'The disk does not answer as it should.', { retryAfterS: 1 });
    default:
      return error instanceof Error ? error : new Error(String(error));
  }
}
