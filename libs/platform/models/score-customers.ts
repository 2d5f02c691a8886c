import type { ProjectionReader, QueryContext, ValueTerms } from '@rapport/projection-engine';
import { recencyCutsOf, riskScoreRow, riskScoreRowOf, type ChurnRiskDocument } from '@rapport/projections';
import type { CheckpointWrite, DocumentWrite, IndexValue, ReadModelStore } from '@rapport/read-model';

export interface ScoringRequest {
  readonly asOfMs: number;
  readonly models: QueryContext['models'];
  readonly valueTerms: ValueTerms;
  /** How far the scored documents are complete. */
  readonly checkpoint: CheckpointWrite;
}

export interface ScoringRun {
  /** ISO-8601 UTC. */
  readonly asOf: string;
  /** Fit of the purchase model; null when there was none. */
  readonly modelRunId: string | null;
  readonly customers: number;
  readonly byBand: Readonly<Record<string, number>>;
  readonly generation: number;
}

const ROWS_PER_WRITE = 1_000;
const names = Object.keys(riskScoreRow.indexes) as (keyof typeof riskScoreRow.indexes)[];

/** An empty run where there was none, so that lists answer that nobody was scored yet. */
export async function prepareScores(store: ReadModelStore, start: CheckpointWrite): Promise<void> {
  const { name: projection, version } = riskScoreRow;
  const generations = await store.generations(projection);
  if (generations.some((g) => g.status === 'active' && g.version === version)) return;
  const generation = Math.max(0, ...generations.map((g) => g.generation)) + 1;
  await store.createGeneration({ projection, version, generation, indexes: names });
  const { collection } = (await store.generations(projection)).find((g) => g.generation === generation)!;
  await store.finishFilling(collection, start);
  await store.activate(projection, version, generation);
}

/**
 * Scores every customer at one instant into a new generation of `risk-scores` and makes it the one that lists read.
 * Readers see the former run until the new one is complete.
 */
export async function scoreCustomers(
  reader: ProjectionReader<ChurnRiskDocument>,
  store: ReadModelStore,
  request: ScoringRequest,
): Promise<Omit<ScoringRun, 'asOf'>> {
  const { name: projection, version } = riskScoreRow;
  const former = await store.generations(projection);
  const generation = Math.max(0, ...former.map((g) => g.generation)) + 1;
  await store.createGeneration({ projection, version, generation, indexes: names });
  const { collection } = (await store.generations(projection)).find((g) => g.generation === generation)!;
  const context = {
    models: request.models,
    valueTerms: request.valueTerms,
    asOfMs: request.asOfMs,
    recencyCuts: await recencyCutsOf(reader, request.asOfMs),
  };
  const byBand: Record<string, number> = { low: 0, medium: 0, high: 0 };
  let customers = 0;
  let modelRunId: string | null = null;
  for await (const page of reader.scan(ROWS_PER_WRITE)) {
    const writes: DocumentWrite[] = [];
    for (const { key, position, document } of page) {
      const row = riskScoreRowOf(document, context);
      if (!row) continue;
      customers++;
      byBand[row.band] = (byBand[row.band] ?? 0) + 1;
      modelRunId ??= row.modelRun?.modelRunId ?? null;
      const indexes: Record<string, IndexValue> = {};
      for (const index of names) indexes[index] = riskScoreRow.indexes[index](row);
      writes.push({ key, position, document: row, indexes });
    }
    await store.insertMany(collection, writes);
  }
  await store.finishFilling(collection, request.checkpoint);
  await store.activate(projection, version, generation);
  for (const old of former)
    if (old.status !== 'active') await store.dropGeneration(projection, old.version, old.generation);
  return { modelRunId, customers, byBand, generation };
}
