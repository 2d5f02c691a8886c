import type { LeaseStore } from '@rapport/read-model';
import type { Clock } from '@rapport/runtime';

export interface LeaseParts {
  readonly readModels: LeaseStore;
  readonly clock: Clock;
  /** This process, for people to read. */
  readonly holder: string;
}

/** The right to do something alone. */
export interface Alone {
  /** To be handed to every write: false once the right was given to another process. */
  mayWrite(): Promise<boolean>;
  /** To be asked before each part of the work; false: another process has it now, stop. */
  renew(): Promise<boolean>;
}

/**
 * Does work that one process at a time may do. The right lapses `leaseMs` after it was taken or renewed, should this
 * process die; the token of the lease is looked at in every write that is given `mayWrite`, so that a process which was
 * held up and replaced records nothing any more. undefined: another process is at it.
 */
export async function underLease<Done>(
  name: string,
  leaseMs: number,
  { readModels, clock, holder }: LeaseParts,
  work: (alone: Alone) => Promise<Done>,
): Promise<Done | undefined> {
  const answer = await readModels.acquireLease(name, holder, clock.nowMs(), leaseMs);
  if (answer.kind === 'held') return undefined;
  const { lease } = answer;
  try {
    return await work({
      mayWrite: () => readModels.holdsLease(lease),
      renew: () => readModels.renewLease(lease, clock.nowMs(), leaseMs),
    });
  } finally {
    await readModels.releaseLease(lease);
  }
}
