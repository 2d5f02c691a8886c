import { epochMsOf, type ErrorDetail } from '@rapport/contracts';
import type { KnownAt, ReadRequest } from '@rapport/platform';
import type { TObject, TProperties, TSchema } from '@sinclair/typebox';
import { dtoFrom, type DtoClass } from '../http/dto-from-schema.js';
import { isEdgeInstant } from '../http/edge-rules.js';
import type { ApiRequest } from '../http/api-request.js';
import { invalid } from '../http/problem.js';
import { errorsIn } from '../http/validate.js';

export interface ReadShape {
  readonly projection: string;
  readonly query: string;
  /** Parameters of the query string. */
  readonly params: TObject;
  /** Taken from the path instead. */
  readonly inPath?: readonly string[];
  readonly paged: boolean;
}

const LONGEST_VALUE = 1_000;
const dtos = new WeakMap<ReadShape, DtoClass>();

/** The question of a request. Throws INVALID_VALUE and UNKNOWN_PROPERTY, naming each parameter. */
export function readRequestOf(request: ApiRequest, shape: ReadShape): ReadRequest {
  const errors: ErrorDetail[] = [];
  const wrong = (name: string, code: string, message: string): undefined => {
    errors.push({ pointer: `query/${name.slice(0, 100)}`, code, message });
    return undefined;
  };
  const own = shape.params.properties as TProperties;
  const params: Record<string, unknown> = {};
  const general: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.query)) {
    const isOwn = Object.hasOwn(own, name) && !shape.inPath?.includes(name);
    if (!isOwn && !GENERAL.has(name) && !(shape.paged && PAGING.has(name)))
      wrong(name, 'UNKNOWN_PROPERTY', 'is not known'); // prettier-ignore
    else if (typeof value !== 'string') wrong(name, 'ONCE', 'must be given once');
    else if (value.length > LONGEST_VALUE)
      wrong(name, 'MAX_LENGTH', `must be at most ${LONGEST_VALUE} characters`); // prettier-ignore
    else if (isOwn) params[name] = coerced(own[name]!, value);
    else general[name] = value;
  }
  for (const name of shape.inPath ?? [])
    if (request.params[name] !== undefined) params[name] = coerced(own[name]!, request.params[name]);
  const header = request.headers['rapport-token'];
  const after = general['after'] ?? (typeof header === 'string' && header !== '' ? header : undefined);
  if (after !== undefined && !/^\d{1,5}:\d{1,18}$/.test(after)) wrong('after', 'IS_TOKEN', 'must be a token of a write: partition:position'); // prettier-ignore
  const { asOf, knownAt, limit, cursor } = general;
  if (asOf !== undefined && !isEdgeInstant(asOf)) wrong('asOf', 'IS_INSTANT', 'must be an ISO-8601 instant with a zone, in the years 1900 to 2100'); // prettier-ignore
  if (limit !== undefined && !(/^\d{1,3}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= 200)) wrong('limit', 'LIMIT', 'must be a whole number from 1 to 200'); // prettier-ignore
  const known = knownAt === undefined ? undefined : (knownAtOf(knownAt) ?? wrong('knownAt', 'KNOWN_AT', 'must be an ISO-8601 instant with a zone, or a log position')); // prettier-ignore
  for (const error of errorsIn(dtoOf(shape), params) ?? []) errors.push({ ...error, pointer: `query${error.pointer}` }); // prettier-ignore
  if (errors.length > 0) throw invalid('The query string is not allowed.', errors.slice(0, 50));
  return {
    projection: shape.projection,
    query: shape.query,
    params,
    principal: request.principal!,
    ...(request.params['ref'] === undefined ? {} : { reference: request.params['ref'] }),
    ...(asOf === undefined ? {} : { asOfMs: epochMsOf(asOf) }),
    ...(known ? { knownAt: known } : {}),
    ...(after === undefined ? {} : { after }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

const GENERAL: ReadonlySet<string> = new Set(['asOf', 'knownAt', 'after']);
const PAGING: ReadonlySet<string> = new Set(['limit', 'cursor']);

function knownAtOf(text: string): KnownAt | undefined {
  if (/^\d{1,18}$/.test(text)) return { position: BigInt(text) };
  return isEdgeInstant(text) ? { recordedAtMs: epochMsOf(text) } : undefined;
}

function dtoOf(shape: ReadShape): DtoClass {
  let dto = dtos.get(shape);
  if (!dto) {
    // Who is asked about comes by reference and is resolved later.
    const inPath = new Set<string>(shape.inPath?.filter((name) => name === 'customerId'));
    const properties = Object.fromEntries(Object.entries(shape.params.properties as TProperties).filter(([name]) => !inPath.has(name))); // prettier-ignore
    dto = dtoFrom({
      ...shape.params,
      properties,
      required: (shape.params.required ?? []).filter((name) => !inPath.has(name)),
    } as TObject);
    dtos.set(shape, dto);
  }
  return dto;
}

/** Text of the query string as what the schema asks for; what does not fit stays text and is refused with its place. */
function coerced(schema: TSchema, value: string): unknown {
  switch (schema['type']) {
    case 'integer':
    case 'number':
      return /^-?\d{1,16}(\.\d{1,16})?$/.test(value) ? Number(value) : value;
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : value;
    default:
      return value;
  }
}
