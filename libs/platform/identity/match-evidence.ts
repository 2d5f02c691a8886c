import {
  matchableBirthDate,
  matchablePostalCode,
  matchableWords,
  type IdentifierHasher,
} from '@rapport/event-store';
import type { CustomerDetailsCorrected, CustomerRegistered, DataOf, IdentifierAdded, IdentifierRemoved } from '@rapport/contracts'; // prettier-ignore
import type { MatchRule } from './merges.js';

/** What is known of a customer that may tell who it is, opened; what cannot be opened is unknown. */
export interface MatchProfile {
  /** Kind of each identifier by its hash. */
  readonly identifiers: ReadonlyMap<string, string>;
  readonly name?: string;
  readonly postalCode?: string;
  readonly birthDate?: string;
  readonly country?: string;
}

/** How two names compare. `alike`: each word of the shorter one, or its initial, is in the other. */
export type NameComparison = 'same' | 'alike' | 'different' | 'unknown';

export interface MatchEvidence {
  /** What two customers have in common. */
  readonly rules: readonly MatchRule[];
  readonly names: NameComparison;
  /** How much it speaks for one customer: 0-99. */
  readonly scorePct: number;
}

/** Events a profile is made from. */
export const PROFILE_EVENTS: ReadonlySet<string> = new Set(['CustomerRegistered', 'IdentifierAdded', 'IdentifierRemoved', 'CustomerDetailsCorrected']); // prettier-ignore
const DETAILS: Readonly<Record<string, 'name' | 'postalCode' | 'birthDate' | 'country'>> = {
  displayName: 'name',
  postalCode: 'postalCode',
  birthDate: 'birthDate',
  country: 'country',
};

/** The profile of one customer from its opened events, in their order. */
export function matchProfileOf(
  events: readonly { readonly type: string; readonly data: unknown }[],
  hasher: Pick<IdentifierHasher, 'identifier'>,
): MatchProfile {
  const identifiers = new Map<string, string>();
  const details: { -readonly [Field in 'name' | 'postalCode' | 'birthDate' | 'country']?: string } = {};
  const setIdentifier = (
    kind: string,
    value: unknown,
    system: string | undefined,
    isThere: boolean,
  ): void => {
    // prettier-ignore
    const hash = typeof value === 'string' ? hasher.identifier(kind, value, system) : undefined;
    if (hash === undefined) return;
    if (isThere) identifiers.set(hash, kind);
    else identifiers.delete(hash);
  };
  const setDetail = (field: string, value: unknown): void => {
    const detail = DETAILS[field];
    if (detail === undefined) return;
    if (typeof value === 'string') details[detail] = value;
    else delete details[detail];
  };
  for (const { type, data } of events)
    switch (type) {
      case 'CustomerRegistered': {
        const registered = data as DataOf<typeof CustomerRegistered>;
        for (const { type: kind, value, sourceSystem } of registered.identifiers)
          setIdentifier(kind, value, sourceSystem, true);
        setDetail('displayName', registered.displayName);
        setDetail('country', registered.country);
        break;
      }
      case 'IdentifierAdded':
      case 'IdentifierRemoved': {
        const { type: kind, value, sourceSystem } = data as DataOf<typeof IdentifierAdded | typeof IdentifierRemoved>; // prettier-ignore
        setIdentifier(kind, value, sourceSystem, type === 'IdentifierAdded');
        break;
      }
      case 'CustomerDetailsCorrected':
        for (const { field, value } of (data as DataOf<typeof CustomerDetailsCorrected>).changes)
          setDetail(field, value);
    }
  return { identifiers, ...details };
}

/** Kinds of identifiers in common. A number a system or the state gave belongs to one; an address may be shared. */
const RULE_OF_KIND: Readonly<Record<string, MatchRule>> = {
  taxId: 'sameTaxId',
  customerNo: 'sameCustomerNo',
  email: 'sameEmail',
  phone: 'samePhone',
};
/** How far each sign speaks for one customer by itself, 0 to 1. Opinions, documented in docs/guides/merge-customers.md. */
const WEIGHT: { readonly [Rule in MatchRule]?: number } = {
  sameTaxId: 0.95,
  sameCustomerNo: 0.95,
  sameEmail: 0.85,
  samePhone: 0.6,
  sameIdentifier: 0.5,
};
const IS_NUMBER: ReadonlySet<MatchRule> = new Set(['sameTaxId', 'sameCustomerNo']);
const NAME_AND_POSTAL_CODE = 0.7;
const NAME_AND_BIRTH_DATE = 0.8;
/** Beside an identifier in common. */
const NAME_BESIDE = { same: 0.5, alike: 0.25, different: 0, unknown: 0 } as const;
const BIRTH_DATE_BESIDE = 0.6;
/** Who shares an address or a telephone under another name, or was born on another day, is family or a colleague. */
const OTHER_NAME_FACTOR = 0.5;
const OTHER_BIRTH_DATE_FACTOR = 0.3;
const MOST_PCT = 99;

/**
 * What speaks for two customers being one; undefined when nothing does that counts. Signs are taken as independent: the
 * strength is the chance that not all of them mislead. A name alone says nothing, and names with a postal code say nothing
 * of people born on different days or living in different countries.
 */
export function matchEvidenceOf(a: MatchProfile, b: MatchProfile): MatchEvidence | undefined {
  const identifiers = [...a.identifiers].flatMap(([hash, kind]): MatchRule[] => (b.identifiers.has(hash) ? [RULE_OF_KIND[kind] ?? 'sameIdentifier'] : [])); // prettier-ignore
  const names = compareNames(a.name, b.name);
  const postalCodes = compare(a.postalCode, b.postalCode, matchablePostalCode);
  const countries = compare(a.country, b.country, (country) => country);
  const birthDates = compare(a.birthDate, b.birthDate, matchableBirthDate);
  const rules = new Set(identifiers);
  const signs: number[] = [];
  for (const rule of rules) {
    const isDoubtful = !IS_NUMBER.has(rule);
    const factor = isDoubtful ? (names === 'different' ? OTHER_NAME_FACTOR : 1) * (birthDates === 'different' ? OTHER_BIRTH_DATE_FACTOR : 1) : 1; // prettier-ignore
    signs.push(WEIGHT[rule]! * factor);
  }
  if (names === 'same') {
    const bySame: MatchRule[] = [];
    if (birthDates === 'same') bySame.push('sameBirthDate');
    if (postalCodes === 'same' && countries !== 'different' && birthDates !== 'different') bySame.push('samePostalCode'); // prettier-ignore
    for (const rule of bySame) signs.push(rule === 'sameBirthDate' ? NAME_AND_BIRTH_DATE : NAME_AND_POSTAL_CODE); // prettier-ignore
    for (const rule of bySame) rules.add(rule);
    if (rules.size > 0) rules.add('sameName');
  } else if (birthDates === 'same' && identifiers.length > 0) {
    rules.add('sameBirthDate');
    signs.push(BIRTH_DATE_BESIDE);
  }
  if (rules.size === 0) return undefined;
  if (identifiers.length > 0) signs.push(NAME_BESIDE[names]);
  const scorePct = Math.round(100 * (1 - signs.reduce((misleading, sign) => misleading * (1 - sign), 1)));
  return { rules: [...rules].sort(), names, scorePct: Math.min(MOST_PCT, scorePct) };
}

function compare(
  a: string | undefined,
  b: string | undefined,
  matchable: (value: string) => string,
): 'same' | 'different' | 'unknown' {
  const [one, other] = [a, b].map((value) => (value === undefined ? '' : matchable(value)));
  return one === '' || other === '' ? 'unknown' : one === other ? 'same' : 'different';
}

function compareNames(a: string | undefined, b: string | undefined): NameComparison {
  const [one, other] = [a, b].map((name) => (name === undefined ? [] : matchableWords(name))) as [string[], string[]]; // prettier-ignore
  const [shorter, longer] = wholeWords(one).length <= wholeWords(other).length ? [one, other] : [other, one];
  if (wholeWords(shorter).length === 0) return 'unknown';
  if (wholeWords(one).join(' ') === wholeWords(other).join(' ')) return 'same';
  const left = [...longer];
  const isFound = shorter.every((word) => {
    const at = left.findIndex((candidate) => candidate === word || isInitial(word, candidate) || isInitial(candidate, word)); // prettier-ignore
    if (at < 0) return false;
    left.splice(at, 1);
    return true;
  });
  return isFound ? 'alike' : 'different';
}

const wholeWords = (words: readonly string[]): string[] => words.filter((word) => [...word].length > 1);
const isInitial = (initial: string, word: string): boolean => [...initial].length === 1 && word.startsWith(initial); // prettier-ignore
