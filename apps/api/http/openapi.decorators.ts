import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiQuery, ApiResponse } from '@nestjs/swagger';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const problem = { content: { 'application/problem+json': { schema: ref('Problem') } } };

/** The answers every route may give instead of the wanted one. */
export const ProblemAnswers = (...statuses: readonly number[]): MethodDecorator =>
  applyDecorators(
    ...[...new Set([401, 403, ...statuses])].map((status) =>
      ApiResponse({ status, description: PROBLEM_OF[status] ?? 'problem', ...problem }),
    ),
  );

const PROBLEM_OF: Readonly<Record<number, string>> = {
  400: 'not JSON, or no key',
  401: 'no valid token',
  403: 'the token does not allow it',
  404: 'no such customer or thing',
  409: 'refused by the rules (code, sentence, way out), or a conflict',
  412: 'If-Match does not match',
  413: 'too large',
  415: 'not JSON in UTF-8',
  422: 'values that are not allowed, each named',
  503: 'not now; Retry-After says when',
};

/** What every write takes and answers. */
export const WriteContract = (): MethodDecorator =>
  applyDecorators(
    ApiBearerAuth(),
    ApiHeader({ name: 'Idempotency-Key', required: false, description: 'required unless the body has sourceEventId; the same key again answers the first result', schema: { type: 'string', maxLength: 255 } }), // prettier-ignore
    ApiHeader({ name: 'If-Match', required: false, description: 'ETag of the revision the write is based on', schema: { type: 'string' } }), // prettier-ignore
    ApiResponse({ status: 201, description: 'recorded', content: { 'application/json': { schema: ref('Recorded') } } }), // prettier-ignore
    ProblemAnswers(400, 404, 409, 412, 413, 415, 422, 503),
  );

/** A dry run answers 200 and what would be recorded. */
export const DryRunAnswer = (): MethodDecorator =>
  ApiResponse({ status: 200, description: 'dry run: it would be recorded', content: { 'application/json': { schema: ref('Possible') } } }); // prettier-ignore

/** What every read takes: which day, known when, and after which write. */
export const ReadContract = (): MethodDecorator =>
  applyDecorators(
    ApiBearerAuth(),
    ApiQuery({ name: 'asOf', required: false, description: 'business time: facts up to this instant (ISO-8601); default now', schema: { type: 'string', format: 'date-time' } }), // prettier-ignore
    ApiQuery({ name: 'knownAt', required: false, description: 'recording time (ISO-8601) or log position: what we knew then', schema: { type: 'string' } }), // prettier-ignore
    ApiQuery({ name: 'after', required: false, description: 'token of a write: waits at most 2 s until it is seen (also as header Rapport-Token)', schema: { type: 'string' } }), // prettier-ignore
    ApiResponse({ status: 200, description: 'the answer and how fresh it is', content: { 'application/json': { schema: ref('Read') } } }), // prettier-ignore
    ProblemAnswers(404, 409, 422, 503),
  );

export const PagedContract = (): MethodDecorator =>
  applyDecorators(
    ApiQuery({ name: 'limit', required: false, description: 'rows wanted, default 50', schema: { type: 'integer', minimum: 1, maximum: 200 } }), // prettier-ignore
    ApiQuery({ name: 'cursor', required: false, description: 'meta.next of the page before', schema: { type: 'string' } }), // prettier-ignore
  );
