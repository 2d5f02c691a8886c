import { CHANNELS, RapportError, schema, type Channel, type ErrorDetail } from '@rapport/contracts';
import type { CustomerWrite, Principal } from '@rapport/platform';
import { ENVELOPE_FIELDS, paramsOf, type CommandRoute } from '../http/command-route.js';
import type { DtoClass } from '../http/dto-from-schema.js';
import { invalid } from '../http/problem.js';
import { errorsIn } from '../http/validate.js';

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
export function writeOf(
  route: CommandRoute,
  dto: DtoClass,
  body: unknown,
  params: Readonly<Record<string, string>>,
  source: WriteSource,
): CustomerWrite {
  const errors = errorsIn(dto, body);
  if (errors) throw invalid('The body does not have the shape of this command.', errors);
  const values = body as Record<string, unknown>;
  const fields: Record<string, unknown> = { ...route.defaults };
  const envelope: Record<string, unknown> = {};
  for (const name of Object.keys(values)) {
    // `channel` and `sourceSystem` may be both: the offer's channel is also the one the command came by.
    if (ENVELOPE.has(name)) envelope[name] = values[name];
    if (name in route.fields.properties) fields[name] = values[name];
    else if (!ENVELOPE.has(name) && !NOT_FIELDS.has(name)) fields[name] = values[name];
  }
  for (const name of paramsOf(route.path)) fields[name] = pathValue(name, params[name]!);
  if (envelope['sourceEventId'] === undefined && source.idempotencyKey === undefined)
    throw new RapportError('MISSING_IDEMPOTENCY_KEY', 'Neither an Idempotency-Key nor a sourceEventId was sent.'); // prettier-ignore
  const channel = envelope['channel'];
  if (channel !== undefined && !(CHANNELS as readonly unknown[]).includes(channel))
    delete envelope['channel'];
  return {
    command: route.command,
    fields,
    ...(envelope as { channel?: Channel }),
    ...(route.ownId ? { ownId: route.ownId } : {}),
    ...(values['dryRun'] === true ? { dryRun: true } : {}),
    ...source,
  };
}

function pathValue(name: string, value: string): string {
  if (!CODE.test(value)) throw invalid('A part of the path is not an id.', [badPath(name)]);
  return value;
}

const badPath = (name: string): ErrorDetail => ({ pointer: `path/${name}`, code: 'MATCHES', message: `must match ${CODE.source}` }); // prettier-ignore
