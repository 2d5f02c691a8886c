import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { GrpcCall } from './grpc.server.js';

/** A frame with nothing in it. */
const FRAME = Buffer.alloc(5);

describe('A call to the stand-in', () => {
  const callThat = async (ends: boolean): Promise<{ messages: number; ended: number }> => {
    const seen = { messages: 0, ended: 0 };
    const server = createServer();
    const arrived = new Promise<GrpcCall>((resolve) => {
      server.on('stream', (stream, headers) => {
        const call = new GrpcCall(stream, headers);
        call.onMessage = () => {
          seen.messages++;
          resolve(call);
        };
        call.onEnd = () => {
          seen.ended++;
          call.end();
        };
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    client.on('error', () => undefined);
    const request = client.request({ ':method': 'POST', ':path': '/x' });
    request.on('error', () => undefined);
    request.write(FRAME);
    const { signal } = await arrived;
    const over = signal.aborted ? Promise.resolve() : once(signal, 'abort');
    if (ends) {
      request.end();
      request.resume();
    } else client.destroy();
    await over;
    client.destroy();
    server.close();
    return seen;
  };

  it('is carried out when its caller has said everything', async () => {
    expect(await callThat(true)).toEqual({ messages: 1, ended: 1 });
  });

  it('is forgotten when its caller dies within it: a command is recorded whole or not at all', async () => {
    expect(await callThat(false)).toEqual({ messages: 1, ended: 0 });
  });
});
