import { Type } from '@sinclair/typebox';
import { dayNumberOf, isoOf, MS_PER_DAY, STAGES } from '@rapport/contracts';
import type { Stage } from '@rapport/contracts';
import type { Condition, NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import type {
  FunnelAnswer,
  FunnelCohort,
  RelationshipFunnelDocument,
  StageConversion,
  StageCount,
  StageMember,
} from './relationship-funnel.model.js';
import { madeMove, wasEverIn } from './stage-moves.js';

const stageParam = Type.Unsafe<Stage>({ type: 'string', enum: [...STAGES], description: 'stage' });
const groupParam = Type.Optional(
  Type.Unsafe<string>({
    type: 'string',
    enum: ['consumer', 'smallBusiness', 'corporation'],
    description: 'only this customer group',
  }),
);
const monthParam = Type.Optional(
  Type.String({
    pattern: '^\\d{4}-(0[1-9]|1[0-2])$',
    description: 'only customers registered in this month',
  }),
);

const FunnelParams = Type.Object(
  { groupCode: groupParam, cohortMonth: monthParam },
  { additionalProperties: false },
);

const conditions = (params: { groupCode?: string; cohortMonth?: string }): Condition[] => [
  ...(params.groupCode ? [{ index: 'groupCode', op: '=', value: params.groupCode } as const] : []),
  ...(params.cohortMonth ? [{ index: 'cohortMonth', op: '=', value: params.cohortMonth } as const] : []),
];

/** How many customers stand in which stage, for how long, and what share of them moves on? */
export const funnel: NamedQuery<RelationshipFunnelDocument, typeof FunnelParams, FunnelAnswer> = {
  name: 'funnel',
  question: 'How many customers stand in which stage, for how long, and what share of them moves on?',
  scope: 'figures',
  params: FunnelParams,
  run: async (reader, params, { asOfMs }) => {
    const where = conditions(params);
    const [byDay, byMoves] = await Promise.all([
      reader.group({ groupBy: ['stage', 'sinceDay'], where }),
      reader.group({ groupBy: ['stage', 'madeMoves'], where, sum: ['overrides'] }),
    ]);
    const overridden = await reader.count([...where, { index: 'overrides', op: '>', value: 0 }]);
    const customers = byDay.reduce((sum, row) => sum + row.count, 0);
    const today = dayNumberOf(asOfMs);
    const stages = STAGES.map((stage): StageCount => {
      const days = byDay
        .filter((row) => row.group['stage'] === stage)
        .map((row) => ({ days: Math.max(0, today - Number(row.group['sinceDay'])), count: row.count }))
        .sort((a, b) => a.days - b.days);
      const count = days.reduce((sum, row) => sum + row.count, 0);
      return {
        stage,
        customers: count,
        share: customers === 0 ? 0 : count / customers,
        meanDaysInStage:
          count === 0 ? null : days.reduce((sum, row) => sum + row.days * row.count, 0) / count,
        medianDaysInStage: count === 0 ? null : medianOf(days, count),
      };
    });
    const sets = byMoves.map((row) => ({
      now: row.group['stage'] as Stage,
      set: Number(row.group['madeMoves']),
      count: row.count,
      overrides: row.sums['overrides'] ?? 0,
    }));
    const conversions: StageConversion[] = [];
    for (const from of STAGES) {
      const ever = sets
        .filter(({ set, now }) => wasEverIn(set, from, now))
        .reduce((sum, row) => sum + row.count, 0);
      for (const to of STAGES) {
        const moved = sets
          .filter(({ set }) => madeMove(set, from, to))
          .reduce((sum, row) => sum + row.count, 0);
        if (moved > 0)
          conversions.push({
            from,
            to,
            customersEverInFrom: ever,
            customersMoved: moved,
            rate: moved / ever,
          });
      }
    }
    return {
      asOf: isoOf(asOfMs),
      customers,
      stages,
      conversions,
      overrides: { total: sets.reduce((sum, row) => sum + row.overrides, 0), customers: overridden },
    };
  },
};

/** The middle of a histogram sorted by days; the mean of the two middle ones when the count is even. */
function medianOf(histogram: readonly { days: number; count: number }[], count: number): number {
  const at = (rank: number): number => {
    let seen = 0;
    for (const row of histogram) {
      seen += row.count;
      if (seen > rank) return row.days;
    }
    return histogram[histogram.length - 1]!.days;
  };
  return (at(Math.floor((count - 1) / 2)) + at(Math.floor(count / 2))) / 2;
}

const ByStageParams = Type.Object(
  { stage: stageParam, groupCode: groupParam },
  { additionalProperties: false },
);

/** Which customers stand in this stage, longest first? */
export const byStage: NamedQuery<RelationshipFunnelDocument, typeof ByStageParams, Page<StageMember>> = {
  name: 'by-stage',
  question: 'Which customers stand in this stage, longest first?',
  scope: 'list',
  params: ByStageParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      {
        where: [{ index: 'stage', op: '=', value: params.stage }, ...conditions(params)],
        orderBy: [{ index: 'sinceMs', direction: 'asc' }],
      },
      params,
      ({ key, document }) => ({
        customerId: key,
        stage: document.stage,
        since: isoOf(document.sinceMs),
        daysInStage: Math.max(0, Math.floor((asOfMs - document.sinceMs) / MS_PER_DAY)),
        groupCode: document.groupCode,
        heldUntil: document.heldUntilMs === null ? null : isoOf(document.heldUntilMs),
        erased: document.erased,
      }),
    ),
};

const CohortParams = Type.Object({ groupCode: groupParam }, { additionalProperties: false });

/** How far did the customers of each month of registration come? */
export const cohorts: NamedQuery<
  RelationshipFunnelDocument,
  typeof CohortParams,
  { readonly cohorts: readonly FunnelCohort[] }
> = {
  name: 'cohorts',
  question: 'How far did the customers of each month of registration come?',
  scope: 'figures',
  params: CohortParams,
  run: async (reader, params) => {
    const rows = await reader.group({
      groupBy: ['cohortMonth', 'stage', 'madeMoves'],
      where: conditions(params),
    });
    const months = [...new Set(rows.map((row) => String(row.group['cohortMonth'])))].sort();
    return {
      cohorts: months.map((cohortMonth) => {
        const members = rows.filter((row) => row.group['cohortMonth'] === cohortMonth);
        const countWhere = (holds: (stage: Stage, set: number) => boolean): number =>
          members
            .filter((row) => holds(row.group['stage'] as Stage, Number(row.group['madeMoves'])))
            .reduce((sum, row) => sum + row.count, 0);
        return {
          cohortMonth,
          customers: countWhere(() => true),
          now: perStage((stage) => countWhere((now) => now === stage)),
          everReached: perStage((stage) => countWhere((now, set) => wasEverIn(set, stage, now))),
        };
      }),
    };
  },
};

const perStage = (count: (stage: Stage) => number): Record<Stage, number> =>
  Object.fromEntries(STAGES.map((stage) => [stage, count(stage)])) as Record<Stage, number>;
