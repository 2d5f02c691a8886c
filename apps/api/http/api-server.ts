import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RapportError } from '@rapport/contracts';
import { systemIds } from '@rapport/runtime';
import type { AccessTokens, Logger } from '@rapport/platform';
import type { ApiRequest } from './api-request.js';
import { refuseQuery } from './checked-body.js';
import type { KnownRoutes } from './known-routes.js';
import type { ProblemFilter } from './problem.filter.js';
import { PROBLEM_MEDIA_TYPE, problemOf } from './problem.js';
import { parseStrictJson } from './strict-json.js';

const BODY_LIMIT_BYTES = 256 * 1_024;
const BATCH_LIMIT_BYTES = 4 * 1_024 * 1_024;
const KEEP_ALIVE_MS = 60_000;

/** How long a client may hold a connection that others could use. */
export interface ServerLimits {
  /** From the first byte to the end of the headers, ms. */
  readonly headersMs: number;
  /** From the first byte to the end of the body, ms. */
  readonly requestMs: number;
  /** How often Node looks for clients that are too slow, ms: they are let go so much later at most. */
  readonly checkEveryMs: number;
}
const LIMITS: ServerLimits = { headersMs: 10_000, requestMs: 30_000, checkEveryMs: 1_000 };

export const BATCH_PATH = '/v1/batch';

/** Fastify set up so that nothing but our own JSON reader, timeouts, limits and problems answers. */
export function createAdapter(problems: () => ProblemFilter, limits = LIMITS): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: {
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      // Node would answer with an empty 400; the hook below answers as everything else does.
      requireHostHeader: false,
    },
    // Ids of customers may be e-mail addresses or other identifiers; Fastify's default of 100 cuts them off.
    routerOptions: { maxParamLength: 1_200 },
    genReqId: () => systemIds.uuid(),
    // Answered by our own hook, in our own shape.
    return503OnClosing: false,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      problems().answer(error, request, reply),
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => {
      if (!socket.writable || error.code === 'ECONNRESET') return;
      socket.end(answerBeforeRouting(clientErrorOf(error.code)));
    },
  });
}

const clientErrorOf = (code: string | undefined): RapportError => {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RapportError('REQUEST_TIMEOUT', 'The request took too long to arrive.');
    case 'HPE_HEADER_OVERFLOW':
      return new RapportError('HEADERS_TOO_LARGE', 'The address or the headers are too large.');
    default:
      return new RapportError('MALFORMED_REQUEST', 'The request is not valid HTTP.');
  }
};

/** A problem as bytes, for a connection on which no request came about. */
function answerBeforeRouting(error: RapportError): string {
  const problem = problemOf(error, systemIds.uuid());
  const body = JSON.stringify(problem);
  const headers = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    'cache-control: no-store',
    'connection: close',
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}

/** Hooks and body parsing; before the routes are registered. */
export function configureServer(
  app: NestFastifyApplication,
  routes: KnownRoutes,
  tokens: AccessTokens,
): void {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  routes.collectFrom(fastify);
  // A proxy is not what this is; Node would hang up without a word.
  fastify.server.on('connect', (_request, socket) =>
    socket.end(answerBeforeRouting(new RapportError('METHOD_NOT_ALLOWED', 'The service is no proxy.'))),
  );
  // An expectation nobody knows may be ignored (RFC 9110, 10.1.1); Node would answer an empty 417.
  fastify.server.on('checkExpectation', (request, response) =>
    fastify.server.emit('request', request, response),
  );
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      checkCharset(request.headers['content-type']!);
      done(null, parseStrictJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  // The one route that takes more than the others.
  fastify.addHook('onRoute', (route) => {
    if (route.url === BATCH_PATH) route.bodyLimit = BATCH_LIMIT_BYTES;
  });
  let isClosing = false;
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  fastify.addHook('onRequest', (incoming, reply, done) => {
    const request = incoming as ApiRequest;
    if (isClosing) {
      void reply.header('connection', 'close');
      return done(new RapportError('UNAVAILABLE', 'The service is stopping.', { retryAfterS: 5 }));
    }
    reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
      return done(new RapportError('MALFORMED_REQUEST', 'The request names no host.'));
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity')
      return done(new RapportError('UNSUPPORTED_MEDIA_TYPE', 'The body must not be compressed.'));
    const token = bearerOf(request.headers.authorization);
    if (token === undefined) return done();
    const known = tokens.known(token);
    if (known) {
      request.principal = known;
      return done();
    }
    tokens.verify(token).then((principal) => {
      if (principal) request.principal = principal;
      done();
    }, done);
  });
  // A write says everything in its body: `?dryRun=true` must not look as if it had been heard.
  fastify.addHook('preValidation', (incoming, _reply, done) => {
    const request = incoming as ApiRequest;
    if (request.method === 'GET' || request.method === 'HEAD' || request.is404) return done();
    try {
      refuseQuery(request);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  // Nothing of an unknown caller is read.
  fastify.addHook('preParsing', (incoming, _reply, payload, done) => {
    const request = incoming as ApiRequest;
    if (request.principal || request.is404 || request.method === 'GET' || request.method === 'HEAD') return done(null, payload); // prettier-ignore
    done(new RapportError('UNAUTHENTICATED', 'The request carries no valid access token.'));
  });
}

/** One line a request: the route's pattern instead of its address, which may name a person; never a body. */
export function logRequests(app: NestFastifyApplication, logger: Logger): void {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  fastify.addHook('onResponse', (request, reply, done) => {
    const { principal } = request as ApiRequest;
    logger.debug({ requestId: request.id, method: request.method, route: request.routeOptions.url ?? 'unknown', status: reply.statusCode, ms: Math.round(reply.elapsedTime), subject: principal?.subject }, 'answered'); // prettier-ignore
    done();
  });
}

function bearerOf(header: string | undefined): string | undefined {
  return header !== undefined && /^bearer /i.test(header) ? header.slice(7).trim() : undefined;
}

function checkCharset(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    throw new RapportError('UNSUPPORTED_MEDIA_TYPE', 'The body must be UTF-8.');
}
