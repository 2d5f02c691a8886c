import { epochMsOf, MS_PER_DAY } from '@rapport/contracts';
import type { DataOf, ErrorCode, NewEvent, ProcessStarted, ProcessStopped, Refusal, StreamEvent } from '@rapport/contracts'; // prettier-ignore
import { PROCESSES } from './registry.js';

export type ProcessCommand =
  | {
      readonly type: 'StartProcess';
      readonly processId: string;
      readonly ownerId: string;
      /** Default 7, or as many as lead back to `recordedFrom`. */
      readonly maxAgeDays?: number;
      /** Also what was recorded from this instant on, ISO-8601. */
      readonly recordedFrom?: string;
      /** Also what stands behind this position of the log. */
      readonly afterPosition?: string;
    }
  | ({ readonly type: 'StopProcess' } & DataOf<typeof ProcessStopped>);

/** Whether a process acts, and how; null = it was never switched on. */
export interface ProcessSwitchState {
  readonly running: boolean;
  /** What was said last; event and time are of the start it has been running since. */
  readonly started:
    (DataOf<typeof ProcessStarted> & { readonly eventId: string; readonly atMs: number }) | null;
}

/** A week: a weekend and a holiday without the process are made up for, an imported history is not. */
const DEFAULT_MAX_AGE_DAYS = 7;
/** What the event may say at most. */
const MOST_AGE_DAYS = 3_650;

const refuse = (code: ErrorCode, sentence: string) => ({
  kind: 'refused' as const,
  refusal: { code, sentence, wayOut: [] } satisfies Refusal,
});

/** UNKNOWN_PROCESS, NOTHING_TO_DO, OCCURRED_IN_FUTURE, INVALID_VALUE. */
function decide(
  state: ProcessSwitchState,
  command: ProcessCommand,
  context: { readonly occurredAtMs: number },
) {
  if (!PROCESSES.some(({ name }) => name === command.processId))
    return refuse(
      'UNKNOWN_PROCESS',
      `There is no process of this name, only ${PROCESSES.map(({ name }) => name).join(', ')}.`,
    );
  if (command.type === 'StopProcess') {
    if (!state.running) return refuse('NOTHING_TO_DO', 'The process is not running.');
    const { processId, reasonCode } = command;
    return accepted({ type: 'ProcessStopped', data: { processId, reasonCode } });
  }
  const { processId, ownerId, recordedFrom, afterPosition } = command;
  const fromMs = recordedFrom === undefined ? context.occurredAtMs : epochMsOf(recordedFrom);
  if (fromMs > context.occurredAtMs)
    return refuse('OCCURRED_IN_FUTURE', 'What a process starts from lies in the past.');
  const daysBack = Math.ceil((context.occurredAtMs - fromMs) / MS_PER_DAY);
  const maxAgeDays = command.maxAgeDays ?? Math.min(MOST_AGE_DAYS, Math.max(DEFAULT_MAX_AGE_DAYS, daysBack));
  const { running, started } = state;
  if (running && (recordedFrom !== undefined || afterPosition !== undefined))
    return refuse('INVALID_VALUE', 'Stop the process before it starts from an earlier point.');
  if (running && started?.ownerId === ownerId && started.maxAgeDays === maxAgeDays)
    return refuse('NOTHING_TO_DO', 'The process is running like that.');
  return accepted({
    type: 'ProcessStarted',
    data: {
      processId,
      ownerId,
      maxAgeDays,
      ...(recordedFrom === undefined ? {} : { recordedFrom }),
      ...(afterPosition === undefined ? {} : { afterPosition }),
    },
  });
}

const accepted = (event: NewEvent) => ({ kind: 'accepted' as const, events: [event] });

function evolve(state: ProcessSwitchState, event: StreamEvent): ProcessSwitchState {
  if (event.type === 'ProcessStopped') return { ...state, running: false };
  if (event.type !== 'ProcessStarted') return state;
  const data = event.data as DataOf<typeof ProcessStarted>;
  // Another owner or age for a process that runs: it goes on from where it stands.
  const since =
    state.running && state.started !== null
      ? {
          eventId: state.started.eventId,
          atMs: state.started.atMs,
          // From where it began is not changed by another owner.
          ...fromOf(state.started),
        }
      : { eventId: event.eventId, atMs: epochMsOf(event.metadata.occurredAt) };
  return { running: true, started: { ...data, ...since } };
}

const fromOf = ({ recordedFrom, afterPosition }: Partial<DataOf<typeof ProcessStarted>>) => ({
  ...(recordedFrom === undefined ? {} : { recordedFrom }),
  ...(afterPosition === undefined ? {} : { afterPosition }),
});

/** The switch of a process, stream `process-<name>`: who let it act, since when, for whom. */
export const processSwitchDecider = {
  category: 'process',
  stateSchemaVersion: 1,
  initialState: (): ProcessSwitchState => ({ running: false, started: null }),
  evolve,
  decide,
} as const;
