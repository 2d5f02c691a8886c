import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { COPY_BACK_PAGES } from './connection.adapter.js';

/** The write-ahead log and how much of it the database has, in pages. */
interface LogPages {
  readonly log: number;
  readonly checkpointed: number;
}

/** Says how far a copy is, without copying anything. */
export const COPIED = 'PRAGMA wal_checkpoint(NOOP)';
export const pagesToCopy = (copied: StatementSync): number => {
  const { log, checkpointed } = copied.get() as unknown as LogPages;
  return log - checkpointed;
};

export interface CopyBackOptions {
  /** Compiled `copy-back.worker.js`. */
  readonly entry: string;
  /** Told when the thread ends by an error; commits copy then, until another is started. */
  readonly onTrouble: (error: Error) => void;
}
/** What the thread is told. */
export interface CopyBackSettings {
  readonly databaseFile: string;
}
export type ToCopyBack = 'copy' | 'close';

/** Pages, as multiples of those after which a copy is asked for, after which whoever commits no longer waits for it. */
const BACKSTOP = 4;

/**
 * Has the write-ahead log copied back into its database by a thread with a connection of its own, so that no commit waits
 * for the copying. The thread starts with the first copy; where it fails or cannot keep up, commits copy as without it.
 */
export class CopyBack {
  private worker: Worker | undefined;
  private ended: Promise<void> | undefined;
  private isCopying = false;
  private readonly copied: StatementSync;

  constructor(
    database: DatabaseSync,
    private readonly databaseFile: string,
    private readonly options: CopyBackOptions,
  ) {
    database.exec(`PRAGMA wal_autocheckpoint = ${BACKSTOP * COPY_BACK_PAGES}`);
    this.copied = database.prepare(COPIED);
  }

  /** Something was committed: starts a copy when there is enough to copy. */
  committed(): void {
    if (this.isCopying || pagesToCopy(this.copied) < COPY_BACK_PAGES) return;
    this.isCopying = true;
    this.worker ??= this.start();
    this.send('copy');
  }

  async close(): Promise<void> {
    // Waited for, also by a process that has nothing else to do.
    this.worker?.ref();
    this.send('close');
    await this.ended;
  }

  private send(message: ToCopyBack): void {
    this.worker?.postMessage(message);
  }

  private start(): Worker {
    const workerData: CopyBackSettings = { databaseFile: this.databaseFile };
    const worker = new Worker(this.options.entry, { workerData });
    worker.on('message', () => (this.isCopying = false));
    worker.on('error', this.options.onTrouble);
    this.ended = new Promise((resolve) =>
      worker.on('exit', () => {
        this.worker = undefined;
        this.isCopying = false;
        resolve();
      }),
    );
    // A process that has nothing else to do may end.
    worker.unref();
    return worker;
  }
}
