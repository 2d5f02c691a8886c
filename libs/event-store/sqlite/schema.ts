export const EVENTS_SCHEMA_VERSION = 1;

/**
 * `stream_index` is the only b-tree besides the log itself that an append touches: entries from 0 up are revisions, entries
 * below 0 are hashes of command keys, both leading to a position. One tree instead of two halves what an append dirties,
 * because both entries of a stream usually lie on one page. Its primary key is UNIQUE(stream, revision).
 */
export const EVENTS_SCHEMA = `
CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE TABLE stream_index (
  stream INTEGER NOT NULL,
  entry INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (stream, entry)
) WITHOUT ROWID;
CREATE TABLE identifiers (
  hash BLOB NOT NULL,
  customer NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (hash, customer)
) WITHOUT ROWID;
CREATE TABLE name_words (
  hash BLOB NOT NULL,
  customer NOT NULL,
  PRIMARY KEY (hash, customer)
) WITHOUT ROWID;
CREATE TABLE match_keys (
  hash BLOB NOT NULL,
  customer NOT NULL,
  PRIMARY KEY (hash, customer)
) WITHOUT ROWID;
CREATE TABLE customer_hashes (
  customer PRIMARY KEY,
  identifiers BLOB NOT NULL,
  name_words BLOB NOT NULL,
  details BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE erased_customers (customer PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE snapshots (
  stream TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  schema_version INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  state TEXT NOT NULL
);`;

export const KEYS_SCHEMA_VERSION = 1;

/** A row whose `wrapped` is null is a destroyed key: the customer is remembered, the key is gone. */
export const KEYS_SCHEMA = `
CREATE TABLE keys (
  key_id TEXT PRIMARY KEY,
  customer TEXT NOT NULL UNIQUE,
  wrapped BLOB
) WITHOUT ROWID;
CREATE TABLE master_check (id INTEGER PRIMARY KEY CHECK (id = 1), value BLOB NOT NULL);`;
