import type { FaultRunOptions } from './fault-run.js';

/** What one pipeline run can afford: a few minutes on two cores. */
export const CI_SIZE: Omit<FaultRunOptions, 'print'> = {
  seed: 1,
  customers: 600,
  commandsPerCustomer: 10,
  projectors: 2,
  killsPerRole: 2,
  outagesOfEachKind: 1,
  zombieMs: 20_000,
};

/** What a release is held to. */
export const FULL_SIZE: Omit<FaultRunOptions, 'print'> = {
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
export function sizeFrom(
  environment: Readonly<Record<string, string | undefined>>,
): Omit<FaultRunOptions, 'print'> {
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
