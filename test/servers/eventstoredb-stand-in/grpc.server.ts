import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

/** Status codes of gRPC that the stand-in answers with. */
export const Status = {
  OK: 0,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
} as const;

/** Ends a call with an error; `trailers` are what the client tells errors apart by. */
export class GrpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly trailers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/**
 * A message, given in parts, with its five bytes of gRPC framing. In memory of its own: a frame that is kept must not keep
 * the pool that its parts were cut from.
 */
export function framed(...message: readonly Buffer[][]): Buffer {
  const parts = message.flat();
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const frame = Buffer.allocUnsafeSlow(length + 5);
  frame[0] = 0;
  frame.writeUInt32BE(length, 1);
  let offset = 5;
  for (const part of parts) offset += part.copy(frame, offset);
  return frame;
}

/** Longest message taken, bytes: the receive limit of the server. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/** One call: messages in, frames out, a status at the end. */
export class GrpcCall {
  onMessage: (content: Buffer) => void = () => undefined;
  onEnd: () => void = () => undefined;
  private rest: Buffer = Buffer.alloc(0);
  private trailers: Record<string, string | number> = { 'grpc-status': Status.OK };
  private responded = false;
  private readonly abort = new AbortController();
  /** Aborts when the call is over, whoever ended it. */
  readonly signal = this.abort.signal;

  constructor(
    private readonly stream: ServerHttp2Stream,
    readonly headers: IncomingHttpHeaders,
  ) {
    stream.on('data', (chunk: Buffer) => this.take(chunk));
    stream.on('end', () => {
      // A caller that died ends its stream too; half a request is none, whatever came of it.
      if (!stream.aborted) this.guarded(() => this.onEnd());
    });
    stream.on('close', () => this.abort.abort());
    // A peer that goes away is no error of ours; `close` follows.
    stream.on('error', () => undefined);
    stream.on('wantTrailers', () => {
      if (!stream.destroyed) stream.sendTrailers(this.trailers);
    });
  }

  /** Writes frames; false when the peer should be waited for (`drained`). */
  write(frames: Buffer): boolean {
    if (this.signal.aborted || this.stream.writableEnded) return true;
    this.respond();
    return this.stream.write(frames);
  }

  /** Resolves when the peer has taken what was written, or the call is over. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.signal.aborted || !this.stream.writableNeedDrain) return resolve();
      const done = (): void => {
        this.stream.off('drain', done);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      this.stream.on('drain', done);
      this.signal.addEventListener('abort', done, { once: true });
    });
  }

  end(error?: unknown): void {
    if (this.signal.aborted || this.stream.writableEnded) return;
    if (error !== undefined) {
      const { code, message, trailers } =
        error instanceof GrpcError
          ? error
          : new GrpcError(Status.UNKNOWN, 'Exception was thrown by handler.');
      this.trailers = { 'grpc-status': code, 'grpc-message': encodeURI(message), ...trailers };
    }
    this.respond();
    this.stream.end();
  }

  /** Ends the call without a status, as a server does that stops. */
  breakOff(): void {
    if (!this.stream.destroyed) this.stream.close(constants.NGHTTP2_NO_ERROR);
  }

  /** Runs a handler; what it throws ends the call. */
  guarded(run: () => void | Promise<void>): void {
    try {
      const running = run();
      if (running instanceof Promise) running.catch((error: unknown) => this.end(error));
    } catch (error) {
      this.end(error);
    }
  }

  private respond(): void {
    if (this.responded) return;
    this.responded = true;
    this.stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  }

  private take(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let offset = 0;
    while (this.rest.length - offset >= 5) {
      const length = this.rest.readUInt32BE(offset + 1);
      if (length > MAX_MESSAGE) {
        this.rest = Buffer.alloc(0);
        const detail = 'Received message exceeds the maximum configured message size.';
        return this.end(new GrpcError(Status.RESOURCE_EXHAUSTED, detail));
      }
      if (this.rest.length - offset - 5 < length) break;
      const content = this.rest.subarray(offset + 5, offset + 5 + length);
      offset += 5 + length;
      this.guarded(() => this.onMessage(content));
    }
    this.rest = this.rest.subarray(offset);
  }
}

export type GrpcHandler = (call: GrpcCall) => void;

/** A gRPC server over plain HTTP/2 whose connections can be broken the way a stopping server breaks them. */
export class GrpcServer {
  private readonly server: Http2Server = createServer();
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly calls = new Set<GrpcCall>();

  constructor(handlers: ReadonlyMap<string, GrpcHandler>) {
    this.server.on('session', (session) => {
      this.sessions.add(session);
      session.on('close', () => this.sessions.delete(session));
      session.on('error', () => undefined);
    });
    this.server.on('stream', (stream, headers) => {
      const call = new GrpcCall(stream, headers);
      this.calls.add(call);
      call.signal.addEventListener('abort', () => this.calls.delete(call), { once: true });
      const handler = handlers.get(headers[':path'] ?? '');
      if (handler === undefined) call.end(new GrpcError(Status.UNIMPLEMENTED, 'Service is unimplemented.'));
      else call.guarded(() => handler(call));
    });
  }

  /** Listens on loopback; port 0 takes a free one. Answers the port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  /** Every call ends without a status, every connection is closed, nothing is accepted any more. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const call of this.calls) call.breakOff();
    // The resets leave with the next turn of the loop; a connection destroyed before takes them along.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    for (const session of this.sessions) session.destroy();
    await closed;
  }

  /** Cuts every connection as a network failure does: no reset, no goodbye. */
  cut(): void {
    for (const session of this.sessions) session.socket?.destroy();
  }
}
