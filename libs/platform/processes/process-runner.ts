import { epochMsOf, MS_PER_DAY, MS_PER_SECOND, RapportError } from '@rapport/contracts';
import type { ErrorCode, RecordedEvent } from '@rapport/contracts';
import { customerDecider, type CustomerState } from '@rapport/domain';
import { stateOfJoined, type EventStore } from '@rapport/event-store';
import { stepKey } from '@rapport/processes';
import type { AnyProcess, ProcessSettings, ProcessStep, ProcessSwitchState } from '@rapport/processes';
import type { Lease, LeaseStore, ReadModelStore } from '@rapport/read-model';
import type { Clock } from '@rapport/runtime';
import type { Principal } from '../access/principal.js';
import type { CustomerCommands } from '../customers/customer-commands.js';
import type { Logger } from '../observability/logger.js';
import { ProcessHome } from './process-home.js';
import type { OpenHome, ProcessTask } from './process-home.js';

export interface ProcessRunnerParts {
  readonly events: Pick<EventStore, 'readAll' | 'readStream' | 'checkpointAt'>;
  readonly store: ReadModelStore & LeaseStore;
  readonly customers: Pick<CustomerCommands, 'carryOut'>;
  /** Whether the process is on, from its own stream. */
  readonly switchOf: (process: string) => Promise<ProcessSwitchState | undefined>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Name of this process of the API, where others may run the same; absent: it is alone. */
  readonly holder?: string;
}

const PRINCIPAL: Principal = {
  subject: 'rapport-processes',
  roles: ['service'],
  scopes: ['customers:write'],
};
const EVENTS_PER_PAGE = 1_000;
/** Callers come first: what is left is for the next round. */
const PAGES_PER_ROUND = 20;
const TASKS_PER_ROUND = 500;
/** A process of the API that dies keeps the others waiting for this long. */
const LEASE_MS = 15_000;
const RENEW_MS = LEASE_MS / 3;

/** Errors that go away by themselves. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'UNAVAILABLE', 'STORAGE_FULL', 'STORE_LOCKED', 'OUTCOME_UNKNOWN', 'CONFLICT', 'IN_PROGRESS', 'RATE_LIMITED',
]); // prettier-ignore
const FIRST_DELAY_MS = 5 * MS_PER_SECOND;
const LONGEST_DELAY_MS = 3_600 * MS_PER_SECOND;
/** What does not go away is tried this often before it is left to an operator; what passes, for about a day. */
const TRIES = 3;
const TRIES_WHEN_PASSING = 30;

/** What became of one look at a trigger: done with, or to be looked at again. */
type Look =
  { readonly kind: 'done' } | { readonly kind: 'again'; readonly atMs: number; readonly error?: unknown };

/**
 * Runs one process: reads its triggers from the log, from its own checkpoint on, and sends the commands it asks for.
 *
 * - A command is carried out once: its key is made of the process and the trigger, and the customer's stream remembers
 *   keys for ever. The checkpoint follows the commands, so a crash anywhere repeats at most what changes nothing.
 * - Nothing is done about what was recorded before the start (or before the earlier point the start names), nor about what
 *   happened longer ago than the start allows.
 * - What fails is kept as a task of its own and tried again; other customers go on. What the rules refuse is done with,
 *   unless the refusal names a date: then it is asked again on that date.
 */
export class ProcessRunner {
  private readonly home: ProcessHome;
  private readonly types: ReadonlySet<string>;
  private open: OpenHome | undefined;
  private lease: Lease | undefined;
  private renewAtMs = 0;

  constructor(
    readonly process: AnyProcess,
    private readonly parts: ProcessRunnerParts,
  ) {
    this.home = new ProcessHome(process.name, parts.store);
    this.types = new Set(process.events);
  }

  /** One round: new triggers, then tasks whose time has come. Resolves false when there was nothing it may do. */
  async round(signal?: AbortSignal): Promise<boolean> {
    const state = await this.parts.switchOf(this.process.name);
    if (!state?.running || state.started === null || !(await this.isLeader())) {
      this.open = undefined;
      return false;
    }
    const { started } = state;
    if (this.open?.counts.startedEventId !== started.eventId) this.open = await this.openFor(started);
    const { open } = this;
    await this.readTriggers(open, started, signal);
    await this.lookAtDue(open, started, signal);
    return true;
  }

  /** Gives the lease back, so that another takes over at once. */
  async stop(): Promise<void> {
    const { lease } = this;
    this.lease = undefined;
    if (lease) await this.parts.store.releaseLease(lease);
  }

  private async openFor(started: Started): Promise<OpenHome> {
    const known = await this.home.open(started.eventId);
    if (known) return known;
    const { events } = this.parts;
    // The log has no order by the time of recording to jump into: what lies before the point is read and passed by.
    if (namesPoint(started))
      return this.home.begin(started.eventId, { checkpoint: events.checkpointAt(0n), through: 0n });
    const stream = await events.readStream(`process-${this.process.name}`);
    const { position } = stream.find(({ eventId }) => eventId === started.eventId)!;
    return this.home.begin(started.eventId, { checkpoint: events.checkpointAt(position), through: position });
  }

  /** The lease only saves double work: commands have keys and documents guards, whoever sends them. */
  private async isLeader(): Promise<boolean> {
    const { holder, store, clock } = this.parts;
    if (holder === undefined) return true;
    const nowMs = clock.nowMs();
    if (this.lease && nowMs < this.renewAtMs) return true;
    if (this.lease && (await store.renewLease(this.lease, nowMs, LEASE_MS))) {
      this.renewAtMs = nowMs + RENEW_MS;
      return true;
    }
    this.lease = undefined;
    const name = `process-${this.process.name}`;
    const answer = await store.acquireLease(name, holder, nowMs, LEASE_MS);
    if (answer.kind === 'held') return false;
    this.lease = answer.lease;
    this.renewAtMs = nowMs + RENEW_MS;
    // Another one worked meanwhile: what it stored is read anew.
    this.open = undefined;
    return true;
  }

  private async readTriggers(open: OpenHome, settings: Started, signal?: AbortSignal): Promise<void> {
    let pages = 0;
    for await (const page of this.parts.events.readAll({
      after: open.progress.checkpoint,
      pageSize: EVENTS_PER_PAGE,
      accept: (streamId, type) => this.types.has(type) && streamId.startsWith('customer-'),
    })) {
      const tasks: { task: ProcessTask; done: boolean }[] = [];
      for (const event of page.events) {
        if (signal?.aborted) return;
        if (isBefore(event, settings)) continue;
        if (this.process.concerns?.(event as never) === false) continue;
        const nowMs = this.parts.clock.nowMs();
        if (nowMs - epochMsOf(event.metadata.occurredAt) > settings.maxAgeDays * MS_PER_DAY) {
          open.counts.passedOver += 1;
          continue;
        }
        const task = await this.lookFirst(open, event, settings, nowMs);
        if (task) tasks.push({ task, done: false });
      }
      const { checkpoint, through } = page;
      if (through > open.progress.through) await open.save(tasks, { checkpoint, through });
      pages += 1;
      if (pages >= PAGES_PER_ROUND || signal?.aborted) return;
      if (this.lease && !(await this.isLeader())) return;
    }
  }

  private async lookFirst(
    open: OpenHome,
    event: RecordedEvent,
    settings: ProcessSettings,
    nowMs: number,
  ): Promise<ProcessTask | undefined> {
    const task: ProcessTask = {
      kind: 'task',
      status: 'waiting',
      streamId: event.streamId,
      eventId: event.eventId,
      eventType: event.type,
      revision: event.revision.toString(),
      dueAtMs: nowMs,
      attempts: 0,
      reason: null,
      change: 1,
    };
    try {
      const lookAtMs = this.process.lookAtMs?.(event as never) ?? nowMs;
      if (lookAtMs > nowMs) return { ...task, dueAtMs: lookAtMs };
    } catch (error) {
      return this.again(open, task, { kind: 'again', atMs: nowMs, error });
    }
    const look = await this.look(open, task, settings);
    return look.kind === 'done' ? undefined : this.again(open, task, look);
  }

  private async lookAtDue(open: OpenHome, settings: ProcessSettings, signal?: AbortSignal): Promise<void> {
    for (let looked = 0; looked < TASKS_PER_ROUND;) {
      const due = await open.dueTasks(this.parts.clock.nowMs());
      if (due.length === 0) return;
      for (const known of due) {
        if (signal?.aborted) return;
        const task = { ...known, change: known.change + 1 };
        const look = await this.look(open, task, settings);
        await open.save([
          look.kind === 'done' ? { task, done: true } : { task: this.again(open, task, look), done: false },
        ]);
      }
      looked += due.length;
      if (this.lease && !(await this.isLeader())) return;
    }
  }

  private async look(open: OpenHome, task: ProcessTask, settings: ProcessSettings): Promise<Look> {
    try {
      // As whoever decides sees the customer: with those that were merged into it.
      const { state: customer, events: stream } = await stateOfJoined<CustomerState>(customerDecider, this.parts.events, task.streamId); // prettier-ignore
      const trigger = stream.find(({ eventId }) => eventId === task.eventId);
      if (!trigger) return { kind: 'done' };
      let againAtMs: number | undefined;
      for (const step of this.process.react(trigger as never, customer, settings)) {
        const atMs = await this.carryOut(open, trigger, step);
        if (atMs !== undefined) againAtMs = Math.max(atMs, againAtMs ?? atMs);
      }
      return againAtMs === undefined ? { kind: 'done' } : { kind: 'again', atMs: againAtMs };
    } catch (error) {
      return { kind: 'again', atMs: this.parts.clock.nowMs(), error };
    }
  }

  /** Sends one command; when it is refused until a date, that date (epoch ms). */
  private async carryOut(
    open: OpenHome,
    trigger: RecordedEvent,
    step: ProcessStep,
  ): Promise<number | undefined> {
    const { customers, clock } = this.parts;
    const { type, ...fields } = step.command;
    try {
      const outcome = await customers.carryOut({
        command: type,
        fields,
        reference: trigger.streamId.slice('customer-'.length),
        idempotencyKey: stepKey(this.process.name, trigger.eventId, step),
        actor: { kind: 'system', id: `process-${this.process.name}` },
        principal: PRINCIPAL,
        correlationId: trigger.metadata.correlationId,
        causationId: trigger.eventId,
      });
      if (outcome.kind === 'recorded' && !outcome.replayed) {
        open.counts.acted += 1;
        open.counts.lastActedAtMs = clock.nowMs();
      } else if (outcome.kind === 'refused') {
        const { earliestAt, code } = outcome.refusal;
        if (earliestAt !== undefined && epochMsOf(earliestAt) > clock.nowMs()) return epochMsOf(earliestAt);
        open.counts.refused += 1;
        open.counts.lastRefusal = code;
      }
    } catch (error) {
      // The step was carried out before, when the customer stood otherwise: it is not done twice.
      if (!(error instanceof RapportError && error.code === 'KEY_REUSED')) throw error;
    }
    return undefined;
  }

  private again(open: OpenHome, task: ProcessTask, look: Extract<Look, { kind: 'again' }>): ProcessTask {
    if (look.error === undefined) return { ...task, dueAtMs: look.atMs };
    const { error } = look;
    const isPassing = error instanceof RapportError && PASSING.has(error.code);
    const attempts = task.attempts + 1;
    const reason = reasonOf(error);
    const nowMs = this.parts.clock.nowMs();
    open.counts.lastError = { reason, atMs: nowMs };
    const failed = attempts >= (isPassing ? TRIES_WHEN_PASSING : TRIES);
    const { streamId, eventType, eventId } = task;
    const what = { process: this.process.name, streamId, eventType, eventId, attempts, reason };
    if (failed) this.parts.logger.error(what, 'a process gave up on a customer: an operator has to look');
    else this.parts.logger.warn(what, 'a process tries again');
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_DELAY_MS);
    return { ...task, status: failed ? 'failed' : 'waiting', dueAtMs: nowMs + delayMs, attempts, reason };
  }
}

type Started = NonNullable<ProcessSwitchState['started']>;

const namesPoint = ({ recordedFrom, afterPosition }: Started): boolean =>
  recordedFrom !== undefined || afterPosition !== undefined;

/** Lies before the point the start names. */
const isBefore = (event: RecordedEvent, { recordedFrom, afterPosition }: Started): boolean =>
  (recordedFrom !== undefined && epochMsOf(event.metadata.recordedAt) < epochMsOf(recordedFrom)) ||
  (afterPosition !== undefined && event.position <= BigInt(afterPosition));

/** Code or name and a sentence; what an error says beyond that may hold values of a customer. */
const reasonOf = (error: unknown): string =>
  error instanceof RapportError ? `${error.code}: ${error.detail}`.slice(0, 300) : (error as Error).name;
