import type { LifeSize } from './life-run.js';

/** JSON of what `npm run test:life` was asked for. */
export const LIFE_OPTIONS = 'RAPPORT_LIFE_OPTIONS';

/** 5,000 customers with `--full`; enough of them for every command and refusal otherwise. */
export function lifeSize(options = process.env[LIFE_OPTIONS]): LifeSize & { readonly isFull: boolean } {
  const { full = false, ...numbers } = JSON.parse(options ?? '{}') as { full?: boolean } & Partial<LifeSize>;
  return { customers: full ? 5_000 : 400, rounds: 90, seed: 1, isFull: full, ...numbers };
}
