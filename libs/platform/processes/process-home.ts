import type { IndexValue, ReadModelStore } from '@rapport/read-model';

/** A trigger that is not done with: it waits for its time, or for an operator. Key: `<customerId>/<eventId>`. */
export interface ProcessTask {
  readonly kind: 'task';
  readonly status: 'waiting' | 'failed';
  readonly streamId: string;
  readonly eventId: string;
  readonly eventType: string;
  /** Revision of the trigger in its stream. */
  readonly revision: string;
  /** Looked at again from then, epoch ms. */
  readonly dueAtMs: number;
  /** How often it was tried and failed. */
  readonly attempts: number;
  /** Why it failed last: code or name of the error and a sentence; never a value of a customer. */
  readonly reason: string | null;
  /** Guard of the store: grows with every change of this task. */
  readonly change: number;
}

/** What a process has done since it was switched on. Key: `status`. */
export interface ProcessCounts {
  readonly kind: 'status';
  /** The start these documents belong to. */
  readonly startedEventId: string;
  /** Commands carried out. */
  acted: number;
  /** Commands the rules refused. */
  refused: number;
  /** Triggers passed over because they happened too long ago. */
  passedOver: number;
  lastActedAtMs: number | null;
  lastRefusal: string | null;
  lastError: { readonly reason: string; readonly atMs: number } | null;
  change: number;
}

export const STATUS_KEY = 'status';
const PARTITION = 0;
const VERSION = 1;

const INDEXES: Readonly<Record<string, (document: ProcessTask | ProcessCounts) => IndexValue>> = {
  dueAtMs: (document) =>
    document.kind === 'task' && document.status === 'waiting' ? document.dueAtMs : null,
  status: (document) => (document.kind === 'task' ? document.status : null),
};

export interface HomeProgress {
  readonly checkpoint: string;
  readonly through: bigint;
}

/** Where the checkpoint, the counts and the unfinished triggers of one process are kept; a generation per start. */
export class ProcessHome {
  private readonly projection: string;

  constructor(
    process: string,
    private readonly store: ReadModelStore,
  ) {
    this.projection = `process-${process}`;
  }

  /** What is kept for the start of now; undefined when the process was never started, or not looked at since. */
  async open(startedEventId: string): Promise<OpenHome | undefined> {
    const active = (await this.store.generations(this.projection)).find(({ status }) => status === 'active');
    if (!active) return undefined;
    const { collection } = active;
    const status = await this.store.get<ProcessCounts>(collection, STATUS_KEY);
    const progress = await this.store.checkpoint(collection, PARTITION);
    if (status?.document.startedEventId !== startedEventId || !progress) return undefined;
    return new OpenHome(this.store, collection, status.document, progress);
  }

  /** A new home that begins behind the start; what an earlier start left is dropped. */
  async begin(startedEventId: string, progress: HomeProgress): Promise<OpenHome> {
    const former = await this.store.generations(this.projection);
    const generation = Math.max(0, ...former.map((one) => one.generation)) + 1;
    await this.store.createGeneration({
      projection: this.projection,
      version: VERSION,
      generation,
      indexes: Object.keys(INDEXES),
    });
    const { collection } = (await this.store.generations(this.projection)).find(
      (one) => one.generation === generation,
    )!;
    const counts: ProcessCounts = {
      kind: 'status',
      startedEventId,
      acted: 0,
      refused: 0,
      passedOver: 0,
      lastActedAtMs: null,
      lastRefusal: null,
      lastError: null,
      change: 1,
    };
    await this.store.saveMany(collection, [writeOf(STATUS_KEY, counts)]);
    await this.store.finishFilling(collection, { partition: PARTITION, ...progress });
    await this.store.activate(this.projection, VERSION, generation);
    for (const one of former) await this.store.dropGeneration(this.projection, one.version, one.generation);
    return new OpenHome(this.store, collection, counts, progress);
  }
}

const writeOf = (key: string, document: ProcessTask | ProcessCounts) => ({
  key,
  position: BigInt(document.change),
  document,
  indexes: Object.fromEntries(Object.entries(INDEXES).map(([name, valueOf]) => [name, valueOf(document)])),
});

export const taskKey = ({ streamId, eventId }: Pick<ProcessTask, 'streamId' | 'eventId'>): string =>
  `${streamId.slice(streamId.indexOf('-') + 1)}/${eventId}`;

const TASKS_PER_READ = 100;

/** The documents of one start of one process. Whoever writes an older state of one than is stored changes nothing. */
export class OpenHome {
  constructor(
    private readonly store: ReadModelStore,
    private readonly collection: string,
    readonly counts: ProcessCounts,
    public progress: HomeProgress,
  ) {}

  /** Tasks whose time has come, the longest waiting first. */
  async dueTasks(nowMs: number): Promise<readonly ProcessTask[]> {
    return this.tasks([{ index: 'dueAtMs', op: '<=', value: nowMs }]);
  }

  async failedTasks(): Promise<readonly ProcessTask[]> {
    return this.tasks([{ index: 'status', op: '=', value: 'failed' }]);
  }

  async countTasks(status: ProcessTask['status']): Promise<number> {
    return this.store.count(this.collection, [{ index: 'status', op: '=', value: status }]);
  }

  /** Stores tasks, or that they are done with, the counts and the progress; the checkpoint not before the rest. */
  async save(
    tasks: readonly { readonly task: ProcessTask; readonly done: boolean }[],
    progress?: HomeProgress,
  ): Promise<void> {
    this.counts.change += 1;
    await this.store.saveMany(
      this.collection,
      [
        ...tasks.map(({ task, done }) =>
          done
            ? { key: taskKey(task), position: BigInt(task.change), document: null, indexes: {} }
            : writeOf(taskKey(task), task),
        ),
        writeOf(STATUS_KEY, this.counts),
      ],
      progress && { partition: PARTITION, ...progress },
    );
    if (progress) this.progress = progress;
  }

  /** Stores tasks alone, for who does not run the process. */
  async saveTasks(tasks: readonly ProcessTask[]): Promise<void> {
    await this.store.saveMany(
      this.collection,
      tasks.map((task) => writeOf(taskKey(task), task)),
    );
  }

  private async tasks(where: Parameters<ReadModelStore['count']>[1]): Promise<readonly ProcessTask[]> {
    const rows = await this.store.query<ProcessTask>(this.collection, {
      where: where!,
      orderBy: [{ index: 'dueAtMs', direction: 'asc' }],
      limit: TASKS_PER_READ,
    });
    return rows.map(({ document }) => document);
  }
}
