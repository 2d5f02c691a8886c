import { isoOf } from '@rapport/contracts';
import type { WayOut } from '@rapport/contracts';
import { Value } from '@sinclair/typebox/value';
import type { Mark } from '../customer/occurrence.js';
import { NEVER } from './predicates/predicate.js';
import type { Predicate, RelationshipView, Subject, Way } from './predicates/predicate.js';
import { PREDICATES } from './predicates/registry.js';
import { pathOfPointer, placeIn, RuleBookError } from './rule-book.error.js';
import { reasonOf } from './schema-reason.js';

/** A question composed of predicates, compiled once: asking it costs no look-ups. */
export interface Condition {
  readonly isMet: (view: RelationshipView, nowMs: number, subject: Subject) => boolean;
  /** Facts behind a yes; only asked when it is met. */
  readonly evidence: (view: RelationshipView, nowMs: number, subject: Subject) => readonly Mark[];
  /** Reason code of a yes: that of the first part that is met and has one. */
  readonly reason: (view: RelationshipView, nowMs: number, subject: Subject) => string | undefined;
  /** Next instant after `nowMs` at which the answer may change by time alone; Infinity = never. */
  readonly turnsAt: (view: RelationshipView, nowMs: number) => number;
  /** Steps that turn a no into a yes; empty when nothing the caller does can. */
  readonly toMeet: (view: RelationshipView, nowMs: number, subject: Subject) => readonly WayOut[];
  /** Steps that turn a yes into a no. */
  readonly toEnd: (view: RelationshipView, nowMs: number, subject: Subject) => readonly WayOut[];
}

const wayOutOf = (rule: string, way: Way): WayOut => ({
  rule,
  sentence: way.sentence,
  ...(way.fact ? { fact: way.fact } : {}),
  ...(way.earliestAtMs === undefined ? {} : { earliestAt: isoOf(way.earliestAtMs) }),
});

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** A caller can do it, or wait for it; the other steps only explain. */
const isFeasible = (step: WayOut): boolean => step.fact !== undefined || step.earliestAt !== undefined;

/** Alternatives get a common name, so that a reader sees which steps belong together and how many options are needed. */
const asChoice = (
  options: readonly (readonly WayOut[])[],
  group: string,
  needed: number,
): readonly WayOut[] => {
  const known = options.filter((steps) => steps.length > 0);
  const feasible = known.filter((steps) => steps.every(isFeasible));
  const offered = feasible.length >= needed ? feasible : known;
  if (offered.length <= 1) return offered.flat();
  return offered.flatMap((steps, option) =>
    // An inner choice is narrowed to its first option: one list of steps an option is what a person can follow.
    steps
      .filter((step) => step.choice === undefined || step.choice.option === 0)
      .map((step) => ({ ...step, choice: { group, option, needed } })),
  );
};

/** Steps for all parts; none at all when one part offers none, since the others would not help. */
const together = (options: readonly (readonly WayOut[])[]): readonly WayOut[] =>
  options.some((steps) => steps.length === 0) ? [] : options.flat();

const leaf = (predicate: Predicate, params: never, reason: string | undefined): Condition => ({
  isMet: (view, nowMs, subject) => predicate.isMet(view, params, nowMs, subject),
  evidence: (view, nowMs, subject) =>
    (predicate.evidence?.(view, params, nowMs, subject) ?? []).filter((mark) => mark !== null),
  reason: () => reason,
  turnsAt: (view, nowMs) => predicate.turnsAt?.(view, params, nowMs) ?? NEVER,
  toMeet: (view, nowMs, subject) =>
    (predicate.toMeet?.(view, params, nowMs, subject) ?? []).map((way) => wayOutOf(predicate.name, way)),
  toEnd: (view, nowMs, subject) =>
    (predicate.toEnd?.(view, params, nowMs, subject) ?? []).map((way) =>
      wayOutOf(`no${capitalised(predicate.name)}`, way),
    ),
});

const atLeast = (
  parts: readonly Condition[],
  needed: number,
  reason: string | undefined,
  path: string,
): Condition => {
  const metOf = (view: RelationshipView, nowMs: number, subject: Subject) =>
    parts.filter((part) => part.isMet(view, nowMs, subject));
  const all = needed === parts.length;
  return {
    isMet: (view, nowMs, subject) => {
      let missing = parts.length - needed;
      let met = 0;
      for (const part of parts) {
        if (part.isMet(view, nowMs, subject)) {
          met += 1;
          if (met === needed) return true;
        } else {
          missing -= 1;
          if (missing < 0) return false;
        }
      }
      return met >= needed;
    },
    evidence: (view, nowMs, subject) =>
      metOf(view, nowMs, subject).flatMap((part) => part.evidence(view, nowMs, subject)),
    reason: (view, nowMs, subject) => {
      if (reason !== undefined) return reason;
      for (const part of parts) {
        if (!part.isMet(view, nowMs, subject)) continue;
        const found = part.reason(view, nowMs, subject);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    turnsAt: (view, nowMs) => {
      let next = NEVER;
      for (const part of parts) next = Math.min(next, part.turnsAt(view, nowMs));
      return next;
    },
    toMeet: (view, nowMs, subject) => {
      const unmet = parts.filter((part) => !part.isMet(view, nowMs, subject));
      const still = needed - (parts.length - unmet.length);
      const options = unmet.map((part) => part.toMeet(view, nowMs, subject));
      return all ? together(options) : asChoice(options, path, still);
    },
    toEnd: (view, nowMs, subject) => {
      const met = metOf(view, nowMs, subject);
      const tooMany = met.length - needed + 1;
      const options = met.map((part) => part.toEnd(view, nowMs, subject));
      return tooMany >= met.length ? together(options) : asChoice(options, path, tooMany);
    },
  };
};

const negation = (part: Condition, reason: string | undefined): Condition => ({
  isMet: (view, nowMs, subject) => !part.isMet(view, nowMs, subject),
  evidence: () => [],
  reason: () => reason,
  turnsAt: part.turnsAt,
  toMeet: part.toEnd,
  toEnd: part.toMeet,
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const FORMS = ['all', 'any', 'atLeast', 'not', 'is'] as const;
const EXTRAS: Readonly<Record<(typeof FORMS)[number], readonly string[]>> = {
  all: ['reason'],
  any: ['reason'],
  atLeast: ['of', 'reason'],
  not: ['reason'],
  is: ['with', 'reason'],
};
const MAX_DEPTH = 12;

/** Compiles a condition of a rule book. RuleBookError names the JSON path and what is wrong with it. */
export function compileCondition(json: unknown, path: string, depth = 0): Condition {
  if (!isObject(json)) throw new RuleBookError(path, 'a condition is an object');
  if (depth > MAX_DEPTH) throw new RuleBookError(path, `conditions nest at most ${MAX_DEPTH} levels deep`);
  const forms = FORMS.filter((form) => form in json);
  const form = forms[0];
  if (form === undefined || forms.length > 1)
    throw new RuleBookError(path, `a condition has exactly one of ${FORMS.join(', ')}`);
  for (const key of Object.keys(json))
    if (key !== form && !EXTRAS[form].includes(key))
      throw new RuleBookError(placeIn(path, key), `not known beside ${form}`);
  const reason = json['reason'];
  if (reason !== undefined && (typeof reason !== 'string' || !/^[A-Za-z][A-Za-z0-9]{0,99}$/.test(reason)))
    throw new RuleBookError(`${path}.reason`, 'a reason is a code of letters and digits');
  const parts = (value: unknown, at: string): Condition[] => {
    if (!Array.isArray(value) || value.length === 0)
      throw new RuleBookError(at, 'a list of at least one condition');
    return value.map((part, index) => compileCondition(part, `${at}[${index}]`, depth + 1));
  };
  switch (form) {
    case 'all': {
      const all = parts(json['all'], `${path}.all`);
      return atLeast(all, all.length, reason, path);
    }
    case 'any':
      return atLeast(parts(json['any'], `${path}.any`), 1, reason, path);
    case 'atLeast': {
      const of = parts(json['of'], `${path}.of`);
      const needed = json['atLeast'];
      if (!Number.isInteger(needed) || (needed as number) < 1 || (needed as number) > of.length)
        throw new RuleBookError(`${path}.atLeast`, `an integer from 1 to ${of.length}`);
      return atLeast(of, needed as number, reason, path);
    }
    case 'not':
      return negation(compileCondition(json['not'], `${path}.not`, depth + 1), reason);
    case 'is': {
      const predicate = typeof json['is'] === 'string' ? PREDICATES.get(json['is']) : undefined;
      if (predicate === undefined)
        throw new RuleBookError(`${path}.is`, `no predicate is called ${JSON.stringify(json['is'])}`);
      const params = json['with'] ?? {};
      const error = Value.Errors(predicate.params, params).First();
      if (error)
        throw new RuleBookError(
          `${path}.with${pathOfPointer(error.path, params).slice(1)}`,
          `${reasonOf(error)}, for predicate ${predicate.name}`,
        );
      const contradiction = predicate.contradiction?.(params as never);
      if (contradiction)
        throw new RuleBookError(`${path}.with.${contradiction.threshold}`, `${contradiction.reason}, for predicate ${predicate.name}`); // prettier-ignore
      return leaf(predicate, params as never, reason);
    }
    default:
      return form satisfies never;
  }
}
