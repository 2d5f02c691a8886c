import { Type, type Static, type TObject, type TProperties, type TSchema } from '@sinclair/typebox';
import { ACTOR_KINDS, CHANNELS, schema, type EventContract } from '@rapport/contracts';
import type { CustomerCommandType } from '@rapport/domain';
import type { Access } from '@rapport/platform';
import { dtoFrom, type DtoClass } from './dto-from-schema.js';

const { code, instant, integer, object, oneOf } = schema;

/** One write: where it is addressed, what it carries, who may send it. On a customer unless said otherwise. */
export interface CommandRoute<Command extends string = CustomerCommandType> {
  /** Below `/v1/customers/{ref}/`; `:caseId` and the like are fields of the command taken from the path. */
  readonly path: string;
  /** Command it becomes. */
  readonly command: Command;
  /** Fields of the command as a whole, those taken from the path included. */
  readonly fields: TObject;
  readonly access: Access;
  readonly summary: string;
  /** The channel must be said: it becomes part of what is recorded. Elsewhere it is `external` unless said. */
  readonly needsChannel?: boolean;
  /** The rules of the relationship may refuse it, with the way out: the documentation says so. */
  readonly guarded?: boolean;
  /** Field that names a new thing (within the customer); when absent it is derived from the command key. */
  readonly ownId?: string;
  /** Fields that are filled when absent. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** Fields of an event's data as a command carries them. */
export function fieldsOf(
  contract: EventContract,
  options: { readonly omit?: readonly string[]; readonly optional?: readonly string[] } = {},
): TObject {
  const required = new Set(contract.schema.required ?? []);
  const properties: TProperties = {};
  for (const [name, property] of Object.entries(contract.schema.properties as TProperties)) {
    if (options.omit?.includes(name)) continue;
    properties[name] =
      required.has(name) && !options.optional?.includes(name) ? property : Type.Optional(property);
  }
  return object(properties);
}

/** What every write may say besides the command's own fields. */
export const ENVELOPE = {
  occurredAt: Type.Optional(instant('when it happened in the business; default now')),
  channel: Type.Optional(oneOf(CHANNELS, 'channel it came by; default external')),
  actor: Type.Optional(object({ kind: oneOf(ACTOR_KINDS, 'what they are'), id: code('who') })),
  sourceSystem: Type.Optional(code('system that sends it; default the subject of the token')),
  sourceEventId: Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]{1,200}$',
      description: "the sender's own id: the same id again changes nothing",
    }),
  ),
  sourceSeq: Type.Optional(integer("the sender's order among events of one instant", 0, Number.MAX_SAFE_INTEGER)), // prettier-ignore
  sentAt: Type.Optional(instant('when it was sent, by the clock of the sender')),
} as const;
export type Envelope = Static<TObject<typeof ENVELOPE>>;
export const ENVELOPE_FIELDS: readonly string[] = Object.keys(ENVELOPE);

const envelopeOf = ({ needsChannel }: CommandRoute<string>): TProperties =>
  needsChannel ? { ...ENVELOPE, channel: oneOf(CHANNELS, 'channel it came by') } : ENVELOPE;

const dryRun = Type.Optional(Type.Boolean({ description: 'true: decide and answer, record nothing' }));

/** Names of the path's own parameters: `cases/:caseId/replies` → `caseId`. */
export function paramsOf(path: string): readonly string[] {
  let names = paramNames.get(path);
  if (!names) paramNames.set(path, (names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!)));
  return names;
}
const paramNames = new Map<string, readonly string[]>();

/** Class of the body of a route: fields of the command that the path does not give, and the envelope. */
export function bodyDto(route: CommandRoute<string>): DtoClass {
  const inPath = new Set(paramsOf(route.path));
  const own = Object.fromEntries(Object.entries(properties(route)).filter(([name]) => !inPath.has(name)));
  return named(`${route.command}Body`, object({ ...envelopeOf(route), dryRun, ...own }));
}

/** Class of a batch item: the whole command, whom it concerns and its key. */
export function itemDto(route: CommandRoute): DtoClass {
  return named(
    `${route.command}Item`,
    object({
      ...envelopeOf(route),
      command: oneOf([route.command], 'the command'),
      customer: reference(route.command === 'RegisterCustomer'),
      idempotencyKey: Type.Optional(Type.String({ pattern: '^[\\x20-\\x7e]{1,255}$', description: 'as the header Idempotency-Key' })), // prettier-ignore
      dryRun,
      ...properties(route),
    }),
  );
}

export const CUSTOMER_REFERENCE = Type.String({
  pattern: '^[^\\x00-\\x1f\\x7f]{1,400}$',
  description: 'customer id, or an identifier of the customer: email:ada@example.com, shop/customerNo:42',
});
const reference = (optional: boolean): TSchema =>
  optional ? Type.Optional(CUSTOMER_REFERENCE) : CUSTOMER_REFERENCE;

function properties(route: CommandRoute<string>): TProperties {
  const fillable = new Set([...(route.ownId ? [route.ownId] : []), ...Object.keys(route.defaults ?? {})]);
  return Object.fromEntries(
    Object.entries(route.fields.properties as TProperties).map(([name, property]) => [
      name,
      fillable.has(name) ? Type.Optional(property) : property,
    ]),
  );
}

function named(name: string, shape: TObject): DtoClass {
  const dto = dtoFrom(shape);
  Object.defineProperty(dto, 'name', { value: name });
  return dto;
}
