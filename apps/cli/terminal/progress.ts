import type { Clock } from '@rapport/runtime';
import { SingleBar } from 'cli-progress';
import { formatCount, formatDuration, formatRate } from './format.js';
import type { Terminal } from './terminal.port.js';

/** Progress of one long step. `done` and `total` are in the step's own unit; `items` is what rate counts. */
export interface Progress {
  update(state: {
    readonly done: number;
    readonly total: number;
    readonly items?: number;
    readonly note?: string;
  }): void;
  /** Ends the bar; the last state stays on the screen. */
  stop(): void;
}

/** Without a terminal a line every so often is enough, and logs stay readable. */
const PLAIN_INTERVAL_MS = 5_000;

const SILENT: Progress = { update: () => undefined, stop: () => undefined };

/**
 * A bar with rate and estimated time where there is a terminal, a plain line every five seconds elsewhere, nothing
 * when quiet.
 */
export function startProgress(
  terminal: Terminal,
  clock: Clock,
  options: { readonly label: string; readonly unit: string; readonly quiet: boolean },
): Progress {
  if (options.quiet) return SILENT;
  const startedMs = clock.monotonicMs();
  const figures = (done: number, total: number, items: number): { rate: string; time: string } => {
    const elapsedMs = clock.monotonicMs() - startedMs;
    const etaMs = done > 0 ? (elapsedMs * (total - done)) / done : Number.NaN;
    return {
      rate: formatRate(items, elapsedMs),
      time: done >= total ? `in ${formatDuration(elapsedMs)}` : `ETA ${formatDuration(etaMs)}`,
    };
  };
  const { update, stop } = terminal.barStream
    ? barProgress(terminal.barStream, options, figures)
    : plainProgress(terminal, clock, options, figures);
  // The log may have grown since its length was asked for.
  return { update: (state) => update({ ...state, total: Math.max(state.done, state.total) }), stop };
}

/** `time`: what is left, and what it took when nothing is. */
type Figures = (done: number, total: number, items: number) => { rate: string; time: string };

function barProgress(
  stream: NodeJS.WritableStream,
  options: { readonly label: string; readonly unit: string },
  figures: Figures,
): Progress {
  const bar = new SingleBar({
    stream,
    format: `${options.label} [{bar}] {percentage} % · {items} ${options.unit} · {rate} · {time}{note}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 28,
    hideCursor: true,
    clearOnComplete: false,
    fps: 8,
    gracefulExit: false,
  });
  let started = false;
  return {
    update: ({ done, total, items = done, note }) => {
      const { rate, time } = figures(done, total, items);
      const payload = { items: formatCount(items), rate, time, note: note ? ` · ${note}` : '' };
      if (!started) {
        bar.start(Math.max(1, total), 0, payload);
        started = true;
      }
      bar.setTotal(Math.max(1, total));
      bar.update(total === 0 ? 1 : done, payload);
    },
    stop: () => {
      if (started) bar.stop();
    },
  };
}

function plainProgress(
  terminal: Terminal,
  clock: Clock,
  options: { readonly label: string; readonly unit: string },
  figures: Figures,
): Progress {
  let lastMs = clock.monotonicMs();
  let last: string | undefined;
  return {
    update: ({ done, total, items = done, note }) => {
      const { rate, time } = figures(done, total, items);
      const percentage = total === 0 ? 100 : Math.floor((done / total) * 100);
      last = `${options.label}: ${percentage} % · ${formatCount(items)} ${options.unit} · ${rate} · ${time}${note ? ` · ${note}` : ''}`;
      if (clock.monotonicMs() - lastMs < PLAIN_INTERVAL_MS) return;
      lastMs = clock.monotonicMs();
      terminal.err(last);
      last = undefined;
    },
    stop: () => {
      if (last !== undefined) terminal.err(last);
    },
  };
}
