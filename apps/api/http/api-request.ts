import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '@rapport/platform';

/** A request on its way through our routes: who calls is known before the body is read. */
export type ApiRequest = FastifyRequest & {
  principal?: Principal;
  readonly params: Record<string, string>;
  readonly query: Record<string, unknown>;
};
export type ApiReply = FastifyReply;
