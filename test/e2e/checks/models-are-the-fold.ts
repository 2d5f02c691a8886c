import type { VerifyReport } from '@rapport/projection-engine';
import type { CheckResult } from './check-result.js';

/** I5: every document equals the naive fold of the log, its position and index values included, parked events left out. */
export function modelsAreTheFold(
  report: Pick<VerifyReport, 'collections' | 'differences' | 'differingDocuments'>,
): CheckResult {
  const violations = report.differences.map(
    ({ projection, key, path, stored, expected }) =>
      `${projection} ${key}${path}: ${text(stored)} is stored, ${text(expected)} is the fold`,
  );
  if (report.differingDocuments > 0 && violations.length === 0)
    violations.push(`${report.differingDocuments} documents differ`);
  for (const { projection, skipped } of report.collections)
    if (skipped !== undefined) violations.push(`${projection} was not checked: ${skipped}`);
  return {
    name: 'I5 models are the fold',
    checked: report.collections.reduce((sum, { documents }) => sum + documents, 0),
    violations,
  };
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))?.slice(
    0,
    200,
  ) ?? 'nothing';
