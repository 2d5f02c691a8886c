import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RapportError } from '@rapport/contracts';
import { asRapportError, isIoError, isStorageFull } from './connection.adapter.js';

interface Pending {
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export interface GroupCommitHooks {
  /** What was read or counted inside the transaction did not happen: forget it. */
  readonly onRollback?: () => void;
  readonly onCommitted?: () => void;
  /** Pieces of work per transaction at most; default 1,000. */
  readonly maxPerTransaction?: number;
}

/**
 * Callers that arrive in the same turn of the event loop share one transaction and one disk flush; each is answered only
 * after COMMIT. A lone caller waits for nobody: its transaction starts when the turn ends. A piece of work that throws is
 * rolled back with the transaction and the others are carried out again without it.
 */
export class GroupCommit {
  private queue: Pending[] = [];
  private scheduled = false;
  private closed = false;
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

  /** Runs `work` inside the next transaction; may run it again after a rollback, so it keeps no state of its own. */
  submit<T>(work: () => T): Promise<T> {
    if (this.closed) return Promise.reject(new RapportError('UNAVAILABLE', 'The store is closed.'));
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ work, resolve, reject });
      if (!this.scheduled) this.schedule();
    });
  }

  /** Commits what is waiting, then accepts nothing more. */
  close(): void {
    while (this.queue.length > 0) this.flush();
    this.closed = true;
  }

  private schedule(): void {
    this.scheduled = true;
    // setImmediate, not a microtask: requests that arrived on several sockets in one poll share the flush.
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    let batch = this.queue.splice(0, this.maxPerTransaction);
    if (this.queue.length > 0 && !this.scheduled) this.schedule();
    while (batch.length > 0) {
      const failed = this.attempt(batch);
      if (failed === undefined) return;
      batch = batch.filter((pending) => pending !== failed);
    }
  }

  /** The piece of work that has to go before the others can be tried again; undefined when all have their answer. */
  private attempt(batch: readonly Pending[]): Pending | undefined {
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
        return current;
      }
      // A flush that failed half-way may or may not have reached the disk: only asking again can tell.
      const answer =
        committing && !isStorageFull(error)
          ? new RapportError('OUTCOME_UNKNOWN', 'The disk did not confirm the write.', { retryAfterS: 1 })
          : asRapportError(error);
      for (const pending of batch) pending.reject(answer);
      return undefined;
    }
    for (let i = 0; i < batch.length; i++) batch[i]!.resolve(answers[i] as never);
    this.hooks.onCommitted?.();
    return undefined;
  }
}
