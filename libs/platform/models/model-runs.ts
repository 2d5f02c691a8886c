import { epochMsOf, eventIdFor, RapportError, type ModelFitted, type DataOf, type RecordedEvent } from '@rapport/contracts'; // prettier-ignore
import { indexedCommandsOf, type CommandIndex, type EventStore } from '@rapport/event-store';
import type { ModelRun, QueryContext } from '@rapport/projection-engine';
import type { KnownAt } from '../read-side/read-request.js';

export const MODEL_NAMES_TO_FIT = ['mbgNbd', 'bgNbd', 'gammaGamma'] as const;
export type ModelName = (typeof MODEL_NAMES_TO_FIT)[number];

export const modelStreamId = (model: ModelName): string => `model-${model}`;

/** A fit with when we came to know it. */
export interface KnownRun {
  readonly run: ModelRun;
  readonly recordedAt: string;
  readonly position: bigint;
}

/** Who asked for a fit, for the metadata of its event. */
export interface FitOrigin {
  readonly subject: string;
  readonly commandKey: string;
  readonly requestHash: string;
  readonly correlationId: string;
}

/** Every fit ever made, from the `model-<name>` streams; kept in memory, they are few. */
export class ModelRuns {
  private runs: KnownRun[] = [];

  constructor(
    private readonly events: EventStore,
    private readonly commands: CommandIndex,
  ) {}

  async load(): Promise<void> {
    const streams = await Promise.all(
      MODEL_NAMES_TO_FIT.map((model) => this.events.readStream(modelStreamId(model))),
    );
    this.runs = [];
    for (const event of streams.flat()) this.remember(event);
  }

  /** Fits of one model, newest first. */
  of(model: ModelName): readonly KnownRun[] {
    return this.runs.filter(({ run }) => run.model === model).reverse();
  }

  /** For each model the fit that speaks for an instant: the latest cut-off at or before it, of equal ones the last recorded. */
  at(asOfMs: number, knownAt?: KnownAt): QueryContext['models'] {
    return Object.fromEntries(this.inForce(asOfMs, knownAt).map(({ run }) => [run.model, run]));
  }

  /** The fits of `at`, with when they were recorded. */
  inForce(asOfMs: number, knownAt?: KnownAt): readonly KnownRun[] {
    const chosen: Partial<Record<ModelName, { known: KnownRun; cutoffMs: number }>> = {};
    for (const known of this.runs) {
      if (!isKnown(known, knownAt)) continue;
      const { model, cutoff } = known.run;
      const cutoffMs = epochMsOf(cutoff);
      const best = chosen[model];
      if (cutoffMs <= asOfMs && (!best || cutoffMs >= best.cutoffMs)) chosen[model] = { known, cutoffMs };
    }
    return MODEL_NAMES_TO_FIT.flatMap((model) => chosen[model]?.known ?? []);
  }

  /** The fit that an earlier request with this key recorded. Throws KEY_REUSED. */
  async recordedBy(model: ModelName, origin: FitOrigin): Promise<KnownRun | undefined> {
    const streamId = modelStreamId(model);
    // An index fed from the log may be behind; the stream is short.
    const entry =
      (await this.commands.find(streamId, origin.commandKey)) ??
      indexedCommandsOf(await this.events.readStream(streamId)).find(
        ({ commandKey }) => commandKey === origin.commandKey,
      );
    if (!entry) return undefined;
    if (entry.requestHash !== origin.requestHash)
      throw new RapportError('KEY_REUSED', 'The key was used for another fit.');
    return this.runs.find((known) => known.position === entry.position);
  }

  /** Records a fit on its stream; it is in force when this resolves. Throws CONFLICT when another was recorded meanwhile. */
  async record(run: Omit<ModelRun, 'modelRunId'>, origin: FitOrigin, nowIso: string): Promise<KnownRun> {
    const streamId = modelStreamId(run.model);
    const last = await this.events.readStream(streamId, { direction: 'backward', maxCount: 1 });
    const revision = last[0]?.revision ?? -1n;
    const data: ModelRun = { modelRunId: `${run.model}-${revision + 2n}`, ...run };
    const eventId = eventIdFor(streamId, origin.commandKey, 'ModelFitted', 0);
    const appended = await this.events.append({
      streamId,
      expectedRevision: revision,
      events: [
        {
          eventId,
          type: 'ModelFitted',
          schemaVersion: 1,
          data,
          metadata: {
            occurredAt: nowIso,
            sourceSystem: origin.subject,
            channel: 'external',
            actor: { kind: 'system', id: origin.subject },
            correlationId: origin.correlationId,
            causationId: origin.correlationId,
            commandKey: origin.commandKey,
          },
        },
      ],
      command: { commandKey: origin.commandKey, requestHash: origin.requestHash },
    });
    if (appended.kind !== 'appended')
      throw new RapportError('CONFLICT', 'Another fit of this model was recorded at the same time.');
    const known = { run: data, recordedAt: appended.recordedAt, position: appended.position };
    this.runs.push(known);
    return known;
  }

  private remember(event: RecordedEvent): void {
    if (event.type !== 'ModelFitted') return;
    const run = event.data as DataOf<typeof ModelFitted>;
    this.runs.push({ run, recordedAt: event.metadata.recordedAt, position: event.position });
    this.runs.sort((a, b) => (a.position < b.position ? -1 : 1));
  }
}

export const isKnown = (known: KnownRun, at: KnownAt | undefined): boolean =>
  at === undefined ||
  ('position' in at ? known.position <= at.position : epochMsOf(known.recordedAt) <= at.recordedAtMs);
