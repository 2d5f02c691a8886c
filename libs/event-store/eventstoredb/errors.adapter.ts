import { ErrorType } from '@eventstore/db-client';
import { RapportError } from '@rapport/contracts';

/** What the client throws, as far as it tells: its classes have a `type`, errors of the channel only a gRPC `code`. */
interface ClientError {
  readonly type?: string;
  readonly code?: number;
  readonly message?: string;
}

const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
/** No connection was made, so nothing was sent: how grpc-js and the client's discovery word it. */
const NEVER_SENT =
  /^(\d+ UNAVAILABLE: )?(No connection established|Name resolution failed|Failed to discover|Failed to connect)/;
const INVALID_POSITION = /InvalidPosition|invalid position/;

const clientErrorOf = (error: unknown): ClientError => (error instanceof Error ? error : {}) as ClientError;

export const hasType = (error: unknown, type: ErrorType): boolean => clientErrorOf(error).type === type;
/** Type or gRPC code of an error, for logs: messages of the client may hold what must not be logged. */
export const kindOf = (error: unknown): string =>
  clientErrorOf(error).type ?? `grpc ${clientErrorOf(error).code ?? 'unknown'}`;

export const isDeadline = (error: unknown): boolean =>
  hasType(error, ErrorType.DEADLINE_EXCEEDED) || clientErrorOf(error).code === DEADLINE_EXCEEDED;
export const isInvalidPosition = (error: unknown): boolean =>
  INVALID_POSITION.test(clientErrorOf(error).message ?? '');

const unavailable = (): RapportError =>
  new RapportError('UNAVAILABLE', 'The event store does not answer.', { retryAfterS: 1 });
const refused = (): RapportError =>
  new RapportError('UNAVAILABLE', 'The event store refuses the credentials.', { retryAfterS: 30 });
export const deleted = (streamId: string): RapportError =>
  new RapportError('CORRUPT_EVENT', `Stream ${streamId} was deleted or truncated in the event store.`, {
    members: { streamId },
  });

/** What a failed append means: for certain not recorded, or not known. WrongExpectedVersion is no failure and not asked here. */
export function appendErrorOf(error: unknown, streamId: string): RapportError {
  if (error instanceof RapportError) return error;
  const { type, code, message = '' } = clientErrorOf(error);
  switch (type) {
    case ErrorType.STREAM_DELETED:
      return deleted(streamId);
    case ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED:
      return tooLarge();
    case ErrorType.ACCESS_DENIED:
      return refused();
    case ErrorType.NOT_LEADER:
      // A follower refuses before it writes.
      return unavailable();
    case ErrorType.MISSING_REQUIRED_METADATA_PROPERTY:
    case ErrorType.INVALID_ARGUMENT:
      return new RapportError('INTERNAL', 'The event store does not understand the append.');
    default:
      if (code === RESOURCE_EXHAUSTED) return tooLarge();
      if (NEVER_SENT.test(message)) return unavailable();
      return new RapportError('OUTCOME_UNKNOWN', 'The event store did not answer the append.', {
        retryAfterS: 1,
      });
  }
}

const tooLarge = (): RapportError =>
  new RapportError('PAYLOAD_TOO_LARGE', 'The events of the command are too large for one append.');

/** What a failed read means. */
export function readErrorOf(error: unknown, streamId?: string): RapportError {
  if (error instanceof RapportError) return error;
  if (streamId !== undefined && hasType(error, ErrorType.STREAM_DELETED)) return deleted(streamId);
  if (hasType(error, ErrorType.ACCESS_DENIED)) return refused();
  if (isInvalidPosition(error))
    return new RapportError('INVALID_VALUE', 'The position is not that of an event of this log.');
  return unavailable();
}
