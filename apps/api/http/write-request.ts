import { CHANNELS, RapportError, schema, type ErrorDetail } from '@rapport/contracts';
import type { CustomerWrite, Principal } from '@rapport/platform';
import { ENVELOPE_FIELDS, paramsOf, type CommandRoute } from './command-route.js';
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
  const fields: Record<string, unknown> = { ...route.defaults };
  const write: Record<string, unknown> = { command: route.command, fields };
  for (const name in values) {
    const isEnvelope = ENVELOPE.has(name);
    // `channel` and `sourceSystem` may be both: the offer's channel is also the one the command came by.
    if (isEnvelope) write[name] = values[name];
    if (name in route.fields.properties || (!isEnvelope && !NOT_FIELDS.has(name)))
      fields[name] = values[name];
  }
  for (const name of paramsOf(route.path)) fields[name] = pathValue(name, params[name]!);
  if (write['sourceEventId'] === undefined && source.idempotencyKey === undefined)
    throw new RapportError('MISSING_IDEMPOTENCY_KEY', 'Neither an Idempotency-Key nor a sourceEventId was sent.'); // prettier-ignore
  if (!(CHANNELS as readonly unknown[]).includes(write['channel'])) delete write['channel'];
  if (route.ownId) write['ownId'] = route.ownId;
  if (values['dryRun'] === true) write['dryRun'] = true;
  return Object.assign(write, source) as unknown as CustomerWrite & { readonly command: Command };
}

function pathValue(name: string, value: string): string {
  if (!CODE.test(value)) throw invalid('A part of the path is not an id.', [badPath(name)]);
  return value;
}

const badPath = (name: string): ErrorDetail => ({ pointer: `path/${name}`, code: 'MATCHES', message: `must match ${CODE.source}` }); // prettier-ignore
