import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { LogRecord } from './event-log.js';
import { GrpcError, Status } from './grpc.server.js';

/** Where in the whole log: pairs are compared as EventStoreDB compares them, commit first. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

export const isAfter = (a: LogPosition, b: LogPosition): boolean =>
  a.commit > b.commit || (a.commit === b.commit && a.prepare > b.prepare);

export interface Filter {
  readonly matches: (record: LogRecord) => boolean;
  /** Events looked at before a page of a catch-up ends. */
  readonly window: number;
  /** Events after which a checkpoint is due. */
  readonly interval: number;
}

/** Search window of the server when a filter names none. */
const DEFAULT_WINDOW = 32;

/** What `ReadReq` asks for, as plain values. */
export interface ReadRequest {
  readonly stream: string | undefined;
  readonly from: 'start' | 'end' | bigint | LogPosition;
  readonly isBackward: boolean;
  /** Undefined for a subscription. */
  readonly count: number | undefined;
  readonly filter: Filter | undefined;
  /** Newer clients ask for the last revision at the end of a stream read. */
  readonly wantsLastPosition: boolean;
}

export function readRequestOf(message: ReadReq): ReadRequest {
  const options = message.getOptions()!;
  const stream = options.getStream();
  const all = options.getAll();
  const position = all?.getPosition();
  const from = stream
    ? stream.hasRevision()
      ? BigInt(stream.getRevision())
      : stream.hasEnd()
        ? 'end'
        : 'start'
    : position
      ? { commit: BigInt(position.getCommitPosition()), prepare: BigInt(position.getPreparePosition()) }
      : all?.hasEnd()
        ? 'end'
        : 'start';
  return {
    stream: stream && Buffer.from(stream.getStreamIdentifier()!.getStreamName_asU8()).toString(),
    from,
    isBackward: options.getReadDirection() === 1,
    count: options.hasSubscription() ? undefined : Number(options.getCount()),
    filter: filterOf(options.getFilter()),
    wantsLastPosition: (options.getControlOption()?.getCompatibility() ?? 0) >= 1,
  };
}

function filterOf(options: ReadReq.Options.FilterOptions | undefined): Filter | undefined {
  if (options === undefined) return undefined;
  const isOnType = options.hasEventType();
  const expression = isOnType ? options.getEventType()! : options.getStreamIdentifier()!;
  const multiplier = options.getCheckpointintervalmultiplier();
  if (multiplier === 0) throw new GrpcError(Status.UNKNOWN, 'Exception was thrown by handler.');
  const window = options.hasMax() ? options.getMax() : DEFAULT_WINDOW;
  const subjectOf = (record: LogRecord): string => (isOnType ? record.type : record.stream.name);
  const prefixes = expression.getPrefixList();
  const pattern = prefixes.length === 0 ? patternOf(expression.getRegex()) : undefined;
  return {
    matches: (record) => {
      const subject = subjectOf(record);
      return pattern ? pattern.test(subject) : prefixes.some((prefix) => subject.startsWith(prefix));
    },
    window,
    interval: window * multiplier,
  };
}

function patternOf(regex: string): RegExp {
  try {
    return new RegExp(regex);
  } catch {
    throw new GrpcError(Status.UNKNOWN, 'Exception was thrown by handler.');
  }
}
