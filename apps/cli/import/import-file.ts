import { statSync } from 'node:fs';
import type { Clock, Scheduler } from '@rapport/runtime';
import { CliError, EXIT } from '../exit-codes.js';
import type { Progress } from '../terminal/progress.js';
import { BatchSender, laterToken, type BatchAnswer, type BatchTarget, type Sent } from './batch-sender.js';
import type { Mapping } from './mapping.schema.js';
import { RejectsFile } from './rejects-file.js';
import { compileRowMapper } from './row-mapper.js';
import { readRows } from './row-reader.js';

export interface ImportSummary {
  readonly file: string;
  readonly mapping: string;
  readonly rows: number;
  /** Rows whose events were recorded by this run. */
  readonly accepted: number;
  /** Rows that were recorded before: nothing new was written. */
  readonly replayed: number;
  readonly rejected: number;
  /** Distinct customers among accepted and replayed rows. */
  readonly customers: number;
  /** Events recorded by this run. */
  readonly events: number;
  readonly rejectsFile?: string;
  readonly elapsedMs: number;
  /** Read-your-writes token of the newest write. */
  readonly token?: string;
  readonly interrupted: boolean;
}

export interface ImportOptions {
  readonly file: string;
  readonly mapping: Mapping;
  readonly rejectsPath: string;
  readonly target: BatchTarget;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly progress: Progress;
  readonly lanes: number;
  readonly batchSize: number;
  readonly retryForMs: number;
  readonly signal: AbortSignal;
  /** Sees every answered row; tests keep their own record with it. */
  readonly onSent?: (sent: readonly Sent<Origin>[]) => void;
}

interface Origin {
  readonly line: number;
  readonly raw: readonly string[];
}

/**
 * Streams a file through a mapping into batches. Rows that cannot be mapped, and rows the service refuses, go to the
 * rejects file with line number and reason; the others are recorded once, however often the import is run.
 */
export async function importFile(options: ImportOptions): Promise<ImportSummary> {
  const { file, mapping, clock, progress, signal } = options;
  const totalBytes = statSync(file).size;
  const startedMs = clock.monotonicMs();
  const rejects = new RejectsFile(options.rejectsPath);
  rejects.start();
  const customers = new Set<string>();
  const sum = { rows: 0, accepted: 0, replayed: 0, events: 0 };
  let token: string | undefined;
  let readBytes = 0;
  let settledRows = 0;

  const show = (): void => {
    // Bytes are read ahead of the answers by at most what is in flight; the bar counts what is answered.
    const share = sum.rows === 0 ? 0 : settledRows / sum.rows;
    progress.update({
      done: Math.round(readBytes * share),
      total: totalBytes,
      items: settledRows,
      ...(rejects.count > 0 ? { note: `${rejects.count} rejected` } : {}),
    });
  };
  const reject = (origin: Origin, code: string, reason: string): void =>
    rejects.add(origin.line, code, reason, origin.raw);
  const onSent = (sent: readonly Sent<Origin>[], answer: BatchAnswer): void => {
    for (const { origin, result } of sent) {
      settledRows++;
      if (result.customerId !== undefined) customers.add(result.customerId);
      if (result.status === 'accepted') {
        sum.accepted++;
        sum.events += result.eventIds?.length ?? 0;
      } else if (result.status === 'replayed') sum.replayed++;
      else
        reject(
          origin,
          result.problem?.code ?? result.status.toUpperCase(),
          result.problem?.detail ?? result.problem?.title ?? 'refused by the service',
        );
    }
    if (answer.token !== undefined) token = laterToken(token, answer.token);
    options.onSent?.(sent);
    show();
  };

  const sender = new BatchSender<Origin>({
    target: options.target,
    scheduler: options.scheduler,
    lanes: options.lanes,
    batchSize: options.batchSize,
    retryForMs: options.retryForMs,
    nowMs: () => clock.monotonicMs(),
    signal,
    onSent,
  });
  const mapRow = compileRowMapper(mapping);
  let interrupted = false;
  try {
    for await (const row of readRows(file, mapping, (bytes) => (readBytes = bytes))) {
      if (signal.aborted) break;
      sum.rows++;
      const origin = { line: row.line, raw: row.raw };
      const mapped =
        'problem' in row ? ({ kind: 'reject', code: 'BAD_ROW', reason: row.problem } as const) : mapRow(row);
      if (mapped.kind === 'item') await sender.add(mapped.orderKey, mapped.item, origin);
      else {
        settledRows++;
        reject(origin, mapped.code, mapped.reason);
      }
    }
    if (!signal.aborted) await sender.flush();
  } catch (error) {
    if (!(error instanceof CliError && error.exitCode === EXIT.interrupted)) throw error;
  } finally {
    interrupted = signal.aborted;
    progress.stop();
    rejects.close();
  }
  return {
    file,
    mapping: mapping.name,
    ...sum,
    rejected: rejects.count,
    customers: customers.size,
    ...(rejects.count > 0 ? { rejectsFile: rejects.path } : {}),
    elapsedMs: clock.monotonicMs() - startedMs,
    ...(token === undefined ? {} : { token }),
    interrupted,
  };
}
