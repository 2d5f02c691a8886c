import canonicalize from 'canonicalize';
import { isPersonalToken } from '@rapport/contracts';
import { differencesOf } from '@rapport/projection-engine';
import type { CheckResult } from './check-result.js';

/** Documents of one projection by key. */
export type Documents = ReadonlyMap<string, object>;

/** When and where in a log something was recorded is what two runs may differ in. */
const OF_THE_RUN = new Set(['position', 'recordedAt', 'recordedAtMs', 'offset']);

/** The same commands make the same documents, whatever the product runs on: canonical JSON without what is of the run. */
export function sameDocuments(
  servers: ReadonlyMap<string, Documents>,
  embedded: ReadonlyMap<string, Documents>,
): CheckResult {
  const violations: string[] = [];
  let checked = 0;
  for (const projection of new Set([...servers.keys(), ...embedded.keys()])) {
    const ours: Documents = servers.get(projection) ?? new Map();
    const theirs: Documents = embedded.get(projection) ?? new Map();
    for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
      checked++;
      const [a, b] = [ours.get(key), theirs.get(key)];
      if (!a || !b) violations.push(`${projection} ${key}: only ${a ? 'on servers' : 'embedded'}`);
      else {
        const [left, right] = [withoutTheRun(a) as object, withoutTheRun(b) as object];
        if (canonicalize(left) !== canonicalize(right))
          violations.push(
            `${projection} ${key}: ${JSON.stringify(differencesOf(left, right, 3)).slice(0, 400)}`,
          );
      }
    }
  }
  return { name: 'Embedded = servers', checked, violations };
}

function withoutTheRun(value: unknown): unknown {
  if (isPersonalToken(value)) return 'personal';
  if (Array.isArray(value)) return value.map(withoutTheRun);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !OF_THE_RUN.has(name))
      .map(([name, inner]) => [name, withoutTheRun(inner)]),
  );
}
