import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { append, batchAppend, remove, type AppendFaults } from './appending.js';
import { EventLog, type EventLogOptions } from './event-log.js';
import { framed, GrpcServer, type GrpcCall, type GrpcHandler } from './grpc.server.js';
import { readAll, readStream, subscribeToAll, subscribeToStream } from './reading.js';
import { readRequestOf } from './read-request.js';

const STREAMS = 'event_store.client.streams.Streams';
const VERSION = '24.6.0';
const LEADER = 8;
const TICKS_PER_MS = 10_000n;

/** What the server says it can do, in lower case as the real one; persistent subscriptions are not among it. */
const SUPPORTED: readonly (readonly [service: string, method: string, ...features: string[]])[] = [
  [STREAMS.toLowerCase(), 'append'],
  [STREAMS.toLowerCase(), 'batchappend', 'deadline_duration'],
  [STREAMS.toLowerCase(), 'delete'],
  [STREAMS.toLowerCase(), 'read', 'position', 'events'],
  [STREAMS.toLowerCase(), 'tombstone'],
  ['event_store.client.gossip.gossip', 'read'],
  ['event_store.client.server_features.serverfeatures', 'getsupportedmethods'],
];

/** What becomes of an append's reply: `lose` = carried out and never answered; `cut` = carried out, then the connection breaks. */
export type AppendFault = 'lose' | 'cut';

/**
 * A server that `@eventstore/db-client` talks to as to EventStoreDB 24.6, over a log in memory. It agrees with the real
 * server in what the product uses of it (`eventstoredb-behaviours.int.spec.ts` passes on both); persistent subscriptions,
 * users and projections answer UNIMPLEMENTED. Faults can be switched on from within the process.
 */
export class EventStoreDbStandIn {
  private readonly log: EventLog;
  private server: GrpcServer | undefined;
  private port = 0;
  private readonly appendFaults: AppendFault[] = [];
  private replyDelayMs = 0;
  private readonly subscriptions = new Set<GrpcCall>();
  private readonly muted = new Set<GrpcCall>();
  private readonly served = new Map<string, number>();

  constructor(options: EventLogOptions = {}) {
    this.log = new EventLog(options);
  }

  /** Listens on loopback: a free port the first time unless one is named, later the same again. */
  async start(port = this.port): Promise<void> {
    this.server = new GrpcServer(this.handlers());
    this.port = await this.server.listen(port);
  }

  get connectionString(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  /** Stops as the real server does: calls break off without a status. The log stays; `start` serves it again. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    this.subscriptions.clear();
    this.muted.clear();
    await server?.stop();
  }

  async close(): Promise<void> {
    await this.stop();
    this.log.close();
  }

  /** Lets this happen to the next append, once. */
  failNextAppend(fault: AppendFault): void {
    this.appendFaults.push(fault);
  }

  /** Every reply to an append waits so long, ms. */
  delayReplies(delayMs: number): void {
    this.replyDelayMs = delayMs;
  }

  /** Subscriptions that are open now stay open and say nothing any more; new ones work. */
  muteSubscriptions(): void {
    for (const call of this.subscriptions) this.muted.add(call);
  }

  /** Subscriptions that are open now end as if all was said. */
  endSubscriptions(): void {
    for (const call of this.subscriptions) call.end();
  }

  /** Connections break; new ones are taken. */
  cutConnections(): void {
    this.server?.cut();
  }

  /** How many calls of a method of the Streams service were taken: `Read`, `Append` … */
  callsOf(method: string): number {
    return this.served.get(`/${STREAMS}/${method}`) ?? 0;
  }

  get openSubscriptions(): number {
    return this.subscriptions.size;
  }

  private handlers(): ReadonlyMap<string, GrpcHandler> {
    const { log } = this;
    const faults: AppendFaults = { pass: (call, carryOut) => this.passAppend(call, carryOut) };
    const handlers: readonly (readonly [string, GrpcHandler])[] = [
      [`/${STREAMS}/BatchAppend`, (call) => batchAppend(log, call, faults)],
      [`/${STREAMS}/Append`, (call) => append(log, call, faults)],
      [`/${STREAMS}/Delete`, (call) => remove(log, call, 'delete')],
      [`/${STREAMS}/Tombstone`, (call) => remove(log, call, 'tombstone')],
      [`/${STREAMS}/Read`, (call) => this.read(call)],
      [
        '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
        answering(() => supportedMethods()),
      ],
      ['/event_store.client.gossip.Gossip/Read', answering(() => gossip(this.port))],
    ];
    const counting =
      (path: string, handler: GrpcHandler): GrpcHandler =>
      (call) => {
        this.served.set(path, (this.served.get(path) ?? 0) + 1);
        handler(call);
      };
    return new Map(handlers.map(([path, handler]) => [path, counting(path, handler)]));
  }

  private read(call: GrpcCall): void {
    call.onMessage = (content) =>
      call.guarded(() => {
        const request = readRequestOf(streamsPb.ReadReq.deserializeBinary(content));
        if (request.count !== undefined)
          return request.stream === undefined
            ? readAll(this.log, call, request)
            : readStream(this.log, call, request);
        this.subscriptions.add(call);
        call.signal.addEventListener('abort', () => {
          this.subscriptions.delete(call);
          this.muted.delete(call);
        });
        const subscribe = request.stream === undefined ? subscribeToAll : subscribeToStream;
        return subscribe(this.log, call, request, { isMuted: (one) => this.muted.has(one) });
      });
  }

  private passAppend(call: GrpcCall, carryOut: (reply: (send: () => void) => void) => void): void {
    const fault = this.appendFaults.shift();
    carryOut((send) => {
      if (fault === 'lose') return;
      if (fault === 'cut') return this.server?.cut();
      if (this.replyDelayMs > 0) setTimeout(send, this.replyDelayMs).unref();
      else send();
    });
  }
}

/** A call of one request and one answer. */
const answering =
  (answer: () => { serializeBinary(): Uint8Array }): GrpcHandler =>
  (call) => {
    call.onMessage = () => {
      call.write(framed([Buffer.from(answer().serializeBinary())]));
      call.end();
    };
  };

function supportedMethods() {
  const answer = new featuresPb.SupportedMethods().setEventStoreServerVersion(VERSION);
  for (const [service, method, ...features] of SUPPORTED)
    answer.addMethods(
      new featuresPb.SupportedMethod()
        .setServiceName(service)
        .setMethodName(method)
        .setFeaturesList(features),
    );
  return answer;
}

function gossip(port: number) {
  const member = new gossipPb.MemberInfo()
    .setState(LEADER)
    .setIsAlive(true)
    .setTimeStamp((BigInt(Date.now()) * TICKS_PER_MS).toString())
    .setHttpEndPoint(new gossipPb.EndPoint().setAddress('127.0.0.1').setPort(port));
  return new gossipPb.ClusterInfo().addMembers(member);
}
