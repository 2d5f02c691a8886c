import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createLogger, openEmbeddedRuntime, readConfig, type Runtime } from '@rapport/platform';
import { createApi, type Api } from '../api.application.js';

interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** What only a socket can send. */
describe('A connection', () => {
  const root = mkdtempSync(join(tmpdir(), 'rapport-edge-'));
  let runtime: Runtime;
  let api: Api;
  let auth: string;
  let port: number;
  beforeAll(async () => {
    const config = readConfig({
      RAPPORT_DATA_DIR: join(root, 'data'),
      RAPPORT_MASTER_KEY_FILE: join(root, 'keys/master.key'),
      RAPPORT_REVIEW_INTERVAL_MS: '0',
    });
    const logger = createLogger('silent');
    runtime = await openEmbeddedRuntime(config, { distDir: resolve('dist'), logger });
    const limits = { headersMs: 400, requestMs: 800, checkEveryMs: 100 };
    api = await createApi(runtime, logger, '0.0.0', resolve('.'), limits);
    await api.app.listen(0, '127.0.0.1');
    ({ port } = api.app.getHttpServer().address() as AddressInfo);
    auth = `Host: x\r\nAuthorization: Bearer ${await runtime.tokens.mintLocal()}\r\n`;
  });
  afterAll(async () => {
    await api.app.close();
    await runtime.stop();
    rmSync(root, { recursive: true, force: true });
  });

  /** Sends bytes and answers what came back until the server hung up or the answer was complete. */
  const send = (...parts: readonly (string | Buffer)[]): Promise<RawAnswer> =>
    new Promise((done, fail) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      const end = (): void => {
        socket.destroy();
        const [head = '', ...rest] = text.split('\r\n\r\n');
        done({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') });
      };
      socket.setEncoding('utf8').on('data', (data) => {
        text += String(data);
        const length = /content-length: (\d+)/i.exec(text)?.[1];
        const at = text.indexOf('\r\n\r\n');
        if (at >= 0 && length !== undefined && Buffer.byteLength(text.slice(at + 4)) >= Number(length)) end();
      });
      socket.on('close', end).on('error', fail);
      for (const part of parts) socket.write(part);
    });

  const POST = '/v1/customers/email:edge@example.com/touch-points';
  const TOUCH = '{"direction":"in","kind":"call"}';
  const json = (key: string): string =>
    `${auth}Content-Type: application/json\r\nIdempotency-Key: ${key}\r\n`;

  it.each([
    ['no HTTP at all', () => ['hello\r\n\r\n'], 400, 'MALFORMED_REQUEST'],
    ['no host', () => ['GET /v1/funnel HTTP/1.1\r\n\r\n'], 400, 'MALFORMED_REQUEST'],
    ['a method nobody knows', () => [`BREW /v1/funnel HTTP/1.1\r\n${auth}\r\n`], 400, 'MALFORMED_REQUEST'],
    ['bytes in the address', () => [Buffer.from(`GET /v1/customers/email:\xff@b.c HTTP/1.1\r\n${auth}\r\n`, 'latin1')], 400, 'MALFORMED_REQUEST'],
    ['a bad chunk', () => [`POST ${POST} HTTP/1.1\r\n${json('1')}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n`], 400, 'MALFORMED_REQUEST'],
    ['two ways to say how long it is', () => [`POST ${POST} HTTP/1.1\r\n${json('2')}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`], 400, 'MALFORMED_REQUEST'],
    ['two lengths', () => [`POST ${POST} HTTP/1.1\r\n${json('3')}Content-Length: 3\r\nContent-Length: 4\r\n\r\n{}  `], 400, 'MALFORMED_REQUEST'],
    ['a body without a length', () => [`POST ${POST} HTTP/1.1\r\n${json('4')}\r\n${TOUCH}`], 400, 'MALFORMED_REQUEST'],
    ['a length beyond the limit', () => [`POST ${POST} HTTP/1.1\r\n${json('5')}Content-Length: 99999999999\r\n\r\n{}`], 413, 'PAYLOAD_TOO_LARGE'],
    ['chunks beyond the limit', () => [`POST ${POST} HTTP/1.1\r\n${json('6')}Transfer-Encoding: chunked\r\n\r\n`, ...Array.from({ length: 20 }, () => `4000\r\n${'x'.repeat(16_384)}\r\n`)], 413, 'PAYLOAD_TOO_LARGE'],
    ['headers beyond the limit', () => [`GET /v1/funnel HTTP/1.1\r\n${auth}X-More: ${'a'.repeat(20_000)}\r\n\r\n`], 431, 'HEADERS_TOO_LARGE'],
    ['an address beyond the limit', () => [`GET /v1/funnel?${'a'.repeat(20_000)} HTTP/1.1\r\n${auth}\r\n`], 431, 'HEADERS_TOO_LARGE'],
    ['the wish for a tunnel', () => [`CONNECT example.com:443 HTTP/1.1\r\n${auth}\r\n`], 405, 'METHOD_NOT_ALLOWED'],
    ['headers that do not end', () => ['GET /v1/funnel HTTP/1.1\r\nHost: x\r\n'], 408, 'REQUEST_TIMEOUT'],
    ['a body that does not end', () => [`POST ${POST} HTTP/1.1\r\n${json('7')}Content-Length: 32\r\n\r\n{"direction"`], 408, 'REQUEST_TIMEOUT'],
  ] as const)('with %s gets a problem', async (_, parts, status, code) => {
    const answer = await send(...parts());
    expect({ status: answer.status, code: /"code":"(\w+)"/.exec(answer.body)?.[1] }).toEqual({ status, code });
    expect(answer.head).toMatch(/content-type: application\/problem\+json/i);
    expect(answer.head).toMatch(/x-content-type-options: nosniff/i);
  }); // prettier-ignore

  it('may expect what nobody knows', async () => {
    const { status } = await send(`POST ${POST} HTTP/1.1\r\n${json('8')}Expect: wonders\r\nContent-Length: ${TOUCH.length}\r\n\r\n${TOUCH}`); // prettier-ignore
    expect(status).toBe(201);
  });

  it('may send its body in chunks', async () => {
    const { status } = await send(`POST ${POST} HTTP/1.1\r\n${json('9')}Transfer-Encoding: chunked\r\n\r\n${TOUCH.length.toString(16)}\r\n${TOUCH}\r\n0\r\n\r\n`); // prettier-ignore
    expect(status).toBe(201);
  });
});
