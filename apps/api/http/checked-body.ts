import { RapportError } from '@rapport/contracts';
import type { ApiRequest } from './api-request.js';
import type { DtoClass } from './dto-from-schema.js';
import { invalid } from './problem.js';
import { errorsIn } from './validate.js';

/** A body that meets its DTO. Throws MALFORMED_JSON for none, INVALID_VALUE, UNKNOWN_PROPERTY. */
export function checkedBody<T extends object>(dto: DtoClass<T>, body: unknown): T {
  if (body === undefined) throw new RapportError('MALFORMED_JSON', 'The body is empty.');
  const errors = errorsIn(dto, body);
  if (errors) throw invalid('The body does not have the shape of this command.', errors);
  return body as T;
}

/** For routes without parameters. Throws UNKNOWN_PROPERTY. */
export function refuseQuery(request: ApiRequest): void {
  const names = Object.keys(request.query);
  if (names.length > 0)
    throw invalid('The route takes no parameters.', names.slice(0, 50).map((name) => ({ pointer: `query/${name.slice(0, 100)}`, code: 'UNKNOWN_PROPERTY', message: 'is not known' }))); // prettier-ignore
}
