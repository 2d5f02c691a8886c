import type { WriteOutcome } from '@rapport/platform';
import { refusalError } from '../http/problem.js';
import type { ApiReply } from '../http/api-request.js';

/** Answers a write: 201 recorded, 200 possible (dry run); a refusal is thrown as its problem. */
export function answerWrite(outcome: WriteOutcome, reply: ApiReply): object {
  switch (outcome.kind) {
    case 'recorded':
      reply.code(201).header('etag', `"${outcome.revision}"`).header('rapport-token', outcome.token);
      return recordedBody(outcome);
    case 'possible':
      reply.code(200);
      return { customerId: outcome.customerId, dryRun: true, eventTypes: outcome.eventTypes }; // prettier-ignore
    case 'refused':
      if (outcome.token !== undefined) reply.header('rapport-token', outcome.token);
      throw refusalError(outcome.refusal, refusedMembers(outcome));
  }
}

export const recordedBody = (outcome: Extract<WriteOutcome, { kind: 'recorded' }>): object => ({
  customerId: outcome.customerId,
  eventIds: outcome.eventIds,
  revision: outcome.revision.toString(),
  token: outcome.token,
  replayed: outcome.replayed,
});

/** What a refusal says besides its way out: the events that were recorded all the same (a suppressed offer). */
export const refusedMembers = (outcome: Extract<WriteOutcome, { kind: 'refused' }>): Record<string, unknown> => ({
  customerId: outcome.customerId,
  ...(outcome.eventIds.length > 0 ? { eventIds: outcome.eventIds } : {}),
  ...(outcome.replayed ? { replayed: true } : {}),
}); // prettier-ignore
