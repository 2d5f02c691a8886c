import { contractOf } from '@rapport/contracts';

/** Data of a stored event in the shape consumers see. */
export interface Upcasted {
  readonly schemaVersion: number;
  readonly data: Readonly<Record<string, unknown>>;
}
export type Upcast = (
  type: string,
  schemaVersion: number,
  data: Readonly<Record<string, unknown>>,
) => Upcasted;

/**
 * Brings data of any released version to the latest one. An unknown type, or a version newer than this program knows,
 * passes through unchanged: readers ignore or park it, nothing crashes and nothing is lost.
 */
export const upcastToLatest: Upcast = (type, schemaVersion, data) => {
  const contract = contractOf(type);
  if (contract === undefined || schemaVersion >= contract.version) return { schemaVersion, data };
  let current = { schemaVersion, data };
  for (const step of contract.upcasters)
    if (step.from === current.schemaVersion)
      current = { schemaVersion: step.from + 1, data: step.upcast(current.data) };
  return current;
};
