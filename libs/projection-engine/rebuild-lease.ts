/** Name of the lease that a rebuild of a projection holds. */
export const rebuildLeaseName = (projection: string): string => `rebuild/${projection}`;
