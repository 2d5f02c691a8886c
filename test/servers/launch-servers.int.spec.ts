import { launchServers } from './launch-servers.js';
import type { RunningServer } from './running-server.js';
import { givenServer } from './given-server.js';

/** Every way to have a server gives the same handle: it keeps its address over a stop, a kill and a restart. */
describe('A server of our own', () => {
  it.each(['kafka', 'mongodb'] as const)('is the same one after a kill: %s', async (name) => {
    const servers = await launchServers({ servers: [name], own: true });
    const server = servers[name] as RunningServer;
    try {
      await server.kill();
      await expect(givenServer(name, server.address, 1_000)).rejects.toThrow('does not answer');
      await server.restart();
      const again = await givenServer(name, server.address);
      expect(again.address).toBe(server.address);
      await server.stop();
      await expect(givenServer(name, server.address, 1_000)).rejects.toThrow('does not answer');
    } finally {
      await servers.dispose();
    }
  });

  it('that cannot be had is named, and nothing is skipped', async () => {
    await expect(
      launchServers({ servers: ['kafka'], environment: { KAFKA_BROKERS: '127.0.0.1:1' } }),
    ).rejects.toThrow('kafka is not there: the given kafka at 127.0.0.1:1 does not answer');
  });
});
