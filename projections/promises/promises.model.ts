import type { DataOf, PromiseMade } from '@rapport/contracts';

export type PromiseSide = DataOf<typeof PromiseMade>['by'];
export type PromiseSubject = DataOf<typeof PromiseMade>['what'];
export type PromiseStatus = 'open' | 'kept' | 'broken';

/** One promise and what became of it. Key: `<customerId>/<promiseId>`. */
export interface PromiseRow {
  status: PromiseStatus;
  by: PromiseSide;
  what: PromiseSubject;
  /** Who of ours answers for it; null = nobody is known. */
  ownerId: string | null;
  /** Epoch ms. */
  dueAtMs: number;
  madeAtMs: number;
  /** Kept or broken, epoch ms. */
  settledAtMs: number | null;
  /** Why it was broken. */
  reasonCode: string | null;
  /** Promises made under this id: a settled id may be used again. The next three are how they ended. */
  made: number;
  keptInTime: number;
  /** Kept after it was due, or made good after it was broken. */
  keptLate: number;
  broken: number;
}

/** A promise as it is answered. */
export interface PromiseEntry {
  readonly customerId: string;
  readonly promiseId: string;
  readonly status: PromiseStatus;
  readonly by: PromiseSide;
  readonly what: PromiseSubject;
  readonly ownerId: string | null;
  /** ISO-8601 UTC. */
  readonly madeAt: string;
  readonly dueAt: string;
  /** Open, and its time has passed. */
  readonly overdue: boolean;
  readonly settledAt: string | null;
  readonly reasonCode: string | null;
}

/** How one manager and one side keep their word. */
export interface KeptRate {
  readonly ownerId: string | null;
  readonly by: PromiseSide;
  readonly made: number;
  /** Open and not yet due. */
  readonly pending: number;
  readonly keptInTime: number;
  readonly keptLate: number;
  readonly broken: number;
  /** Open although due: nobody said yet what became of them. */
  readonly overdue: number;
  /** Kept in time of all that were due or settled, 0 to 1; null while none is. */
  readonly keptRate: number | null;
}
