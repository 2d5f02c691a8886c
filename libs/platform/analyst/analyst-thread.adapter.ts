import { Worker } from 'node:worker_threads';
import { RapportError, type ErrorCode } from '@rapport/contracts';
import type { StoreSettings } from '../stores.js';
import type { AnalystAnswer, AnalystJob } from './analyst-jobs.js';

/** What the thread needs to open the stores by itself. */
export interface AnalystSettings {
  readonly stores: StoreSettings;
  readonly ruleBookFile?: string;
}

export type AnalystRequest = { readonly id: number; readonly job: AnalystJob };
export type AnalystResponse =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly detail: string } };

/** Does the work of analysts in a thread with connections of its own; the thread starts with the first job. */
export class AnalystThread {
  private worker: Worker | undefined;
  private readonly waiting = new Map<
    number,
    { resolve: (answer: unknown) => void; reject: (error: unknown) => void }
  >();
  private nextId = 1;

  constructor(
    /** Compiled `analyst.worker.js`. */
    private readonly entry: string,
    private readonly settings: AnalystSettings,
  ) {}

  do<Job extends AnalystJob>(job: Job): Promise<AnalystAnswer<Job>> {
    const worker = (this.worker ??= this.start());
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      worker.postMessage({ id, job } satisfies AnalystRequest);
    });
  }

  async stop(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(this.entry, { workerData: this.settings });
    worker.on('message', (message: AnalystResponse) => {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if ('error' in message) waiting?.reject(new RapportError(message.error.code, message.error.detail));
      else waiting?.resolve(message.answer);
    });
    worker.on('error', () => this.gone());
    worker.on('exit', () => this.gone());
    // A process that has nothing else to do may end.
    worker.unref();
    return worker;
  }

  /** The next job starts another thread. */
  private gone(): void {
    this.worker = undefined;
    for (const { reject } of this.waiting.values())
      reject(new RapportError('UNAVAILABLE', 'The work was interrupted.', { retryAfterS: 1 }));
    this.waiting.clear();
  }
}
