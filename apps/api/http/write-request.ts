import { CHANNELS, RapportError, schema, type ErrorDetail } from '@rapport/contracts';
import type { CustomerWrite, Principal } from '@rapport/platform';
import { ENVELOPE_FIELDS, paramsOf, type CommandRoute, type Envelope } from './command-route.js';
import type { DtoClass } from './dto-from-schema.js';
import { invalid } from './problem.js';
import { errorsIn } from './validate.js';

const NOT_FIELDS: ReadonlySet<string> = new Set([
  'dryRun',
  'command',
  'customer',
  'idempotencyKey',
  'decision',
]);
const ENVELOPE: ReadonlySet<string> = new Set(ENVELOPE_FIELDS);
const CODE = new RegExp(schema.code('').pattern!);

export interface WriteSource {
  readonly principal: Principal;
  readonly correlationId: string;
  readonly idempotencyKey?: string;
  readonly reference?: string;
  readonly ifRevision?: bigint;
}

/** A checked body as the write it asks for. Throws INVALID_VALUE, UNKNOWN_PROPERTY, MISSING_IDEMPOTENCY_KEY. */
export function writeOf<Command extends string>(
  route: CommandRoute<Command>,
  dto: DtoClass,
  body: unknown,
  params: Readonly<Record<string, string>>,
  source: WriteSource,
): Omit<CustomerWrite, 'command'> & { readonly command: Command } {
  const errors = errorsIn(dto, body);
  if (errors) throw invalid('The body does not have the shape of this command.', errors);
  const values = body as Record<string, unknown>;
  if (values['sourceEventId'] === undefined && source.idempotencyKey === undefined)
    throw new RapportError('MISSING_IDEMPOTENCY_KEY', 'Neither an Idempotency-Key nor a sourceEventId was sent.'); // prettier-ignore
  return {
    ...envelopeIn(values),
    command: route.command,
    fields: fieldsIn(values, route, params),
    ownId: route.ownId,
    dryRun: values['dryRun'] === true,
    ...source,
  } as unknown as CustomerWrite & { readonly command: Command };
}

/** Every write has the same members in the same order: the engine then finds them at once wherever one is carried out. */
const envelopeIn = (values: Readonly<Record<string, unknown>>) =>
  ({
    occurredAt: values['occurredAt'],
    channel: (CHANNELS as readonly unknown[]).includes(values['channel']) ? values['channel'] : undefined,
    actor: values['actor'],
    sourceSystem: values['sourceSystem'],
    sourceEventId: values['sourceEventId'],
    sourceSeq: values['sourceSeq'],
    sentAt: values['sentAt'],
  }) satisfies Record<keyof Envelope, unknown>;

/** `channel` and `sourceSystem` may be of both: the offer's channel is also the one the command came by. */
function fieldsIn(
  values: Readonly<Record<string, unknown>>,
  route: CommandRoute<string>,
  params: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...route.defaults };
  for (const name in values)
    if (name in route.fields.properties || !(ENVELOPE.has(name) || NOT_FIELDS.has(name)))
      fields[name] = values[name];
  for (const name of paramsOf(route.path)) fields[name] = pathValue(name, params[name]!);
  return fields;
}

function pathValue(name: string, value: string): string {
  if (!CODE.test(value)) throw invalid('A part of the path is not an id.', [badPath(name)]);
  return value;
}

const badPath = (name: string): ErrorDetail => ({ pointer: `path/${name}`, code: 'MATCHES', message: `must match ${CODE.source}` }); // prettier-ignore
