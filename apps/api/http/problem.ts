import { ERROR_CATALOGUE, RapportError, type ErrorCode, type ErrorDetail, type Refusal } from '@rapport/contracts'; // prettier-ignore

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** An answer that is not the wanted one (RFC 9457), the same shape from every layer. */
export interface Problem {
  /** `/problems/<code in kebab-case>`; described in docs/reference/errors.md. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Id of the request, as in the logs. */
  readonly instance: string;
  readonly code: string;
  readonly remedy?: string;
  readonly errors?: readonly ErrorDetail[];
  readonly [member: string]: unknown;
}

/** `CUSTOMER_NOT_FOUND` → `/problems/customer-not-found`. */
export const problemType = (code: string): string => `/problems/${code.toLowerCase().replaceAll('_', '-')}`;

export function problemOf(error: RapportError, instance: string): Problem {
  const { status, title, remedy } = ERROR_CATALOGUE[error.code];
  return {
    type: problemType(error.code),
    title,
    status,
    detail: error.detail,
    instance,
    code: error.code,
    remedy,
    ...(error.extra.errors ? { errors: error.extra.errors } : {}),
    ...error.extra.members,
  };
}

/** A refusal of the domain as an error of the edge: the code decides the status, the way out goes with it. */
export function refusalError(
  refusal: Refusal,
  members: Readonly<Record<string, unknown>> = {},
): RapportError {
  const code = refusal.code in ERROR_CATALOGUE ? (refusal.code as ErrorCode) : 'CONFLICT';
  const { field } = refusal;
  return new RapportError(code, refusal.sentence, {
    ...(field ? { errors: [{ pointer: field.pointer, code, message: field.reason }] } : {}),
    members: {
      wayOut: refusal.wayOut,
      ...(refusal.earliestAt ? { earliestAt: refusal.earliestAt } : {}),
      ...(refusal.ruleBookVersion ? { ruleBookVersion: refusal.ruleBookVersion } : {}),
      ...members,
    },
  });
}

/** An error that names what is wrong with the input. */
export function invalid(detail: string, errors: readonly ErrorDetail[]): RapportError {
  const onlyUnknown = errors.every((e) => e.code === 'UNKNOWN_PROPERTY');
  return new RapportError(onlyUnknown ? 'UNKNOWN_PROPERTY' : 'INVALID_VALUE', detail, { errors });
}
