import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP link to a server that a test can cut and restore. */
export interface FaultyLink {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Resets every connection; new ones are taken. */
  cut(): void;
  /** Resets every connection and refuses new ones until `restore`. */
  down(): Promise<void>;
  restore(): Promise<void>;
  /** Resets every connection once this many more bytes went to the server: in the middle of a request, usually. */
  cutAfter(bytes: number): void;
  close(): Promise<void>;
}

/** Opens a link to `host:port`. */
export async function openFaultyLink(target: string): Promise<FaultyLink> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const sockets = new Set<Socket>();
  let bytesLeft = Infinity;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    client.on('data', (chunk) => {
      bytesLeft -= chunk.length;
      upstream.write(bytesLeft < 0 ? chunk.subarray(0, chunk.length + bytesLeft) : chunk);
      if (bytesLeft >= 0) return;
      bytesLeft = Infinity;
      cut();
    });
    upstream.on('data', (chunk) => client.write(chunk));
  });
  const listen = (at: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(0);
  const ownPort = (server.address() as AddressInfo).port;
  const down = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      cut();
    });
  return {
    address: `127.0.0.1:${ownPort}`,
    cut,
    down,
    restore: () => listen(ownPort),
    cutAfter: (bytes) => {
      bytesLeft = bytes;
    },
    close: () => (server.listening ? down() : Promise.resolve()),
  };
}
