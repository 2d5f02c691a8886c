import { randomUUID } from 'node:crypto';
import { addressOf, openFaultyLink, waitUntil, type FaultyLink } from '@rapport/testing';
import { startRoleProcess, type RoleProcess } from '../support/role-process.js';

const DEADLINE_MS = 60_000;
/** Tries that fail before the server is there: the first and what comes after it can fail in different ways. */
const FAILURES = 3;

/** The server's address with the link in its place, as the variable that names it. */
const THROUGH_LINK: Readonly<Record<string, (link: FaultyLink) => Record<string, string>>> = {
  eventstoredb: ({ address }) => {
    const url = new URL(addressOf('eventstoredb'));
    return { EVENTSTOREDB_URL: `esdb://${address}${url.search}` };
  },
  kafka: ({ address }) => ({ KAFKA_BROKERS: address }),
  mongodb: ({ address }) => {
    const url = new URL(addressOf('mongodb'));
    url.host = address;
    // Else the driver learns the server's own address and goes around the link.
    url.searchParams.set('directConnection', 'true');
    return { MONGODB_URL: url.href };
  },
};
const hostOf = (server: string): string =>
  server === 'kafka' ? addressOf('kafka').split(',')[0]! : new URL(addressOf(server as never)).host;

describe.each(['relay', 'projector'] as const)('A %s that is there before its servers', (name) => {
  let link: FaultyLink;
  let role: RoleProcess | undefined;
  afterEach(async () => {
    await role?.end('SIGKILL');
    role = undefined;
    await link.close();
  });

  it.each(Object.keys(THROUGH_LINK))(
    'waits for %s, says that it is not ready, and is ready once it comes',
    async (server) => {
      link = await openFaultyLink(hostOf(server));
      await link.down();
      let failures = 0;
      role = await startRoleProcess(name, {
        environment: {
          MONGODB_DATABASE: `before_${randomUUID().replaceAll('-', '')}`,
          ...THROUGH_LINK[server]!(link),
        },
        onOutput: (text) => (failures += text.split('UNAVAILABLE').length - 1),
      });
      const isReady = async (): Promise<boolean> => (await fetch(`${role!.url}/health/ready`)).status === 200;
      await waitUntil('some tries to fail', DEADLINE_MS, () => failures >= FAILURES, 50);
      expect(await isReady()).toBe(false);
      await link.restore();
      await waitUntil('it to be ready', DEADLINE_MS, isReady, 50);
    },
    3 * DEADLINE_MS,
  );
});
