import { readConfig, readProjectorConfig, readRelayConfig } from '@rapport/platform';
import { parse } from 'yaml';
import { V8_FLAGS } from '../../apps/cli/connection/server-process.adapter.js';
import { IMAGES } from '../servers/docker-server.js';
import { filesUnder, readSource } from './source-files.js';
import { ROLE_SETTINGS, type RoleSettings } from '../bench/servers/role-settings.js';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: object;
  readonly environment?: Readonly<Record<string, string>>;
  readonly privileged?: boolean;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: {
    readonly resources?: { readonly limits?: { readonly cpus?: string; readonly memory?: string } };
  };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
}

const compose = parse(readSource('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const services = Object.entries(compose.services);
const apps = services.filter(([, service]) => service.build !== undefined);
const dockerfile = readSource('Dockerfile');
const nodeVersion = (JSON.parse(readSource('package.json')) as { devDependencies: Record<string, string> })
  .devDependencies.node!;

/** No container engine runs these tests: what can be read is checked here, what cannot is in docs/limitations.md. */
describe('docker-compose.yml', () => {
  it('has the three servers in the images the tests use, and our three apps', () => {
    const images = Object.fromEntries(services.map(([name, service]) => [name, service.image]));
    expect(images).toMatchObject(IMAGES);
    expect(apps.map(([name]) => name).sort()).toEqual(['api', 'projector', 'relay']);
  });

  it.each(apps)('starts an application there is: %s', (name, { command, environment }) => {
    // The memory of a role is measured as it is started.
    const settings = (ROLE_SETTINGS as Readonly<Record<string, RoleSettings>>)[name] ?? {};
    expect(command).toEqual(['node', ...(settings.flags ?? []), `dist/apps/${name}/main.js`]);
    expect(environment).toMatchObject(settings.environment ?? {});
    const { projects } = JSON.parse(readSource('nest-cli.json')) as {
      projects: Record<string, { type: string; root: string; entryFile: string }>;
    };
    expect(Object.values(projects)).toContainEqual(
      expect.objectContaining({ type: 'application', root: `apps/${name}`, entryFile: 'main' }),
    );
    expect(filesUnder([`apps/${name}`])).toContain(`apps/${name}/main.ts`);
  });

  it.each(services)('gives %s limits', (_name, { deploy, privileged }) => {
    expect(deploy?.resources?.limits).toMatchObject({
      cpus: expect.any(String) as string,
      memory: expect.any(String) as string,
    });
    expect(privileged).toBeUndefined();
  });

  it('lets no port out of loopback', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(Object.keys(IMAGES))('asks %s whether it answers, and the apps wait for it', (name) => {
    expect(compose.services[name]!.healthcheck).toBeDefined();
    for (const [, app] of apps) {
      const awaited = Object.entries(app.depends_on ?? {}).map(([on, { condition }]) => `${on} ${condition}`);
      expect(awaited).toContain(
        name === 'mongodb' ? 'mongodb-replica-set service_completed_successfully' : `${name} service_healthy`,
      );
    }
  });

  it('runs the API on the servers, and says that the links to them are open', () => {
    expect(compose.services.api!.environment).toMatchObject({ RAPPORT_STORE: 'servers' });
    for (const [, { environment }] of apps)
      expect(environment).toMatchObject({ RAPPORT_INSECURE_LINKS: 'allowed' });
  });

  it.each(apps)('starts with the configuration it is given: %s', (name, { environment }) => {
    const read = { api: readConfig, relay: readRelayConfig, projector: readProjectorConfig }[name];
    expect(() => read?.({ NODE_ENV: 'production', ...environment })).not.toThrow();
    expect(read).toBeDefined();
  });

  it.each(apps)('gives %s no more than it needs', (_name, app) => {
    expect(app).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    expect(Object.keys(app.environment ?? {})).toEqual(
      expect.arrayContaining(['EVENTSTOREDB_URL', 'KAFKA_BROKERS', 'MONGODB_URL']),
    );
  });
});

describe('The Dockerfile', () => {
  const lines = dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('uses the Node the project is built and tested with, in every stage', () => {
    const images = lines.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' ')[1]);
    expect(images.length).toBeGreaterThan(1);
    expect(new Set(images)).toEqual(new Set([`node:${nodeVersion}-bookworm-slim`]));
  });

  it('runs without root, development dependencies and tests, with a health check', () => {
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last).toContain('USER node');
    expect(last.findIndex((line) => line === 'USER node')).toBeLessThan(
      last.findIndex((line) => line.startsWith('CMD ')),
    );
    expect(last.some((line) => line.startsWith('HEALTHCHECK'))).toBe(true);
    expect(dockerfile).toContain('npm prune --omit=dev');
    const copied = last.filter((line) => line.startsWith('COPY')).join('\n');
    expect(copied).not.toMatch(/dist\/test|dist\/scripts|COPY \./);
  });

  it('starts what the build makes', () => {
    expect(dockerfile).toContain(
      'CMD ["node", "--v8-pool-size=1", "--max-semi-space-size=64", "dist/apps/api/main.js"]',
    );
    expect(filesUnder(['apps/api'])).toContain('apps/api/main.ts');
  });

  it('starts the API as the CLI and npm start do', () => {
    const { scripts } = JSON.parse(readSource('package.json')) as { scripts: Record<string, string> };
    const command = ['node', ...V8_FLAGS, 'dist/apps/api/main.js'];
    expect(JSON.parse(/^CMD (.*)$/m.exec(dockerfile)![1]!)).toEqual(command);
    expect(scripts['start']!.endsWith(`&& ${command.join(' ')}`)).toBe(true);
  });
});
