/** How much is sent, and how often what breaks. */
export interface FaultRunSize {
  readonly seed: number;
  readonly customers: number;
  readonly commandsPerCustomer: number;
  readonly projectors: number;
  readonly killsPerRole: number;
  /** Of Kafka stopped and of the document server killed; the other way round one less. */
  readonly outagesOfEachKind: number;
  /** How long a projector sleeps, longer than a session of its group. */
  readonly zombieMs: number;
}

/** What one pipeline run can afford: a few minutes on two cores, which fold every read model beside all the servers. */
export const CI_SIZE: FaultRunSize = {
  seed: 1,
  customers: 600,
  commandsPerCustomer: 12,
  projectors: 2,
  killsPerRole: 2,
  outagesOfEachKind: 1,
  zombieMs: 20_000,
};

/** What a release is held to. */
export const FULL_SIZE: FaultRunSize = {
  seed: 1,
  customers: 5_200,
  commandsPerCustomer: 12,
  projectors: 3,
  killsPerRole: 11,
  outagesOfEachKind: 2,
  zombieMs: 60_000,
};

/** Set by `npm run test:e2e -- --full --seed 7 …`: JSON of `{ full, …options }`. */
export const OPTIONS_VARIABLE = 'RAPPORT_E2E_OPTIONS';

/** Size of this run. Throws for an option that is none, or no number. */
export function sizeFrom(environment: Readonly<Record<string, string | undefined>>): FaultRunSize {
  const { full = false, ...given } = JSON.parse(environment[OPTIONS_VARIABLE] ?? '{}') as Record<
    string,
    unknown
  >;
  const size = full === true ? FULL_SIZE : CI_SIZE;
  for (const [name, value] of Object.entries(given))
    if (!(name in size) || typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      throw new Error(`${name} is no whole number that ${OPTIONS_VARIABLE} takes`);
  return { ...size, ...given };
}

/** How often each nemesis has to strike, for those that have to. */
export function wantedStrikes({ killsPerRole, outagesOfEachKind }: FaultRunSize) {
  const plan = {
    'poison event': 1,
    'newer schema version': 1,
    'kill -9 api': killsPerRole,
    'kill -9 relay': killsPerRole,
    'kill -9 projector': killsPerRole,
    'Kafka stopped': outagesOfEachKind,
    'Kafka killed': Math.max(0, outagesOfEachKind - 1),
    'document server stopped': Math.max(0, outagesOfEachKind - 1),
    'document server killed': outagesOfEachKind,
    'acknowledged writes lost': 1,
    'zombie projector': 1,
    'duplicate deliveries': 1,
    'relay checkpoint set back': 1,
  };
  return new Map((Object.entries(plan) as [keyof typeof plan, number][]).filter(([, times]) => times > 0));
}
export type NemesisName = Parameters<ReturnType<typeof wantedStrikes>['get']>[0];
