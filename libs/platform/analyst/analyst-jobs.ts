import { isoOf, RapportError } from '@rapport/contracts';
import type { EventStore } from '@rapport/event-store';
import { freshnessOf, type AnyProjection, type ModelRun, type ProjectionReader, type QueryContext, type ValueTerms } from '@rapport/projection-engine'; // prettier-ignore
import { riskScoreRow, type ChurnRiskDocument, type LifetimeValueDocument } from '@rapport/projections';
import { openMemoryReadModels, type ReadModelStore } from '@rapport/read-model';
import { fitModel } from '../models/fit-model.js';
import type { ModelName } from '../models/model-runs.js';
import { scoreCustomers, type ScoringRun } from '../models/score-customers.js';
import { openActive, openAllAsOf } from '../read-side/projection-readers.js';
import type { AsOfQuestion, AsOfReply, AnyQuery } from '../read-side/read-side.js';

/** Work over all customers: too long for the thread that answers requests. */
export type AnalystJob =
  | { readonly kind: 'ask'; readonly question: AsOfQuestion }
  | {
      readonly kind: 'fit';
      readonly model: ModelName;
      readonly cutoff: string;
      readonly timeUnit: 'day' | 'week';
    }
  | {
      readonly kind: 'score';
      readonly asOfMs: number;
      /** Facts after `asOfMs` are left out: the day lies in the past. */
      readonly isPast: boolean;
      readonly models: QueryContext['models'];
      readonly valueTerms: ValueTerms;
    };

export type AnalystAnswer<Job extends AnalystJob> = Job extends { kind: 'ask' }
  ? AsOfReply
  : Job extends { kind: 'fit' }
    ? Omit<ModelRun, 'modelRunId'>
    : ScoringRun;

export interface AnalystParts {
  readonly projections: readonly AnyProjection[];
  readonly events: Omit<EventStore, 'append'>;
  /** A store of its own: the only writer of `risk-scores`. */
  readonly readModels: ReadModelStore;
}

/** Throws what the job throws: NOT_ENOUGH_DATA, UNKNOWN_PROJECTION, UNAVAILABLE. */
export async function doAnalystJob(parts: AnalystParts, job: AnalystJob): Promise<AnalystAnswer<AnalystJob>> {
  switch (job.kind) {
    case 'ask':
      return ask(parts, job.question);
    case 'fit': {
      const { reader, position } = await openActive(parts.readModels, 'lifetime-value');
      return fitModel(reader as ProjectionReader<LifetimeValueDocument>, { model: job.model, cutoff: job.cutoff, timeUnit: job.timeUnit, position: position.toString() }); // prettier-ignore
    }
    case 'score':
      return score(parts, job);
  }
}

async function ask(parts: AnalystParts, question: AsOfQuestion): Promise<AsOfReply> {
  if (question.projection === riskScoreRow.name) return askScores(parts, question);
  const projection = projectionOf(parts, question.projection);
  const query = (projection.queries as readonly AnyQuery[]).find(({ name }) => name === question.query)!;
  const { reader, version, position } = await openAllAsOf(projection, parts.events, question.at);
  const data = (await query.run(reader, question.params, question.context)) as unknown;
  return { data, version, position };
}

/** Scores of a day that no run was made for: everybody is folded and scored for this answer, nothing is kept. */
async function askScores({ projections, events }: AnalystParts, question: AsOfQuestion): Promise<AsOfReply> {
  const query = (riskScoreRow.queries as readonly AnyQuery[]).find(({ name }) => name === question.query)!;
  const { reader, position } = await openAllAsOf(projectionOf({ projections }, 'churn-risk'), events, question.at);
  const scratch = openMemoryReadModels();
  await scoreCustomers(reader as ProjectionReader<ChurnRiskDocument>, scratch, {
    ...question.context,
    checkpoint: { partition: 0, checkpoint: events.checkpointAt(position), through: position },
  });
  const scores = await openActive(scratch, riskScoreRow.name);
  const data = (await query.run(scores.reader, question.params, question.context)) as unknown;
  return { data, version: scores.version, position };
} // prettier-ignore

async function score(parts: AnalystParts, job: Extract<AnalystJob, { kind: 'score' }>): Promise<ScoringRun> {
  const { readModels, events } = parts;
  const state = await readModels.activeCollection('churn-risk');
  const asOf = isoOf(job.asOfMs);
  const { reader } = job.isPast
    ? await openAllAsOf(projectionOf(parts, 'churn-risk'), events, { asOf })
    : await openActive(readModels, 'churn-risk');
  const through = freshnessOf(state).position;
  const run = await scoreCustomers(reader as ProjectionReader<ChurnRiskDocument>, readModels, {
    asOfMs: job.asOfMs,
    models: job.models,
    valueTerms: job.valueTerms,
    checkpoint: { partition: 0, checkpoint: events.checkpointAt(through), through },
  });
  return { asOf, ...run };
}

function projectionOf(parts: Pick<AnalystParts, 'projections'>, name: string): AnyProjection {
  const projection = parts.projections.find((one) => one.name === name);
  if (!projection) throw new RapportError('UNKNOWN_PROJECTION', 'There is no such projection.');
  return projection;
}
