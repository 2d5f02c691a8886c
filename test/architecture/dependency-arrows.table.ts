/**
 * Who may import whom. `dependency-arrows.spec.ts` fails on anything else and says the sentence of the row;
 * the table in docs/explanation/architecture.md is generated from these rows.
 */
export interface Arrow {
  readonly zone: Zone;
  /** Zones it may import, through their alias only. */
  readonly mayImport: readonly Zone[];
  /** Packages and Node modules it may import; a trailing `*` matches the rest. Absent: anything but the `FORBIDDEN_OUTSIDE_EDGES`. */
  readonly packages?: readonly string[];
  /** Of another zone, only what these files of it declare; adapters of another zone are never meant. */
  readonly onlyFrom?: Readonly<Partial<Record<Zone, RegExp>>>;
  readonly sentence: string;
}

export const ZONES = [
  'contracts',
  'analytics',
  'runtime',
  'connections',
  'domain',
  'processes',
  'event-store',
  'event-feed',
  'read-model',
  'relay',
  'projection-engine',
  'projections',
  'platform',
  'apps',
  'testing',
  'test',
] as const;
export type Zone = (typeof ZONES)[number];

const LIBS_AND_PROJECTIONS: readonly Zone[] = [
  'contracts',
  'analytics',
  'runtime',
  'connections',
  'domain',
  'processes',
  'event-store',
  'event-feed',
  'read-model',
  'relay',
  'projection-engine',
  'projections',
];

const PORTS_ONLY = /^libs\/[a-z-]+\/[^/]+\.ts$/;

export const ARROWS: readonly Arrow[] = [
  {
    zone: 'contracts',
    mayImport: [],
    packages: ['@sinclair/typebox*', 'uuid', 'canonicalize', 'node:crypto'],
    sentence: 'Contracts are what everybody agrees on, so they depend on nobody.',
  },
  {
    zone: 'analytics',
    mayImport: [],
    packages: ['@stdlib/*'],
    sentence:
      'Analytics is plain numbers in, plain numbers out: it can be checked against a paper without the product.',
  },
  {
    zone: 'runtime',
    mayImport: [],
    sentence: 'Clock, ids and scheduler are the ground the rest stands on.',
  },
  {
    zone: 'connections',
    mayImport: ['contracts'],
    sentence:
      'What several adapters of one server share knows the server and our errors, and none of our ports.',
  },
  {
    zone: 'domain',
    mayImport: ['contracts'],
    packages: ['@sinclair/typebox*'],
    sentence:
      'The domain knows events and error codes only, so that rules can be replayed, explained and asked "what if".',
  },
  {
    zone: 'processes',
    mayImport: ['contracts', 'domain'],
    packages: [],
    sentence:
      'A process is a pure reaction to an event: it knows the customer as decisions do and asks by commands, never by its own hand.',
  },
  {
    zone: 'event-store',
    mayImport: ['contracts', 'runtime', 'connections'],
    onlyFrom: { runtime: /\.port\.ts$/ },
    sentence: 'The store takes a decider by shape: it and the domain do not import each other.',
  },
  {
    zone: 'event-feed',
    mayImport: ['contracts', 'runtime', 'event-store'],
    onlyFrom: { runtime: /\.port\.ts$/, 'event-store': PORTS_ONLY },
    sentence: 'A feed carries recorded events; the embedded one reads them through the store port.',
  },
  {
    zone: 'read-model',
    mayImport: ['contracts', 'runtime', 'connections'],
    onlyFrom: { runtime: /\.port\.ts$/ },
    sentence: 'Read models keep documents; what a document means is the business of projections.',
  },
  {
    zone: 'relay',
    mayImport: ['contracts', 'runtime', 'connections', 'event-store', 'event-feed', 'read-model'],
    onlyFrom: {
      runtime: /\.port\.ts$/,
      'event-store': PORTS_ONLY,
      'event-feed': PORTS_ONLY,
      'read-model': PORTS_ONLY,
    },
    sentence:
      'The relay copies the log from one port to another: no business, no projection, no driver but for its checkpoint.',
  },
  {
    zone: 'projection-engine',
    mayImport: ['contracts', 'runtime', 'event-store', 'event-feed', 'read-model'],
    onlyFrom: {
      runtime: /\.port\.ts$/,
      'event-store': PORTS_ONLY,
      'event-feed': PORTS_ONLY,
      'read-model': PORTS_ONLY,
    },
    sentence: 'The engine runs on ports, never on an adapter, so that every runner works on every store.',
  },
  {
    zone: 'projections',
    mayImport: ['contracts', 'analytics', 'projection-engine'],
    packages: ['@sinclair/typebox*'],
    onlyFrom: { 'projection-engine': /^libs\/projection-engine\/definition\.ts$/ },
    sentence:
      'A projection is a pure definition over events: no domain, no store, and never another projection.',
  },
  {
    zone: 'platform',
    mayImport: LIBS_AND_PROJECTIONS,
    sentence:
      'The composition root wires domain, projections and adapters into one application that the apps share.',
  },
  {
    zone: 'apps',
    mayImport: [...LIBS_AND_PROJECTIONS, 'platform'],
    sentence: 'Apps are edges: they use every lib, never another app.',
  },
  {
    zone: 'testing',
    mayImport: [...LIBS_AND_PROJECTIONS, 'platform'],
    sentence: 'Test equipment may use anything public; nothing shipped imports it.',
  },
  {
    zone: 'test',
    mayImport: [...LIBS_AND_PROJECTIONS, 'platform', 'apps', 'testing'],
    sentence: 'Tests, benches and scripts may use anything public; nothing shipped imports them.',
  },
];

/** Adapter folders of the ports and the one driver each brings in; undefined = none, `port:` = another port of ours. */
export const ADAPTER_DRIVERS: Readonly<Record<string, string | undefined>> = {
  memory: undefined,
  sqlite: 'node:sqlite',
  store: 'port:event-store',
  eventstoredb: '@eventstore/db-client',
  kafka: 'kafkajs',
  mongodb: 'mongodb',
};

/** Packages that only edges may know. */
export const EDGE_PACKAGES = [
  '@nestjs/*',
  'rxjs*',
  'fastify',
  '@fastify/*',
  'reflect-metadata',
  'class-validator',
  'class-transformer',
];

const list = (zones: readonly Zone[]): string => {
  if (zones.length === 0) return 'nothing of ours';
  const others = zones.filter((zone) => !LIBS_AND_PROJECTIONS.includes(zone));
  const all = zones.length - others.length === LIBS_AND_PROJECTIONS.length;
  return all ? ['every other lib', 'projections', ...others].join(', ') : zones.join(', ');
};

/** The table of docs/explanation/architecture.md. */
export function arrowsAsMarkdown(): string {
  const rows = ARROWS.map((arrow) => {
    const narrowed = Object.entries(arrow.onlyFrom ?? {}).map(([zone, files]) =>
      files.source.endsWith('definition\\.ts$') ? `${zone}: its definition` : `${zone}: ports`,
    );
    const packages = arrow.packages ? arrow.packages.map((name) => `\`${name}\``).join(', ') : 'any';
    const zones = list(arrow.mayImport) + (narrowed.length > 0 ? ` (${narrowed.join(', ')})` : '');
    return `| ${arrow.zone} | ${zones} | ${packages} | ${arrow.sentence} |`;
  });
  return ['| from | may import | packages | because |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
