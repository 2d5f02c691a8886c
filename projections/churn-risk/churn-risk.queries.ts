import { Type } from '@sinclair/typebox';
import { dayNumberOf, isoOf } from '@rapport/contracts';
import type { IndexValue, NamedQuery, Page, ProjectionReader, ValueTerms } from '@rapport/projection-engine';
import { purchaseModelForChurn } from '../_parts/fitted-models.js';
import { pageOf } from '../_parts/paging.js';
import type {
  ChurnRiskAnswer,
  ChurnRiskDocument,
  CustomerAtRisk,
  RiskModelReference,
  RiskScoreRow,
} from './churn-risk.model.js';
import { modelReferenceOf, scoreCustomer } from './risk-score.js';
import type { RecencyCuts } from './risk-score.js';

const RiskParams = Type.Object(
  { customerId: Type.String({ format: 'uuid', description: 'the customer' }) },
  { additionalProperties: false },
);

/** How likely is this customer to leave, why, and what is at stake? Null for an unknown customer. */
export const risk: NamedQuery<ChurnRiskDocument, typeof RiskParams, ChurnRiskAnswer | null> = {
  name: 'risk',
  question: 'How likely is this customer to leave, why, and what is at stake?',
  scope: 'customer',
  params: RiskParams,
  run: async (reader, params, { asOfMs, models, valueTerms }) => {
    const stored = await reader.get(params.customerId);
    if (!stored) return null;
    const purchases = purchaseModelForChurn(models);
    const score = scoreCustomer(stored.document, {
      models,
      valueTerms,
      asOfMs,
      recencyCuts: purchases ? null : await recencyCutsOf(reader, asOfMs),
    });
    return {
      customerId: params.customerId,
      status: typeof score === 'string' ? score : score.status,
      score: typeof score === 'string' ? null : score,
      stage: stored.document.stage,
      asOf: isoOf(asOfMs),
      modelRun: modelReferenceOf(models),
      terms: valueTerms,
      erased: stored.document.erased,
    };
  },
};

/**
 * The four cuts between fifths of the customers by days since their last purchase; null before the first purchase.
 * A scoring run takes them once for all customers.
 */
export async function recencyCutsOf(
  reader: ProjectionReader<ChurnRiskDocument>,
  asOfMs: number,
): Promise<RecencyCuts | null> {
  const asOfDay = dayNumberOf(asOfMs);
  const groups = (await reader.group({ groupBy: ['lastPurchaseDay'] }))
    .map((row) => ({ day: row.group['lastPurchaseDay'] as IndexValue, count: row.count }))
    .filter((row): row is { day: number; count: number } => typeof row.day === 'number' && row.day <= asOfDay)
    .map((row) => ({ days: asOfDay - row.day, count: row.count }))
    .sort((a, b) => a.days - b.days);
  const customers = groups.reduce((sum, row) => sum + row.count, 0);
  if (customers === 0) return null;
  const cut = (fifths: number): number => {
    let seen = 0;
    for (const row of groups) {
      seen += row.count;
      if (seen >= Math.ceil((fifths * customers) / 5)) return row.days;
    }
    return groups[groups.length - 1]!.days;
  };
  return [cut(1), cut(2), cut(3), cut(4)];
}

const ByRiskParams = Type.Object(
  {
    band: Type.Optional(
      Type.Unsafe<'low' | 'medium' | 'high'>({
        type: 'string',
        enum: ['low', 'medium', 'high'],
        description: 'only this band',
      }),
    ),
    currency: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{3}$',
        description: 'only value at risk in this currency (amounts are never converted)',
      }),
    ),
  },
  { additionalProperties: false },
);

/** A page of customers at risk, and the run that ranked them. */
export interface CustomersAtRisk extends Page<CustomerAtRisk> {
  /** Instant of the scoring run (ISO-8601 UTC); null when nobody was scored. */
  readonly asOf: string | null;
  readonly modelRunId: string | null;
  /** The fit with its unit of time and cut-off. */
  readonly modelRun: RiskModelReference | null;
  /** Horizon, discount and margin of the run; null when nobody was scored. */
  readonly terms: ValueTerms | null;
}

/**
 * Which customers have most value at risk, as the latest scoring run saw it? Reads the collection `risk-scores`; with
 * `asOf` or `knownAt` the edge scores everybody for the occasion instead.
 */
export const byRisk: NamedQuery<RiskScoreRow, typeof ByRiskParams, CustomersAtRisk> = {
  name: 'by-risk',
  question: 'Which customers have most value at risk, as the latest scoring run saw it?',
  scope: 'list',
  params: ByRiskParams,
  run: async (reader, params) => {
    const [page, any] = await Promise.all([
      pageOf(
        reader,
        {
          where: [
            ...(params.band ? [{ index: 'band', op: '=', value: params.band } as const] : []),
            ...(params.currency ? [{ index: 'currency', op: '=', value: params.currency } as const] : []),
          ],
          orderBy: [{ index: 'valueAtRiskMinor', direction: 'desc' }],
        },
        params,
        ({ key, document: { asOfMs: _, terms: __, modelRun, ...row } }) => ({
          customerId: key,
          modelRunId: modelRun?.modelRunId ?? null,
          ...row,
        }),
      ),
      reader.query({ limit: 1 }),
    ]);
    const run = any[0]?.document;
    return {
      ...page,
      asOf: run ? isoOf(run.asOfMs) : null,
      modelRunId: run?.modelRun?.modelRunId ?? null,
      modelRun: run?.modelRun ?? null,
      terms: run?.terms ?? null,
    };
  },
};

/**
 * The collection a scoring run writes and `by-risk` reads: one generation a run, made active when it is complete.
 * Not a projection: its rows depend on an instant and a fit, which each row names.
 */
export const riskScoreRow = {
  name: 'risk-scores',
  version: 2,
  indexes: {
    band: (row: RiskScoreRow): IndexValue => row.band,
    churnProbability: (row: RiskScoreRow): IndexValue => row.churnProbability,
    currency: (row: RiskScoreRow): IndexValue => row.currency,
    valueAtRiskMinor: (row: RiskScoreRow): IndexValue => row.valueAtRiskMinor,
  },
  queries: [byRisk],
} as const;
