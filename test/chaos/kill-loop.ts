import { epochMsOf } from '@rapport/contracts';
import type { ServerClient } from '../../apps/cli/connection/server-client.js';
import { demoStream } from '../../apps/cli/demo/demo-stream.js';
import { SeededRandom } from '../../apps/cli/demo/seeded-random.js';
import { AmbiguousBatch, laneOf, type ItemResult } from '../../apps/cli/import/batch-sender.js';
import type { BatchItem } from '../../apps/cli/import/row-mapper.js';
import { CliError } from '../../apps/cli/exit-codes.js';
import { openStores } from '../../apps/cli/product.js';
import { Acknowledgements } from './acknowledgements.js';
import { runRapport } from '../support/rapport-process.js';
import { ServerFolder } from '../support/server-folder.js';

export interface KillLoopOptions {
  readonly kills: number;
  readonly seed: number;
  readonly customers: number;
  /** Called after each restart. */
  readonly onKill?: (row: KillRow) => void;
}

export interface KillRow {
  readonly kill: number;
  /** Commands acknowledged when the process was killed. */
  readonly acknowledged: number;
  /** Batches whose answer the kill took away. */
  readonly cutOff: number;
  readonly restartMs: number;
}

export interface KillLoopReport {
  readonly kills: readonly KillRow[];
  readonly commands: number;
  readonly accepted: number;
  readonly refused: number;
  /** Batches that had no answer and were sent again with the same keys. */
  readonly repeatedBatches: number;
  readonly events: number;
  /** Acknowledged events that the log does not hold. */
  readonly lost: number;
  /** Events that stand twice, and commands that were carried out again when everything was sent once more. */
  readonly doubled: number;
  readonly contradictions: readonly string[];
  readonly verify: { readonly exitCode: number; readonly clean: boolean; readonly output: string };
}

const WORKERS = 6;
const LARGEST_BATCH = 60;

/**
 * Sends a seeded life of customers to a real server that is killed (SIGKILL) again and again at seeded moments, keeps
 * its own record of every answer, and compares it with the log at the end.
 */
export async function runKillLoop(options: KillLoopOptions): Promise<KillLoopReport> {
  const folder = new ServerFolder('kill');
  const random = new SeededRandom(options.seed, 999_983);
  const record = new Acknowledgements();
  const frame = {
    seed: options.seed,
    fromMs: epochMsOf('2022-01-01T00:00:00Z'),
    untilMs: epochMsOf('2024-12-31T00:00:00Z'),
  };
  const stream = demoStream(options.customers, frame);
  const lanes = splitIntoLanes(stream);
  const rows: KillRow[] = [];
  const state = {
    repeated: 0,
    cutOff: 0,
    finished: false,
    killAt: Number.POSITIVE_INFINITY,
    killing: undefined as Promise<void> | undefined,
  };
  try {
    await folder.start();
    const client = folder.client();
    // Kills are spread over the whole run: after a seeded number of acknowledgements each.
    const share = stream.length / (options.kills + 1);
    const kill = async (): Promise<void> => {
      const acknowledged = record.answeredCount;
      state.cutOff = 0;
      await folder.server.kill();
      const startedMs = performance.now();
      await folder.start();
      rows.push({
        kill: rows.length + 1,
        acknowledged,
        cutOff: state.cutOff,
        restartMs: performance.now() - startedMs,
      });
      options.onKill?.(rows.at(-1)!);
      planNext();
    };
    const planNext = (): void => {
      state.killAt =
        rows.length < options.kills
          ? Math.floor(share * (rows.length + 0.3 + 0.6 * random.uniform()))
          : Number.POSITIVE_INFINITY;
      state.killing = undefined;
    };
    planNext();

    const worker = async (lane: readonly BatchItem[], seed: number): Promise<void> => {
      const sizes = new SeededRandom(options.seed, seed);
      for (let at = 0; at < lane.length;) {
        const batch = lane.slice(at, at + sizes.integer(1, LARGEST_BATCH));
        await sendUntilAnswered(client, batch, record, state);
        at += batch.length;
        if (record.answeredCount >= state.killAt && !state.killing)
          // Not at the end of an answer, but somewhere within the work of the others.
          state.killing = new Promise((done) => setTimeout(done, random.uniform() * 25)).then(kill);
      }
    };
    await Promise.all(lanes.map((lane, index) => worker(lane, index + 1)));
    await state.killing;

    const events = await readLog(folder);
    const doubledInLog = countDoubles(events);
    const inLog = new Set(events.map(({ eventId }) => eventId));
    const lost = record.eventIds().filter((id) => !inLog.has(id)).length;
    // Everything that was recorded once more: nothing may be carried out again.
    const recorded = stream.map(({ item }) => item).filter((item) => record.has(keyOf(item)));
    for (let at = 0; at < recorded.length; at += 500)
      await sendUntilAnswered(client, recorded.slice(at, at + 500), record, state);
    const after = await readLog(folder);
    await client.close();
    const verify = await runVerify(folder);
    return {
      kills: rows,
      commands: stream.length,
      accepted: record.acceptedCount,
      refused: record.refusedCount,
      repeatedBatches: state.repeated,
      events: events.length,
      lost,
      doubled: doubledInLog + (after.length - events.length),
      contradictions: record.contradictions,
      verify,
    };
  } finally {
    await folder.remove();
  }
}

function splitIntoLanes(stream: ReturnType<typeof demoStream>): BatchItem[][] {
  const lanes: BatchItem[][] = Array.from({ length: WORKERS }, () => []);
  for (const { customer, item } of stream) lanes[laneOf(customer, WORKERS)]!.push(item);
  return lanes;
}

async function sendUntilAnswered(
  client: ServerClient,
  batch: readonly BatchItem[],
  record: Acknowledgements,
  state: { repeated: number; cutOff: number },
): Promise<void> {
  let open = batch;
  let isRepeated = false;
  const deadlineMs = Date.now() + 60_000;
  while (open.length > 0) {
    try {
      const { results } = await client.send(open);
      open = results
        .filter((result) => !settle(open[result.index]!, result, record))
        .map(({ index }) => open[index]!);
    } catch (error) {
      if (!(error instanceof AmbiguousBatch || (error instanceof CliError && error.exitCode === 5)))
        throw error;
      if (!isRepeated) {
        isRepeated = true;
        state.repeated++;
        state.cutOff++;
      }
    }
    if (open.length === 0) return;
    if (Date.now() > deadlineMs) throw new Error('the server did not come back within 60 s');
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Writes an answer down; false when it left the outcome open. */
function settle(item: BatchItem, result: ItemResult, record: Acknowledgements): boolean {
  const key = keyOf(item);
  if (result.status === 'accepted' || result.status === 'replayed') {
    record.accepted(key, {
      customerId: result.customerId!,
      eventIds: result.eventIds ?? [],
      revision: result.revision!,
    });
    return true;
  }
  const code = result.problem?.code ?? 'none';
  if (result.status === 'invalid')
    throw new Error(`${item.command} is not valid: ${JSON.stringify(result.problem)}`);
  if ((result.problem?.status ?? 0) >= 500 || code === 'CONFLICT' || code === 'IN_PROGRESS') return false;
  record.refused(key, code);
  return true;
}

const keyOf = (item: BatchItem): string => Acknowledgements.keyOf(item.customer!, item.sourceEventId);

interface LogEntry {
  readonly eventId: string;
  readonly streamId: string;
  readonly revision: bigint;
}

/** Every event of the log, read beside the running server. */
async function readLog(folder: ServerFolder): Promise<readonly LogEntry[]> {
  const opened = await openStores({}, folder.dataDir);
  try {
    const events: LogEntry[] = [];
    for await (const page of opened.history.readAll())
      for (const { eventId, streamId, revision } of page.events) events.push({ eventId, streamId, revision });
    return events;
  } finally {
    await opened.close();
  }
}

function countDoubles(events: readonly LogEntry[]): number {
  const ids = new Set(events.map(({ eventId }) => eventId)).size;
  const places = new Set(events.map(({ streamId, revision }) => `${streamId}@${revision}`)).size;
  return events.length - Math.min(ids, places);
}

async function runVerify(folder: ServerFolder): Promise<KillLoopReport['verify']> {
  const { exitCode, stdout, stderr } = await runRapport(folder, [
    'verify',
    '--json',
    '--quiet',
    '--data',
    folder.dataDir,
  ]);
  const clean = exitCode === 0 && (JSON.parse(stdout) as { clean: boolean }).clean;
  return { exitCode, clean, output: `${stdout}${stderr}` };
}
