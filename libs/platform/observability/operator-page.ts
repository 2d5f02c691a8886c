import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningRole } from './process-end.js';

export interface OperatorPageParts {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** What `/health/ready` answers: 200 when `ready`, else 503. Holds no personal data. */
  readonly status: () => { readonly ready: boolean };
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
}

export interface OperatorPage {
  readonly url: string;
  close(): void;
}

/** A role that works under its page: `close` ends its connections once the work has ended. */
export async function workUnderPage(
  parts: OperatorPageParts & {
    readonly run: (signal: AbortSignal) => Promise<void>;
    readonly close: () => Promise<unknown>;
  },
): Promise<RunningRole & Pick<OperatorPage, 'url'>> {
  const page = await openOperatorPage(parts);
  const abort = new AbortController();
  const done = parts.run(abort.signal);
  done.catch(() => undefined);
  return {
    url: page.url,
    done,
    stop: async () => {
      abort.abort();
      page.close();
      await done.catch(() => undefined);
      await parts.close();
    },
  };
}

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Health and metrics of a process that has no other edge: reads only, nothing about customers. Throws EADDRINUSE. */
export async function openOperatorPage({
  host,
  port,
  status,
  metrics,
}: OperatorPageParts): Promise<OperatorPage> {
  const server = createServer((request, response) => {
    const send = (code: number, type: string, body: string): void => {
      response.writeHead(code, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET') return send(405, 'text/plain', 'GET only\n');
    if (path === '/health/live') return send(200, 'application/json', '{"status":"alive"}');
    if (path === '/health/ready') {
      const now = status();
      return send(now.ready ? 200 : 503, 'application/json', asJson(now));
    }
    if (path === '/metrics')
      return void metrics().then(
        (text) => send(200, METRICS_TYPE, text),
        () => send(500, 'text/plain', 'no metrics\n'),
      );
    send(404, 'text/plain', 'see /health/live, /health/ready and /metrics\n');
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const asJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
