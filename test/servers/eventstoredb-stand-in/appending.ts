import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { AppendReq, BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import * as answers from './answers.js';
import { type EventLog, type Expected, type Outcome, type ProposedEvent } from './event-log.js';
import { framed, GrpcError, Status, type GrpcCall } from './grpc.server.js';

/** Bytes of event data one append may hold; metadata and types are not counted. */
export const MAX_APPEND_SIZE = 1_048_576;

/** What the tests let happen to the next appends. */
export interface AppendFaults {
  /** Carries out one append and decides what becomes of its reply. */
  pass(call: GrpcCall, carryOut: (reply: (send: () => void) => void) => void): void;
}

type Message = BatchAppendReq.ProposedMessage | AppendReq.ProposedMessage;

/** Id, type and content of a proposed event; what is missing of them is empty. */
function proposed(message: Message): ProposedEvent {
  const metadata = message.getMetadataMap();
  return {
    eventId: idOf(message.getId()),
    type: metadata.get('type') ?? '',
    contentType: metadata.get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

function idOf(id: ReturnType<Message['getId']>): string {
  if (id?.hasString()) return id.getString().toLowerCase();
  const structured = id?.getStructured();
  if (structured === undefined) return NO_ID;
  const hex = [structured.getMostSignificantBits(), structured.getLeastSignificantBits()]
    .map((bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
const NO_ID = '00000000-0000-0000-0000-000000000000';

const sizeOf = (events: readonly ProposedEvent[]): number =>
  events.reduce((sum, event) => sum + event.data.length, 0);

interface PendingBatch {
  readonly correlationId: Uint8Array;
  readonly options: BatchAppendReq.Options;
  readonly events: ProposedEvent[];
}

const expectedOf = (options: BatchAppendReq.Options): Expected | undefined => {
  if (options.hasStreamPosition()) return BigInt(options.getStreamPosition());
  if (options.hasNoStream()) return 'noStream';
  if (options.hasAny()) return 'any';
  return options.hasStreamExists() ? 'streamExists' : undefined;
};

/** Deadlines nearer than this are over before the append could be carried out. */
const SHORTEST_DEADLINE_MS = 2;

/** One long call that carries every append of a client. */
export function batchAppend(log: EventLog, call: GrpcCall, faults: AppendFaults): void {
  const pending = new Map<string, PendingBatch>();
  call.onEnd = () => call.end();
  call.onMessage = (content) => {
    const message = streamsPb.BatchAppendReq.deserializeBinary(content);
    const id = message.getCorrelationId();
    const name = id?.getString() ?? '';
    let batch = pending.get(name);
    if (batch === undefined) {
      const options = message.getOptions() ?? new streamsPb.BatchAppendReq.Options();
      batch = { correlationId: id?.serializeBinary() ?? new Uint8Array(), options, events: [] };
      pending.set(name, batch);
    }
    for (const one of message.getProposedMessagesList()) batch.events.push(proposed(one));
    if (!message.getIsFinal()) return;
    pending.delete(name);
    const complete = batch;
    faults.pass(call, (reply) => carryOut(log, call, complete, reply));
  };
}

function carryOut(
  log: EventLog,
  call: GrpcCall,
  { correlationId, options, events }: PendingBatch,
  reply: (send: () => void) => void,
): void {
  const stream = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
  const expected = expectedOf(options);
  const answer = (result: Buffer[]): void =>
    reply(() => void call.write(answers.batchReply(correlationId, stream, expected, result)));

  const fault = badRequestOf(stream, expected, events);
  if (fault !== undefined) return answer(answers.batchErrors.badRequest(fault));
  if (sizeOf(events) > MAX_APPEND_SIZE) return answer(answers.batchErrors.tooLarge(MAX_APPEND_SIZE));
  const deadline = options.getDeadline();
  const leftMs = deadline
    ? deadline.getSeconds() * 1_000 + deadline.getNanos() / 1e6 - Date.now()
    : Number.POSITIVE_INFINITY;
  if (leftMs < SHORTEST_DEADLINE_MS) return answer(answers.batchErrors.timeout());

  log.append(stream, expected!, events, (outcome) => {
    switch (outcome.kind) {
      case 'written':
      case 'idempotent':
        return answer(answers.batchSuccess(outcome.revision, outcome.position));
      case 'wrongVersion':
        return answer(answers.batchErrors.wrongVersion(expected!, outcome.current));
      case 'deleted':
        return answer(answers.batchErrors.deleted(stream));
      case 'dropped':
        return whenOver(call, leftMs, () => answer(answers.batchErrors.timeout()));
    }
  });
}

/** The server notices a deadline itself: whatever was not answered until then is answered with a timeout. */
function whenOver(call: GrpcCall, leftMs: number, timeOut: () => void): void {
  if (!Number.isFinite(leftMs)) return;
  const timer = setTimeout(timeOut, leftMs);
  timer.unref();
  call.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

function badRequestOf(
  stream: string,
  expected: Expected | undefined,
  events: readonly ProposedEvent[],
): string | undefined {
  if (stream === '') return 'Required field stream_identifier not set or empty.';
  if (expected === undefined) return 'Required field expected_stream_position not set.';
  for (const { eventId, type, contentType } of events) {
    if (eventId === NO_ID) return 'Required field id not set or empty.';
    if (type === '') return "Required metadata property 'type' is missing.";
    if (contentType === '') return "Required metadata property 'content-type' is missing.";
  }
  return undefined;
}

/** The call of one append: used with credentials of its own, and by clients that know no batches. */
export function append(log: EventLog, call: GrpcCall, faults: AppendFaults): void {
  let options: AppendReq.Options | undefined;
  const events: ProposedEvent[] = [];
  call.onMessage = (content) => {
    const message = streamsPb.AppendReq.deserializeBinary(content);
    if (message.hasOptions()) options = message.getOptions();
    else events.push(proposed(message.getProposedMessage()!));
  };
  call.onEnd = () => {
    if (options === undefined) throw new GrpcError(Status.INVALID_ARGUMENT, 'Options are missing.');
    const stream = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
    const expected: Expected = options.hasRevision()
      ? BigInt(options.getRevision())
      : options.hasNoStream()
        ? 'noStream'
        : options.hasStreamExists()
          ? 'streamExists'
          : 'any';
    for (const property of ['type', 'content-type'] as const)
      if (events.some((event) => (property === 'type' ? event.type : event.contentType) === ''))
        throw new GrpcError(Status.INVALID_ARGUMENT, `Required Metadata Property '${property}' is missing`, {
          exception: 'missing-required-metadata-property',
          'required-metadata-properties': property,
        });
    if (sizeOf(events) > MAX_APPEND_SIZE)
      throw new GrpcError(Status.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_SIZE} Exceeded.`, {
        exception: 'maximum-append-size-exceeded',
        'maximum-append-size': String(MAX_APPEND_SIZE),
      });
    faults.pass(call, (reply) =>
      log.append(stream, expected, events, (outcome) => {
        // A dropped repetition is answered by nobody: the client's own deadline ends the call.
        if (outcome.kind === 'dropped') return;
        reply(() =>
          call.guarded(() => {
            if (outcome.kind === 'deleted') throw answers.streamDeleted(stream);
            call.write(framed([Buffer.from(appendAnswer(expected, outcome).serializeBinary())]));
            call.end();
          }),
        );
      }),
    );
  };
}

function appendAnswer(
  expected: Expected,
  outcome: Exclude<Outcome, { readonly kind: 'dropped' | 'deleted' }>,
) {
  const answer = new streamsPb.AppendResp();
  const empty = new sharedPb.Empty();
  if (outcome.kind !== 'wrongVersion') {
    const success = new streamsPb.AppendResp.Success();
    if (outcome.revision < 0n) success.setNoStream(empty);
    else success.setCurrentRevision(outcome.revision.toString());
    if (outcome.position === undefined) success.setNoPosition(empty);
    else {
      const position = new streamsPb.AppendResp.Position();
      position.setCommitPosition(String(outcome.position)).setPreparePosition(String(outcome.position));
      success.setPosition(position);
    }
    return answer.setSuccess(success);
  }
  const wrong = new streamsPb.AppendResp.WrongExpectedVersion();
  const { current } = outcome;
  if (current < 0n) wrong.setCurrentNoStream(empty).setNoStream2060(empty);
  else wrong.setCurrentRevision(current.toString()).setCurrentRevision2060(Number(current));
  if (typeof expected === 'bigint')
    wrong.setExpectedRevision(expected.toString()).setExpectedRevision2060(Number(expected));
  else if (expected === 'any') wrong.setExpectedAny(empty).setAny2060(empty);
  else if (expected === 'streamExists') wrong.setExpectedStreamExists(empty).setStreamExists2060(empty);
  else wrong.setExpectedNoStream(empty);
  return answer.setWrongExpectedVersion(wrong);
}

/** Delete and Tombstone: the same request, answered with the position of what was written. */
export function remove(log: EventLog, call: GrpcCall, how: 'delete' | 'tombstone'): void {
  call.onMessage = (content) => {
    const options = streamsPb.DeleteReq.deserializeBinary(content).getOptions()!;
    const stream = Buffer.from(options.getStreamIdentifier()!.getStreamName_asU8()).toString();
    const expected: Expected = options.hasRevision()
      ? BigInt(options.getRevision())
      : options.hasNoStream()
        ? 'noStream'
        : options.hasStreamExists()
          ? 'streamExists'
          : 'any';
    log[how](stream, expected, (outcome) =>
      call.guarded(() => {
        if (outcome.kind === 'deleted') throw answers.streamDeleted(stream);
        if (outcome.kind === 'wrongVersion') throw answers.deleteRefused(stream, expected, outcome.current);
        if (outcome.kind === 'dropped') throw new GrpcError(Status.UNKNOWN, 'A deletion is never dropped.');
        const position = new streamsPb.DeleteResp.Position();
        position.setCommitPosition(String(outcome.position)).setPreparePosition(String(outcome.position));
        const answer = new streamsPb.DeleteResp().setPosition(position);
        call.write(framed([Buffer.from(answer.serializeBinary())]));
        call.end();
      }),
    );
  };
}
