import { randomUUID } from 'node:crypto';
import * as answers from './answers.js';
import type { EventLog, LogRecord, Stream } from './event-log.js';
import { GrpcError, Status, type GrpcCall } from './grpc.server.js';
import { isAfter, type LogPosition, type ReadRequest } from './read-request.js';

/** Frames are written together up to about this size. */
const CHUNK_BYTES = 64 * 1024;
/** Live events a subscription may lie behind before the server reads the log again for it. */
const LIVE_BUFFER = 32;
/** Events per page of an unfiltered catch-up. */
const PAGE = 512;

/** Writes frames in chunks, no faster than the peer takes them. */
class FrameWriter {
  private frames: Buffer[] = [];
  private size = 0;
  /** True when the peer had to be waited for since this was last set to false. */
  hadToWait = false;

  constructor(private readonly call: GrpcCall) {}

  /** A promise only when there is something to wait for. */
  add(frame: Buffer): Promise<void> | undefined {
    this.frames.push(frame);
    this.size += frame.length;
    return this.size >= CHUNK_BYTES ? this.flush() : undefined;
  }

  flush(): Promise<void> | undefined {
    if (this.frames.length === 0) return undefined;
    const chunk = this.frames.length === 1 ? this.frames[0]! : Buffer.concat(this.frames);
    this.frames = [];
    this.size = 0;
    if (this.call.write(chunk)) return undefined;
    this.hadToWait = true;
    return this.call.drained();
  }
}

export async function readStream(log: EventLog, call: GrpcCall, request: ReadRequest): Promise<void> {
  const name = request.stream!;
  answers.refuseTombstoned(log, name);
  if (request.count === 0) throw new GrpcError(Status.UNKNOWN, 'Unexpected ReadStreamResult: Error');
  const stream = log.find(name);
  if (stream === undefined || stream.indexed === 0 || log.isSoftDeleted(stream)) {
    call.write(answers.streamNotFound(name));
    return call.end();
  }
  const writer = new FrameWriter(call);
  const first = log.firstLive(stream);
  const last = stream.indexed - 1;
  const revision = typeof request.from === 'bigint' ? Number(request.from) : request.from;
  let left = request.count ?? Infinity;
  if (request.isBackward) {
    const from = revision === 'end' || typeof revision !== 'number' ? last : Math.min(revision, last);
    const start = revision === 'start' ? 0 : from;
    for (let at = start; at >= first && left-- > 0 && !call.signal.aborted; at--)
      await writer.add(stream.records[at]!.frame);
  } else {
    const from = typeof revision === 'number' ? revision : revision === 'end' ? last + 1 : 0;
    for (let at = Math.max(first, from); at <= last && left-- > 0 && !call.signal.aborted; at++)
      await writer.add(stream.records[at]!.frame);
  }
  await writer.flush();
  if (request.wantsLastPosition) call.write(answers.lastStreamPosition(last));
  call.end();
}

export async function readAll(log: EventLog, call: GrpcCall, request: ReadRequest): Promise<void> {
  const { from, filter } = request;
  if (request.count === 0) throw new GrpcError(Status.UNKNOWN, 'Unexpected ReadAllResult: Error');
  const position = from as 'start' | 'end' | LogPosition;
  if (typeof position === 'object' && !log.isPosition(position.commit))
    throw new GrpcError(Status.UNKNOWN, 'Unexpected ReadAllResult: InvalidPosition');
  const writer = new FrameWriter(call);
  let left = request.count ?? Infinity;
  // Forward a position includes its event, backward it excludes it.
  const at =
    position === 'start' ? 0 : position === 'end' ? log.visible : log.indexAtOrAfter(position.commit);
  const end = log.visible;
  const step = request.isBackward ? -1 : 1;
  for (let i = request.isBackward ? at - 1 : at; i >= 0 && i < end && left > 0; i += step) {
    if (call.signal.aborted) return;
    const record = log.records[i]!;
    if (filter && !filter.matches(record)) continue;
    left--;
    await writer.add(record.frame);
  }
  await writer.flush();
  call.end();
}

/** What a fault of the tests does to a subscription. */
export interface SubscriptionFaults {
  /** True while the subscription is to say nothing. */
  isMuted(call: GrpcCall): boolean;
}

const positionOf = (record: LogRecord): LogPosition => ({
  commit: BigInt(record.position),
  prepare: BigInt(record.position),
});

/** A catch-up subscription to the whole log: pages until the end, then live, and again whenever it falls behind. */
export async function subscribeToAll(
  log: EventLog,
  call: GrpcCall,
  request: ReadRequest,
  faults: SubscriptionFaults,
): Promise<void> {
  const { filter } = request;
  const from = request.from as 'start' | 'end' | LogPosition;
  call.write(answers.confirmation(randomUUID()));
  if (typeof from === 'object' && !log.isPosition(from.commit))
    throw new GrpcError(Status.INVALID_ARGUMENT, 'Trying to read from an invalid position.');

  const writer = new FrameWriter(call);
  const liveFrom = log.visible;
  let next = from === 'start' ? 0 : from === 'end' ? log.visible : log.indexAtOrAfter(from.commit);
  if (typeof from === 'object' && next < log.visible && !isAfter(positionOf(log.records[next]!), from))
    next++;
  let lastCheckpoint: LogPosition | undefined =
    from === 'start'
      ? undefined
      : from === 'end'
        ? log.visible > 0
          ? positionOf(log.records[log.visible - 1]!)
          : undefined
        : from;
  let lastSent: LogPosition | undefined;
  const checkpoint = (position: LogPosition | undefined): Promise<void> | undefined => {
    if (position === undefined || (lastCheckpoint && !isAfter(position, lastCheckpoint))) return undefined;
    lastCheckpoint = position;
    return writer.add(answers.checkpoint(position));
  };
  const send = (record: LogRecord): Promise<void> | undefined => {
    if (filter && !filter.matches(record)) return undefined;
    lastSent = positionOf(record);
    return writer.add(record.frame);
  };

  while (!call.signal.aborted) {
    let considered = 0;
    while (next < log.visible) {
      const first = log.records[next]!;
      const pageEnd = Math.min(log.visible, next + (filter?.window ?? PAGE));
      // The page starts where the one before ended: at the very beginning of the log for the first.
      const pageStart = { commit: next === 0 ? 0n : BigInt(first.position), prepare: 0n };
      considered += pageEnd - next;
      for (; next < pageEnd; next++) {
        const waiting = send(log.records[next]!);
        if (waiting) await waiting;
        if (call.signal.aborted) return;
      }
      if (faults.isMuted(call)) return;
      if (filter && considered >= filter.interval) {
        considered = 0;
        await checkpoint(lastSent && isAfter(lastSent, pageStart) ? lastSent : pageStart);
      }
      if (!filter) await writer.flush();
    }
    if (filter) await checkpoint(lastSent);
    await writer.add(answers.CAUGHT_UP);
    await writer.flush();

    for (let isLive = true; isLive && !call.signal.aborted;) {
      if (next === log.visible) await moreVisible(log, call);
      if (faults.isMuted(call)) return;
      writer.hadToWait = false;
      while (next < log.visible && !call.signal.aborted) {
        const record = log.records[next]!;
        await send(record);
        next++;
        if (filter && (next - liveFrom) % filter.interval === 0) await checkpoint(positionOf(record));
        if (writer.hadToWait && log.visible - next > LIVE_BUFFER) {
          isLive = false;
          break;
        }
      }
      await writer.flush();
    }
  }
}

/** A catch-up subscription to one stream. */
export async function subscribeToStream(
  log: EventLog,
  call: GrpcCall,
  request: ReadRequest,
  faults: SubscriptionFaults,
): Promise<void> {
  const name = request.stream!;
  const { from } = request;
  answers.refuseTombstoned(log, name);
  call.write(answers.confirmation(randomUUID()));
  const writer = new FrameWriter(call);
  let stream: Stream | undefined = log.find(name);
  let next = typeof from === 'bigint' ? Number(from) + 1 : from === 'end' ? (stream?.indexed ?? 0) : 0;
  let hasCaughtUp = false;
  while (!call.signal.aborted) {
    const seen = log.visible;
    stream ??= log.find(name);
    const isReadable = stream !== undefined && !log.isSoftDeleted(stream);
    if (stream && isReadable) {
      next = Math.max(next, log.firstLive(stream));
      for (; next < stream.indexed && !call.signal.aborted; next++)
        await writer.add(stream.records[next]!.frame);
    }
    if (stream?.isTombstoned) {
      const tombstone = log.records.findLast((record) => record.stream === stream);
      await writer.add(tombstone!.frame);
      await writer.flush();
      throw answers.streamDeleted(name);
    }
    if (!hasCaughtUp) await writer.add(answers.CAUGHT_UP);
    hasCaughtUp = true;
    await writer.flush();
    if (log.visible === seen) await moreVisible(log, call);
    if (faults.isMuted(call)) return;
  }
}

/** Resolves when readers may see more, or the call is over. */
function moreVisible(log: EventLog, call: GrpcCall): Promise<void> {
  return new Promise((resolve) => {
    if (call.signal.aborted) return resolve();
    const done = (): void => {
      stop();
      call.signal.removeEventListener('abort', done);
      resolve();
    };
    const stop = log.onVisible(done);
    call.signal.addEventListener('abort', done, { once: true });
  });
}
