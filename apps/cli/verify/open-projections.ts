import type { AnyProjection } from '@rapport/projection-engine';

/** Every projection of the product, under the rule book that the environment names. */
export async function openProjections(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly AnyProjection[]> {
  const { projectionsWith } = await import('@rapport/projections');
  const { projectionDependencies, readConfig, readRuleBook } = await import('@rapport/platform');
  return projectionsWith(projectionDependencies(readRuleBook(readConfig(env).ruleBookFile)));
}
