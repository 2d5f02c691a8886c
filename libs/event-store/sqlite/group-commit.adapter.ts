import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RapportError } from '@rapport/contracts';
import { asRapportError, isIoError, isStorageFull } from './connection.adapter.js';

interface Pending {
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Brings what is committed to the disk, for a database whose COMMIT does not wait for it. */
export interface DiskFlush {
  /** Returns when it is there. Throws when the disk does not confirm. */
  now(): void;
  /** The same while the thread goes on. */
  soon(): Promise<void>;
}

export interface GroupCommitHooks {
  /** What was read or counted inside the transaction did not happen: forget it. */
  readonly onRollback?: () => void;
  /** What was committed is on the disk. */
  readonly onCommitted?: () => void;
  /** Pieces of work per transaction at most; default 1,000. */
  readonly maxPerTransaction?: number;
  /** Absent: COMMIT itself waits for the disk. */
  readonly flush?: DiskFlush;
}

interface Committed {
  readonly pieces: readonly Pending[];
  readonly answers: readonly unknown[];
}

/**
 * Callers that arrive in the same turn of the event loop share one transaction and one disk flush; each is answered only
 * after the flush. A lone caller waits for nobody: its transaction starts when the turn ends. A piece of work that throws
 * is rolled back with the transaction and the others are carried out again without it.
 *
 * With `flush` the thread goes on while the disk works: what comes meanwhile is the next transaction, which begins when
 * the flush has ended. A flush that fails may have lost what the system took for written, and the next one would not
 * tell: nothing is accepted any more.
 */
export class GroupCommit {
  private queue: Pending[] = [];
  private running: Promise<void> | undefined;
  /** The way to the disk of what was committed last. */
  private flushing: Promise<boolean> | undefined;
  private closed = false;
  private failure: RapportError | undefined;
  private readonly begin: StatementSync;
  private readonly commit: StatementSync;
  private readonly maxPerTransaction: number;

  constructor(
    private readonly database: DatabaseSync,
    private readonly hooks: GroupCommitHooks = {},
  ) {
    this.begin = database.prepare('BEGIN IMMEDIATE');
    this.commit = database.prepare('COMMIT');
    this.maxPerTransaction = hooks.maxPerTransaction ?? 1_000;
  }

  /**
   * Runs `work` inside the next transaction; may run it again after a rollback, so it keeps no state of its own. Throws
   * what `work` throws, STORAGE_FULL, UNAVAILABLE; OUTCOME_UNKNOWN when the disk did not confirm.
   */
  submit<T>(work: () => T): Promise<T> {
    if (this.closed) return Promise.reject(new RapportError('UNAVAILABLE', 'The store is closed.'));
    if (this.failure) return Promise.reject(this.failure);
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ work, resolve, reject });
      this.running ??= this.run();
    });
  }

  /** Why nothing is accepted any more, if so. */
  get trouble(): Error | undefined {
    return this.failure;
  }

  /** Resolves when everything committed so far is on the disk. Throws UNAVAILABLE when the disk did not confirm. */
  async settled(): Promise<void> {
    await this.flushing;
    if (this.failure) throw this.failure;
  }

  /** Commits what is waiting, then accepts nothing more. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
  }

  private async run(): Promise<void> {
    // setImmediate, not a microtask: requests that arrived on several sockets in one poll share the flush.
    await endOfTurn();
    const { flush } = this.hooks;
    let isLone = this.queue.length === 1;
    while (this.queue.length > 0) {
      const committed = this.carryOut(this.queue.splice(0, this.maxPerTransaction));
      if (committed) {
        this.flushing = this.isOnDisk(isLone);
        if (await this.flushing) this.answer(committed);
        else this.fail(committed);
      }
      isLone = false;
      if (!flush && this.queue.length > 0) await endOfTurn();
    }
    this.running = undefined;
  }

  private async isOnDisk(isLone: boolean): Promise<boolean> {
    const { flush } = this.hooks;
    try {
      // Alone there is nothing to go on with, and the detour over another thread takes its time.
      if (isLone) flush?.now();
      else await flush?.soon();
      return true;
    } catch {
      return false;
    }
  }

  private answer({ pieces, answers }: Committed): void {
    for (let i = 0; i < pieces.length; i++) pieces[i]!.resolve(answers[i] as never);
    this.hooks.onCommitted?.();
  }

  private fail({ pieces }: Committed): void {
    this.failure = new RapportError(
      'UNAVAILABLE',
      'The disk did not confirm a write: nothing more is recorded until the service is started again.',
    );
    for (const { reject } of pieces) reject(notConfirmed());
    for (const { reject } of this.queue.splice(0)) reject(this.failure);
  }

  /** Commits what can be carried out and answers the rest; undefined when nothing was committed. */
  private carryOut(batch: readonly Pending[]): Committed | undefined {
    let pieces = batch;
    while (pieces.length > 0) {
      const outcome = this.attempt(pieces);
      if (outcome.kind === 'committed') return { pieces, answers: outcome.answers };
      if (outcome.kind === 'answered') return undefined;
      pieces = pieces.filter((pending) => pending !== outcome.piece);
    }
    return undefined;
  }

  /** `failed`: this piece of work has to go before the others can be tried again. */
  private attempt(
    batch: readonly Pending[],
  ):
    | { kind: 'committed'; answers: readonly unknown[] }
    | { kind: 'failed'; piece: Pending }
    | { kind: 'answered' } {
    const answers: unknown[] = [];
    let current: Pending | undefined;
    let committing = false;
    try {
      this.begin.run();
      for (current of batch) answers.push(current.work());
      current = undefined;
      committing = true;
      this.commit.run();
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      this.hooks.onRollback?.();
      if (current !== undefined && !isStorageFull(error) && !isIoError(error)) {
        current.reject(asRapportError(error));
        return { kind: 'failed', piece: current };
      }
      // A commit that failed half-way may or may not have reached the disk: only asking again can tell.
      const answer = committing && !isStorageFull(error) ? notConfirmed() : asRapportError(error);
      for (const pending of batch) pending.reject(answer);
      return { kind: 'answered' };
    }
    return { kind: 'committed', answers };
  }
}

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const notConfirmed = (): RapportError =>
  new RapportError('OUTCOME_UNKNOWN', 'The disk did not confirm the write.', { retryAfterS: 1 });
