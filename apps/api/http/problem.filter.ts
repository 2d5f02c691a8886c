import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { RapportError, type ErrorCode } from '@rapport/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@rapport/platform';
import type { KnownRoutes } from './known-routes.js';
import { PROBLEM_MEDIA_TYPE, problemOf } from './problem.js';

/** What Fastify and Nest call it → what we call it. Their own words stay inside: they may quote the input. */
const CODE_OF_STATUS: Readonly<Record<number, [ErrorCode, string]>> = {
  400: ['MALFORMED_REQUEST', 'The request could not be read.'],
  404: ['ROUTE_NOT_FOUND', 'There is no such route.'],
  405: ['METHOD_NOT_ALLOWED', 'The route does not take this method.'],
  408: ['REQUEST_TIMEOUT', 'The request took too long to arrive.'],
  413: ['PAYLOAD_TOO_LARGE', 'The body is larger than this route takes.'],
  414: ['INVALID_VALUE', 'A part of the path is too long.'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'The body must be uncompressed JSON in UTF-8.'],
};

/** Turns whatever any layer throws into one problem; what nobody expected is logged and says nothing of the inside. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly routes: KnownRoutes,
    private readonly logger: Logger,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(exception, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
    let error = this.errorOf(exception, request);
    const allowed = error.code === 'ROUTE_NOT_FOUND' ? this.routes.methodsOf(request.url) : [];
    if (allowed.length > 0) {
      void reply.header('allow', allowed.join(', '));
      error = new RapportError('METHOD_NOT_ALLOWED', 'The route does not take this method.');
    }
    if (error.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer realm="rapport"');
    const retryAfterS = error.extra.retryAfterS ?? (needsRetryAfter(error.code) ? 1 : undefined);
    if (retryAfterS !== undefined) void reply.header('retry-after', String(retryAfterS));
    // Some layers answer before the hooks that set these.
    void reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
    const problem = problemOf(error, request.id);
    void reply.code(problem.status).header('content-type', PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
  }

  private errorOf(exception: unknown, request: FastifyRequest): RapportError {
    if (exception instanceof RapportError) {
      if (exception.code === 'INTERNAL' || exception.code === 'CORRUPT_EVENT')
        this.report(exception, request);
      return exception;
    }
    const status = exception instanceof HttpException ? exception.getStatus() : statusOf(exception);
    const known = CODE_OF_STATUS[status];
    if (known?.[0] === 'ROUTE_NOT_FOUND') return this.noRoute(request.url);
    if (known) return new RapportError(known[0], known[1]);
    this.report(exception, request);
    return new RapportError('INTERNAL', 'Something went wrong inside.');
  }

  private noRoute(url: string): RapportError {
    const routes = this.routes.near(url);
    return new RapportError('ROUTE_NOT_FOUND', 'There is no such route.', routes.length > 0 ? { members: { routes } } : {}); // prettier-ignore
  }

  private report(exception: unknown, request: FastifyRequest): void {
    this.logger.error({ err: exception, requestId: request.id, route: request.routeOptions?.url }, 'request failed inside'); // prettier-ignore
  }
}

const needsRetryAfter = (code: ErrorCode): boolean =>
  ['IN_PROGRESS', 'OUTCOME_UNKNOWN', 'UNAVAILABLE', 'READ_YOUR_WRITES_TIMEOUT', 'RATE_LIMITED'].includes(
    code,
  );

const statusOf = (exception: unknown): number =>
  typeof exception === 'object' && exception !== null && 'statusCode' in exception
    ? Number(exception.statusCode)
    : 500;
