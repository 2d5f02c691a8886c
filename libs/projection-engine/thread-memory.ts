import type { ResourceLimits } from 'node:worker_threads';

/**
 * Memory of a thread that folds: a young generation of 192 MiB (three spaces of 64), because events and JSON texts die
 * young in large numbers; with the default of 48 they are copied about (measured: a fifth of the time).
 */
export const FOLDING_MEMORY: ResourceLimits = { maxYoungGenerationSizeMb: 192 };
