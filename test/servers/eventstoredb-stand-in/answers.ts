import type { EventLog, Expected } from './event-log.js';
import { framed, GrpcError, Status } from './grpc.server.js';
import { bytes, encoded, message, text, uint } from './protobuf.js';
import type { LogPosition } from './read-request.js';

/** Answers of the Streams service, by the field numbers of its protocol. */

export const confirmation = (subscriptionId: string): Buffer => framed(message(2, text(1, subscriptionId)));

export const checkpoint = ({ commit, prepare }: LogPosition): Buffer =>
  framed(message(3, uint(1, commit), uint(2, prepare)));

export const streamNotFound = (stream: string): Buffer =>
  framed(message(4, message(1, bytes(3, Buffer.from(stream)))));

export const lastStreamPosition = (revision: number): Buffer => framed(uint(6, revision));

export const CAUGHT_UP = framed(message(8));

/** Trailers carry ASCII only. */
const trailerValue = (value: string): string => (/^[\x20-\x7e]*$/.test(value) ? value : encodeURI(value));

export const streamDeleted = (stream: string): GrpcError =>
  new GrpcError(Status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': trailerValue(stream),
  });

const EXPECTED_CODES = { noStream: -1n, any: -2n, streamExists: -4n } as const;
const codeOf = (expected: Expected): bigint =>
  typeof expected === 'bigint' ? expected : EXPECTED_CODES[expected];

export const deleteRefused = (stream: string, expected: Expected, actual: bigint): GrpcError =>
  new GrpcError(
    Status.FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${codeOf(expected)}, Actual version: ${actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': trailerValue(stream),
      'expected-version': codeOf(expected).toString(),
      'actual-version': actual.toString(),
    },
  );

const EMPTY: Buffer[] = [];
const status = (code: number, title: string, type: string, ...details: Buffer[][]): Buffer[] =>
  message(
    2,
    uint(1, code),
    text(2, title),
    message(3, text(1, `type.googleapis.com/event_store.client.${type}`), bytes(2, encoded(...details))),
  );
const ALREADY_EXISTS = 6;
const DEADLINE_EXCEEDED = 4;

/** What a BatchAppend is refused with. */
export const batchErrors = {
  wrongVersion: (expected: Expected, current: bigint): Buffer[] =>
    status(
      ALREADY_EXISTS,
      'WrongExpectedVersion',
      'WrongExpectedVersion',
      current < 0n ? message(2) : uint(1, current),
      typeof expected === 'bigint'
        ? uint(3, expected)
        : message({ any: 4, streamExists: 5, noStream: 6 }[expected]),
    ),
  deleted: (stream: string): Buffer[] =>
    status(
      Status.FAILED_PRECONDITION,
      'StreamDeleted',
      'StreamDeleted',
      message(1, bytes(3, Buffer.from(stream))),
    ),
  timeout: (): Buffer[] => status(DEADLINE_EXCEEDED, 'Timeout', 'Timeout', EMPTY),
  tooLarge: (max: number): Buffer[] =>
    status(Status.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', 'MaximumAppendSizeExceeded', uint(1, max)),
  badRequest: (detail: string): Buffer[] =>
    status(Status.INVALID_ARGUMENT, 'BadRequest', 'BadRequest', text(1, detail)),
};

export const batchSuccess = (revision: bigint, position: number | undefined): Buffer[] =>
  message(
    3,
    revision < 0n ? message(2) : uint(1, revision),
    position === undefined ? message(4) : message(3, uint(1, position), uint(2, position)),
  );

/** The reply to one append of a BatchAppend call. */
export const batchReply = (
  correlationId: Uint8Array,
  stream: string,
  expected: Expected | undefined,
  result: Buffer[],
): Buffer =>
  framed(
    bytes(1, correlationId),
    result,
    message(4, bytes(3, Buffer.from(stream))),
    expected === undefined
      ? EMPTY
      : typeof expected === 'bigint'
        ? uint(5, expected)
        : message({ noStream: 6, any: 7, streamExists: 8 }[expected]),
  );

export const refuseTombstoned = (log: EventLog, stream: string): void => {
  if (log.isTombstoned(stream)) throw streamDeleted(stream);
};
