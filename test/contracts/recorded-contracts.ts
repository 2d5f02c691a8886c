import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { EVENT_CONTRACTS, type EventContract } from '@rapport/contracts';

/** One stored event per released version, as it stands in somebody's log. */
export const FIXTURE_FOLDER = 'test/fixtures/events';
/** What every released version looked like: version key → fingerprint. */
export const FINGERPRINT_FILE = 'test/fixtures/event-fingerprints.json';

export interface StoredFixture {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Record<string, unknown>;
}

const kebab = (type: string): string => type.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
export const fixtureFileOf = ({ type, version }: Pick<EventContract, 'type' | 'version'>): string =>
  `${FIXTURE_FOLDER}/${kebab(type)}.v${version}.json`;
export const versionKeyOf = ({ type, version }: Pick<EventContract, 'type' | 'version'>): string =>
  `${type}.v${version}`;

/** The words that explain a schema may be bettered; everything else is the stored format. */
function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      name === 'description' && typeof inner === 'string' ? [] : [[name, withoutDescriptions(inner)]],
    ),
  );
}

/** SHA-256 of what a stored event of this version depends on: its schema, and how its personal values are bound. */
export function fingerprintOf(contract: EventContract): string {
  const format = {
    category: contract.category,
    schema: withoutDescriptions(JSON.parse(JSON.stringify(contract.schema))),
    personal: contract.personal,
  };
  return createHash('sha256')
    .update(canonicalize(format) as string)
    .digest('hex');
}

export const contracts = (): readonly EventContract[] => [...EVENT_CONTRACTS.values()];
