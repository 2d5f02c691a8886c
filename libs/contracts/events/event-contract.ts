import type { Static, TObject } from '@sinclair/typebox';
import type { PersonalField } from '../personal/personal-token.js';
import type { Upcaster } from '../upcasters/upcaster.js';
import type { NewEvent, RecordedEvent } from '../envelope.js';

/**
 * - `fact`: something that happened; what-if holds it fixed.
 * - `ruleDecision`: derived by the rule book; what-if derives it anew.
 * - `manualDecision`: a person decided; what-if reports those another rule book would forbid.
 */
export type EventKind = 'fact' | 'ruleDecision' | 'manualDecision';

/** One released version of one event type: the stored format, therefore for ever. */
export interface EventContract<Type extends string = string, Schema extends TObject = TObject> {
  readonly type: Type;
  readonly version: number;
  readonly kind: EventKind;
  /** Stream category it may appear in: `customer`, `model`, `ruleBook` … */
  readonly category: string;
  /** Aggregate area, as in `libs/domain/customer/<area>`. */
  readonly area: string;
  /** One sentence: what happened, in business words. */
  readonly meaning: string;
  /** Requirement rows it serves (S1–S20). */
  readonly rows: readonly string[];
  /** Commands that may record it. */
  readonly emittedBy: readonly string[];
  /** JSON Schema of `data`; every property documented with its unit. */
  readonly schema: Schema;
  readonly personal: readonly PersonalField[];
  /** Steps from every earlier released version to this one, in order. */
  readonly upcasters: readonly Upcaster[];
  /** A named, valid example of `data`, used by docs, tests and builders. */
  readonly example: Static<Schema>;
}

type Optional<C> = Omit<C, 'personal' | 'upcasters' | 'version'> &
  Partial<Pick<C & EventContract, 'personal' | 'upcasters' | 'version'>>;

/** Declares an event type. Defaults: version 1, no personal fields, no upcasters. */
export function defineEvent<const Type extends string, Schema extends TObject>(
  contract: Optional<EventContract<Type, Schema>>,
): EventContract<Type, Schema> {
  return { version: 1, personal: [], upcasters: [], ...contract } as EventContract<Type, Schema>;
}

/** Data of an event contract. */
export type DataOf<C> = C extends EventContract<string, infer S> ? Static<S> : never;
/** The not yet stored event of a contract. */
export type NewEventOf<C> = C extends EventContract<infer T, infer S> ? NewEvent<T, Static<S>> : never;
/** The recorded event of a contract. */
export type RecordedEventOf<C> =
  C extends EventContract<infer T, infer S> ? RecordedEvent<T, Static<S>> : never;
