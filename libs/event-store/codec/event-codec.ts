import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler';
import { TypeRegistry, type TObject } from '@sinclair/typebox';
import {
  contractOf,
  isPersonalToken,
  RapportError,
  type ErrorDetail,
  type EventContract,
  type NewEvent,
} from '@rapport/contracts';
import type { DataKey, KeyStore } from '../key-store.port.js';
import { open, seal } from './aes-gcm.adapter.js';
import { hasPersonal, replacePersonal } from './personal-fields.js';
import { readToken, type TokenParts } from './token.js';

type Values = Readonly<Record<string, unknown>>;

/** An event of a decision with the id it will have. */
export interface IdentifiedEvent {
  readonly eventId: string;
  readonly event: NewEvent;
}

export interface EncodedData {
  readonly schemaVersion: number;
  /** Personal values are tokens. */
  readonly data: Values;
}

/** A value whose tokens were opened for somebody who may see them. */
export interface Revealed<T> {
  readonly value: T;
  /** True when at least one value reads as null because its person was erased. */
  readonly erased: boolean;
  /** Values that read as null because their token was altered or its key is damaged; 0 in a healthy system. */
  readonly unreadable: number;
}

export interface EventCodec {
  /** Checks data against the contracts. Throws INVALID_VALUE with a pointer for each place, INTERNAL for a type without contract. */
  validate(events: readonly NewEvent[]): void;
  /**
   * Valid events as they may be stored. `customerId` is the person the values belong to.
   * Throws INVALID_VALUE, INTERNAL, and CUSTOMER_ERASED when the person's key was destroyed.
   */
  encode(events: readonly IdentifiedEvent[], customerId: string | undefined): Promise<EncodedData[]>;
  /** Opens every token in a JSON value (an event, a document, a list). Never throws for what a token holds. */
  reveal<T>(value: T): Promise<Revealed<T>>;
  /** As `reveal` for many values at once: each data key is fetched once. */
  revealMany<T>(values: readonly T[]): Promise<Revealed<T>[]>;
}

/** What stands for a personal value whose reader may not see it. */
export const MASK = '•••';

export interface Masked<T> {
  readonly value: T;
  /** True when at least one value was hidden. */
  readonly masked: boolean;
}

/** Hides every personal value of a JSON value; needs no key. */
export function maskPersonal<T>(value: T): Masked<T> {
  let masked = false;
  const hidden = mapTokens(value, () => {
    masked = true;
    return MASK;
  });
  return { value: hidden as T, masked };
}

/** Errors named at most: enough to repair a request, little enough to read. */
const MAX_ERRORS = 20;

const ERASED = Symbol('erased');
const UNREADABLE = Symbol('unreadable');

// The contracts declare closed sets of text as plain JSON Schema (`enum`), which the compiler has to be told about.
if (!TypeRegistry.Has('Unsafe'))
  TypeRegistry.Set<{ readonly enum?: readonly unknown[] }>('Unsafe', (schema, value) =>
    schema.enum === undefined ? true : schema.enum.includes(value),
  );

const checks = new Map<EventContract, TypeCheck<TObject>>();
function checkOf(contract: EventContract): TypeCheck<TObject> {
  let check = checks.get(contract);
  if (check === undefined) checks.set(contract, (check = TypeCompiler.Compile(contract.schema)));
  return check;
}

export function createEventCodec({ keys }: { readonly keys: KeyStore }): EventCodec {
  const contractOfNew = (event: NewEvent): EventContract => {
    const contract = contractOf(event.type);
    if (contract === undefined) throw new RapportError('INTERNAL', `No contract describes ${event.type}.`);
    const check = checkOf(contract);
    if (!check.Check(event.data)) throw invalid(errorsOf(check, event.data));
    return contract;
  };

  const revealMany = async <T>(values: readonly T[]): Promise<Revealed<T>[]> => {
    const tokens = new Map<string, TokenParts | undefined>();
    for (const value of values)
      mapTokens(value, (token) => {
        if (!tokens.has(token)) tokens.set(token, readToken(token));
        return token;
      });
    if (tokens.size === 0) return values.map((value) => ({ value, erased: false, unreadable: 0 }));

    const keyIds = new Set([...tokens.values()].flatMap((parts) => (parts ? [parts.keyId] : [])));
    const found = new Map<string, DataKey | typeof ERASED | typeof UNREADABLE>();
    await Promise.all(
      [...keyIds].map(async (keyId) =>
        found.set(
          keyId,
          await keys.find(keyId).then(
            (key) => key ?? ERASED,
            () => UNREADABLE,
          ),
        ),
      ),
    );
    const openToken = (parts: TokenParts | undefined): string | typeof ERASED | typeof UNREADABLE => {
      if (parts === undefined) return UNREADABLE;
      const key = found.get(parts.keyId)!;
      return typeof key === 'symbol' ? key : (open(key, parts) ?? UNREADABLE);
    };
    const opened = new Map([...tokens].map(([token, parts]) => [token, openToken(parts)]));

    return values.map((value) => {
      let erased = false;
      let unreadable = 0;
      const shown = mapTokens(value, (token) => {
        const text = opened.get(token)!;
        if (typeof text === 'string') return text;
        if (text === ERASED) erased = true;
        else unreadable++;
        return null;
      });
      return { value: shown as T, erased, unreadable };
    });
  };

  return {
    validate: (events) => events.forEach(contractOfNew),

    encode: async (events, customerId) => {
      const contracts = events.map(({ event }) => contractOfNew(event));
      const isPersonal = events.some(({ event }, i) =>
        hasPersonal(event.data as Values, contracts[i]!.personal),
      );
      if (!isPersonal)
        return events.map(({ event }, i) => ({
          schemaVersion: contracts[i]!.version,
          data: event.data as Values,
        }));
      if (customerId === undefined)
        throw new RapportError('INTERNAL', 'Personal values need the person they belong to.');
      const key = await keys.keyFor(customerId);
      if (key === undefined) throw new RapportError('CUSTOMER_ERASED', 'The customer was erased.');
      return events.map(({ event, eventId }, i) => ({
        schemaVersion: contracts[i]!.version,
        data: replacePersonal(event.data as Values, contracts[i]!.personal, (value, field, pointer) => {
          if (typeof value !== 'string')
            throw new RapportError('INTERNAL', `The personal field ${field.fieldId} is not text.`);
          if (isPersonalToken(value))
            throw invalid([
              { pointer, code: 'INVALID_VALUE', message: 'Text must not begin like an encrypted value.' },
            ]);
          return seal(key, eventId, field.fieldId, value);
        }),
      }));
    },

    reveal: async (value) => (await revealMany([value]))[0]!,
    revealMany,
  };
}

/** A copy of a JSON value with every token exchanged; what holds none is shared with the original. */
function mapTokens(value: unknown, exchange: (token: string) => string | null): unknown {
  if (typeof value === 'string') return isPersonalToken(value) ? exchange(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      const mapped = mapTokens(item, exchange);
      if (mapped !== item) (copy ??= value.slice())[i] = mapped;
    }
    return copy ?? value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(value)) {
    const item = (value as Values)[name];
    const mapped = mapTokens(item, exchange);
    if (mapped !== item) (copy ??= { ...value })[name] = mapped;
  }
  return copy ?? value;
}

const invalid = (errors: readonly ErrorDetail[]): RapportError =>
  new RapportError('INVALID_VALUE', 'The event would not be valid.', { errors });

/** Places and rules, never the values: they may be personal. */
function errorsOf(check: TypeCheck<TObject>, data: unknown): ErrorDetail[] {
  const byPointer = new Map<string, ErrorDetail>();
  for (const { path, message } of check.Errors(data)) {
    if (!byPointer.has(path)) byPointer.set(path, { pointer: path, code: 'INVALID_VALUE', message });
    if (byPointer.size === MAX_ERRORS) break;
  }
  return [...byPointer.values()];
}
