import type {
  CustomerDetailsCorrected,
  CustomerErased,
  CustomerRegistered,
  DataOf,
  IdentifierAdded,
  IdentifierRemoved,
} from '@rapport/contracts';
import type { DetailEntry, IdentifierChanges, IdentifierEntry, MatchDetail } from '../event-store.port.js';
import type { KeyStore } from '../key-store.port.js';
import { keyedHash } from './keyed-hash.adapter.js';
import {
  identifierScope, matchableBirthDate, matchableName, matchablePostalCode, nameWords, normaliseIdentifier, prefixesOf, searchPrefixOf,
} from './normalise.js'; // prettier-ignore

/** Hashes under which customers are stored and looked for. */
export interface IdentifierHasher {
  /** Hash to look an identifier up by; undefined when nothing of it is left after normalising. */
  identifier(type: string, value: string, sourceSystem?: string): string | undefined;
  /** Hashes of the words somebody typed: a customer is found when it has all of them. Empty for text without words. */
  nameQuery(text: string): string[];
  /** Hashes a name is found under. */
  namePrefixes(name: string): string[];
  /** Hash a detail is matched by; undefined when it is unusable. */
  detail(detail: MatchDetail, value: string): string | undefined;
}

const MATCHABLE: Readonly<Record<MatchDetail, (value: string) => string>> = {
  name: matchableName,
  postalCode: matchablePostalCode,
  birthDate: matchableBirthDate,
};

export async function createIdentifierHasher(keys: KeyStore): Promise<IdentifierHasher> {
  const hash = keyedHash(await keys.hashingKey('identifier'));
  return {
    identifier: (type, value, sourceSystem) => {
      const normalised = normaliseIdentifier(type, value);
      if (normalised === '' || normalised === '+') return undefined;
      return hash(JSON.stringify(['identifier', type, identifierScope(type, sourceSystem), normalised]));
    },
    nameQuery: (text) =>
      nameWords(text).map((word) => hash(JSON.stringify(['nameWord', searchPrefixOf(word)]))),
    namePrefixes: (name) =>
      [...new Set(nameWords(name).flatMap(prefixesOf))].map((prefix) =>
        hash(JSON.stringify(['nameWord', prefix])),
      ),
    detail: (detail, value) => {
      const matchable = MATCHABLE[detail](value);
      return matchable === '' ? undefined : hash(JSON.stringify(['detail', detail, matchable]));
    },
  };
}

/** An event before its personal values are encrypted. */
export interface PlainEvent {
  readonly type: string;
  readonly data: unknown;
}

/** Event types that change under what a customer is found. */
export const IDENTIFYING_EVENTS: ReadonlySet<string> = new Set([
  'CustomerRegistered',
  'IdentifierAdded',
  'IdentifierRemoved',
  'CustomerDetailsCorrected',
  'CustomerErased',
]);

const DETAIL_OF_FIELD: { readonly [field: string]: MatchDetail | undefined } = {
  displayName: 'name',
  postalCode: 'postalCode',
  birthDate: 'birthDate',
};

/**
 * What the events of one append, in plain text and in order, change in the identifier index; undefined for nothing.
 * A corrected name replaces all of the customer's name rows; an identifier that is both removed and added stays as the
 * later event says; erasure removes every row.
 */
export function identifierChangesOf(
  events: readonly PlainEvent[],
  customerId: string,
  hasher: IdentifierHasher,
): IdentifierChanges | undefined {
  if (!events.some((event) => IDENTIFYING_EVENTS.has(event.type))) return undefined;
  /** Last word on each hash: true = added. */
  const identifiers = new Map<string, boolean>();
  let nameHashes: readonly string[] | undefined;
  let replacesName = false;
  const details = new Map<MatchDetail, string | null>();
  let erased = false;
  let members: readonly string[] | undefined;
  const set = (type: string, value: unknown, sourceSystem: string | undefined, added: boolean): void => {
    if (typeof value !== 'string') return;
    const hash = hasher.identifier(type, value, sourceSystem);
    if (hash !== undefined) identifiers.set(hash, added);
  };
  const setDetail = (field: string, value: unknown): void => {
    const detail = DETAIL_OF_FIELD[field];
    if (detail === undefined) return;
    details.set(detail, (typeof value === 'string' ? hasher.detail(detail, value) : undefined) ?? null);
  };
  for (const { type, data } of events)
    switch (type) {
      case 'CustomerRegistered': {
        const registered = data as DataOf<typeof CustomerRegistered>;
        for (const { type: kind, value, sourceSystem } of registered.identifiers ?? [])
          set(kind, value, sourceSystem, true);
        if (typeof registered.displayName === 'string') {
          nameHashes = hasher.namePrefixes(registered.displayName);
          setDetail('displayName', registered.displayName);
        }
        break;
      }
      case 'IdentifierAdded': {
        const added = data as DataOf<typeof IdentifierAdded>;
        set(added.type, added.value, added.sourceSystem, true);
        break;
      }
      case 'IdentifierRemoved': {
        const removed = data as DataOf<typeof IdentifierRemoved>;
        set(removed.type, removed.value, removed.sourceSystem, false);
        break;
      }
      case 'CustomerDetailsCorrected':
        for (const { field, value } of (data as DataOf<typeof CustomerDetailsCorrected>).changes) {
          setDetail(field, value);
          if (field === 'displayName') {
            replacesName = true;
            nameHashes = typeof value === 'string' ? hasher.namePrefixes(value) : [];
          }
        }
        break;
      case 'CustomerErased':
        erased = true;
        members = (data as DataOf<typeof CustomerErased>).memberIds;
        identifiers.clear();
        nameHashes = undefined;
        details.clear();
        break;
    }
  const rows = (added: boolean): IdentifierEntry[] =>
    [...identifiers].flatMap(([hash, isAdded]) =>
      isAdded === added ? [{ hash, kind: 'identifier' as const, customerId }] : [],
    );
  const add = [
    ...rows(true),
    ...(nameHashes ?? []).map((hash): IdentifierEntry => ({ hash, kind: 'nameWord', customerId })),
  ];
  const remove = rows(false);
  if (!erased && !replacesName && add.length + remove.length + details.size === 0) return undefined;
  return {
    ...(erased ? { removeAllOf: customerId } : {}),
    ...(members?.length ? { removeAllOfMembers: members } : {}),
    ...(replacesName ? { removeNameWordsOf: customerId } : {}),
    ...(remove.length > 0 ? { remove } : {}),
    ...(add.length > 0 ? { add } : {}),
    ...(details.size > 0 ? { details: [...details].map(([detail, hash]): DetailEntry => ({ customerId, detail, hash })) } : {}), // prettier-ignore
  };
}
