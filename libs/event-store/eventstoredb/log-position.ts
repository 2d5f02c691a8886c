import type { Position } from '@eventstore/db-client';
import { RapportError } from '@rapport/contracts';
import { START, type Checkpoint } from '../event-store.port.js';

const CHECKPOINT = /^(\d{1,20})\/(\d{1,20})$/;

/** `<commit>/<prepare>`, both decimal: a checkpoint of this adapter. */
export const checkpointOf = ({ commit, prepare }: Position): Checkpoint => `${commit}/${prepare}`;

/** Undefined at the start of the log. Throws INTERNAL for what is no checkpoint of this adapter. */
export function positionAt(checkpoint: Checkpoint | undefined): Position | undefined {
  if (checkpoint === undefined || checkpoint === START) return undefined;
  const parts = CHECKPOINT.exec(checkpoint);
  if (parts === null) throw new RapportError('INTERNAL', 'The checkpoint was not made by this store.');
  return { commit: BigInt(parts[1]!), prepare: BigInt(parts[2]!) };
}

export const isAfter = (a: Position, b: Position): boolean =>
  a.commit > b.commit || (a.commit === b.commit && a.prepare > b.prepare);

/** Position that a reader is complete to at a checkpoint; a pair with a smaller prepare lies before its event. */
export const completeTo = (position: Position | undefined): bigint =>
  position === undefined ? 0n : position.prepare < position.commit ? position.commit - 1n : position.commit;
