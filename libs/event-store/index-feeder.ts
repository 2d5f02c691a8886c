import { RapportError } from '@rapport/contracts';
import type { Scheduler } from '@rapport/runtime';
import type { CommandIndex, CommandIndexMaintenance } from './command-index.port.js';
import type { EventCodec } from './codec/event-codec.js';
import { START, type EventStore, type LogPage } from './event-store.port.js';
import type { IdentifierIndexMaintenance } from './identifier-index.port.js';
import type { IdentifierHasher } from './identifiers/identifier-changes.js';
import { identifiersOfEvents } from './identifiers/identifiers-of-log.js';
import { indexedCommandsOf } from './logged-commands.js';
import { backoffMs, isTransient } from './retry.js';

export interface IndexFeederParts {
  readonly store: Pick<EventStore, 'subscribeAll'>;
  readonly commands: Pick<CommandIndex, 'watermark'> & CommandIndexMaintenance;
  readonly identifiers: Pick<IdentifierIndexMaintenance, 'applyIdentifierChanges'>;
  readonly codec: EventCodec;
  readonly hasher: IdentifierHasher;
  readonly scheduler: Pick<Scheduler, 'sleep'>;
  /** 0 to below 1, for jitter. */
  readonly random: () => number;
  /** Events taken at once; default what the store gives. */
  readonly pageSize?: number;
  /** Pause after a small page, ms; default 0. What comes meanwhile is applied together: a tenth of the writes at a steady trickle. */
  readonly gatherMs?: number;
  /** An identifier may lead to somebody else, or to nobody, since this page. */
  readonly onIdentifiersTaken?: () => void;
  readonly onProgress?: (status: IndexFeederStatus) => void;
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
}

export interface IndexFeederStatus {
  /** `waiting`: an error that goes away by itself is being waited out. `stopped`: by its signal, or by `error`. */
  readonly state: 'following' | 'waiting' | 'stopped';
  /** Position both indexes are complete to, as far as this feeder knows; 0n before it looked. */
  readonly through: bigint;
  /** Pages that this feeder applied, and pages that another one had applied already. */
  readonly appliedPages: number;
  readonly skippedPages: number;
  /** Failures in a row; 0 while all is well. */
  readonly failures: number;
  /** Name and message of the last failure in a row, at most 300 characters. */
  readonly error?: string;
}

/**
 * Keeps the command index and the identifier index complete where the store has none inside its append: follows the
 * log from the checkpoint kept with the watermark and applies page after page, the watermark last.
 *
 * Any number of processes may feed the same indexes: entries are the same whoever applies them, the watermark only
 * rises, and a page that another feeder has applied is skipped. A watermark that fell shows that the store lost what it
 * had acknowledged: it is fed again from there. Errors that go away by themselves are waited out with
 * capped, jittered delays, for ever; other errors end `run`, because an index with a hole would let a command through twice.
 */
export class IndexFeeder {
  private current: IndexFeederStatus = {
    state: 'stopped',
    through: 0n,
    appliedPages: 0,
    skippedPages: 0,
    failures: 0,
  };
  /** Highest watermark seen stored since the log is followed: it only rises, unless the store loses writes. */
  private stored = 0n;

  constructor(private readonly parts: IndexFeederParts) {}

  status(): IndexFeederStatus {
    return this.current;
  }

  /** Follows the log until aborted. Rejects with an error that does not go away. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        try {
          await this.follow(signal);
          // A subscription that ends by itself says nothing about the log: it is opened again, not at once.
          if (!signal.aborted) await this.pause(new Error('the subscription ended'), signal);
        } catch (error) {
          if (signal.aborted) break;
          if (!isTransient(error)) throw error;
          await this.pause(error, signal);
        }
      }
      this.set({ state: 'stopped' });
    } catch (error) {
      this.set({ state: 'stopped', failures: this.current.failures + 1, error: textOf(error) });
      throw error;
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const { store, commands, pageSize, gatherMs = 0 } = this.parts;
    const after = (await commands.checkpoint()) ?? START;
    this.stored = (await commands.watermark()) ?? 0n;
    this.set({ state: 'following', through: this.stored });
    for await (const page of store.subscribeAll({ after, pageSize, signal })) {
      const isApplied = await this.apply(page);
      const { appliedPages, skippedPages, through } = this.current;
      this.set({
        state: 'following',
        failures: 0,
        error: undefined,
        through: page.through > through ? page.through : through,
        appliedPages: appliedPages + (isApplied ? 1 : 0),
        skippedPages: skippedPages + (isApplied ? 0 : 1),
      });
      if (signal.aborted) return;
      if (gatherMs > 0 && page.events.length < GATHERED_EVENTS)
        await this.parts.scheduler.sleep(gatherMs, signal);
    }
  }

  /** False when another feeder has been here. */
  private async apply({ events, through, checkpoint }: LogPage): Promise<boolean> {
    const { commands, identifiers, onIdentifiersTaken } = this.parts;
    // Also of a page that another feeder applied: what this process remembers is its own.
    if (onIdentifiersTaken && events.some(({ type }) => TAKES_IDENTIFIERS.has(type))) onIdentifiersTaken();
    const stored = (await commands.watermark()) ?? 0n;
    // Going on would put the watermark above a hole, and what fell into it could be carried out a second time.
    if (stored < this.stored)
      throw new RapportError('UNAVAILABLE', `the index stood at ${this.stored} and stands at ${stored} now`);
    this.stored = stored;
    if (stored >= through) return false;
    const { changes } = await identifiersOfEvents(events, this.parts);
    if (changes.length > 0) await identifiers.applyIdentifierChanges(changes);
    await commands.applyCommands(indexedCommandsOf(events), through, checkpoint);
    this.stored = through;
    return true;
  }

  private async pause(error: unknown, signal: AbortSignal): Promise<void> {
    const failures = this.current.failures + 1;
    this.set({ state: 'waiting', failures, error: textOf(error) });
    const delayMs = backoffMs(failures, this.parts.random);
    this.parts.onRetry?.(error, failures, delayMs);
    await this.parts.scheduler.sleep(delayMs, signal);
  }

  private set(changes: Partial<IndexFeederStatus>): void {
    this.current = { ...this.current, ...changes };
    this.parts.onProgress?.(this.current);
  }
}

/** A page that is larger than this is not waited for: there is much to do. */
const GATHERED_EVENTS = 100;
/** Events after which an identifier no longer leads where it led. */
const TAKES_IDENTIFIERS: ReadonlySet<string> = new Set([
  'IdentifierRemoved',
  'CustomerErased',
  'CustomerSealed',
  'CustomersUnmerged',
]);

const textOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 300);
