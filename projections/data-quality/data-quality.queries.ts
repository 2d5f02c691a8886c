import { Type } from '@sinclair/typebox';
import { dayNumberOf, isoOf } from '@rapport/contracts';
import type { Condition, DataQualityLimits, GroupRow, NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { qualityAnswerOf } from '../_parts/profile-quality.js';
import { CustomerParams } from '../_parts/query-params.js';
import type {
  CustomerQualityAnswer,
  CustomerQualityDocument,
  DataQualityDocument,
  MatchFigures,
  QualityAnswer,
  QualityFigures,
} from './data-quality.model.js';

/** Where no rule book is at hand: nothing may be missing or wrong, and a year is too long. */
const STRICTEST: DataQualityLimits = {
  completenessPctAtLeast: 100,
  validityPctAtLeast: 100,
  uniquenessPctAtLeast: 100,
  timelinessDaysAtMost: 365,
  ruleBookVersion: 'none',
};
const COUNTED: Condition = { index: 'counted', op: '=', value: 1 };

const groupParam = Type.Optional(
  Type.Unsafe<string>({
    type: 'string',
    enum: ['consumer', 'smallBusiness', 'corporation'],
    description: 'only this customer group',
  }),
);
const staleAfterDays = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 36_500,
    description: 'days without a statement after which data are stale; default what the rule book says',
  }),
);
const inGroup = ({ groupCode }: { groupCode?: string }): Condition[] =>
  groupCode === undefined ? [] : [{ index: 'groupCode', op: '=', value: groupCode }];

const QualityParams = Type.Object({ groupCode: groupParam, staleAfterDays }, { additionalProperties: false });

const SUMS = ['completenessPct', 'checked', 'validityPct', 'assessed', 'uniquenessPct', 'confirmedDay'];
const CHECKED: Condition = { index: 'checked', op: '=', value: 1 };
const ASSESSED: Condition = { index: 'assessed', op: '=', value: 1 };

/** How complete, right, unique and fresh are the data, by steward? Erased customers are not counted. */
export const quality: NamedQuery<DataQualityDocument, typeof QualityParams, QualityAnswer> = {
  name: 'quality',
  question: 'How complete, right, unique and fresh are the data, by steward?',
  scope: 'figures',
  params: QualityParams,
  run: async (reader, params, { asOfMs, dataQualityLimits: limits = STRICTEST }) => {
    const staleAfterDaysUsed = params.staleAfterDays ?? limits.timelinessDaysAtMost;
    const where = [COUNTED, ...inGroup(params)];
    const today = dayNumberOf(asOfMs);
    const bySteward = (...conditions: Condition[]): Promise<readonly GroupRow[]> =>
      reader.group({ groupBy: ['stewardId'], where: [...where, ...conditions] });
    const [rows, incomplete, invalid, stale, matches] = await Promise.all([
      reader.group({ groupBy: ['stewardId'], where, sum: SUMS }),
      bySteward({ index: 'completenessPct', op: '<', value: limits.completenessPctAtLeast }),
      bySteward(CHECKED, { index: 'validityPct', op: '<', value: limits.validityPctAtLeast }),
      bySteward({ index: 'confirmedDay', op: '<', value: today - staleAfterDaysUsed }),
      reader.group({ groupBy: ['matchStatus'], where: [{ index: 'counted', op: '=', value: 0 }], sum: ['matchScorePct'] }), // prettier-ignore
    ]);
    const below = (stewardId?: string | null): Below => {
      const countIn = (counted: readonly GroupRow[]): number =>
        counted
          .filter((row) => stewardId === undefined || row.group['stewardId'] === stewardId)
          .reduce((sum, row) => sum + row.count, 0);
      return {
        customersIncomplete: countIn(incomplete),
        customersInvalid: countIn(invalid),
        customersStale: countIn(stale),
      };
    };
    const stewards = rows
      .map((row) => {
        const stewardId = row.group['stewardId'] as string | null;
        return { stewardId, ...figuresOf([row], today), ...below(stewardId) };
      })
      .sort((a, b) => b.customers - a.customers || ((a.stewardId ?? '') < (b.stewardId ?? '') ? -1 : 1));
    const all = { ...figuresOf(rows, today), ...below() };
    return {
      asOf: isoOf(asOfMs),
      limits: { ...limits, timelinessDaysAtMost: staleAfterDaysUsed },
      all,
      matches: params.groupCode === undefined ? matchFiguresOf(matches, all.customers) : null,
      stewards,
    };
  },
};

function matchFiguresOf(rows: readonly GroupRow[], customers: number): MatchFigures {
  const of = (status: string): GroupRow | undefined =>
    rows.find(({ group }) => group['matchStatus'] === status);
  const [undecided, rejected, merged] = ['proposed', 'rejected', 'accepted'].map((status) => of(status)?.count ?? 0) as [number, number, number]; // prettier-ignore
  const tenth = (value: number): number => Math.round(10 * value) / 10;
  const expectedDuplicates = (of('proposed')?.sums['matchScorePct'] ?? 0) / 100;
  const isKnown = undecided + rejected + merged > 0 && customers > 0;
  return {
    undecided,
    rejected,
    merged,
    expectedDuplicates: tenth(expectedDuplicates),
    expectedUniquenessPct: isKnown ? Math.max(0, tenth(100 - (100 * expectedDuplicates) / customers)) : null,
  };
}

type Below = Pick<QualityFigures, 'customersIncomplete' | 'customersInvalid' | 'customersStale'>;

function figuresOf(
  rows: readonly GroupRow[],
  today: number,
): Omit<QualityFigures, 'stewardId' | keyof Below> {
  const sum = (name: string): number => rows.reduce((total, row) => total + (row.sums[name] ?? 0), 0);
  const mean = (total: number, count: number): number | null =>
    count === 0 ? null : Math.round((10 * total) / count) / 10;
  const customers = rows.reduce((total, row) => total + row.count, 0);
  return {
    customers,
    meanCompletenessPct: mean(sum('completenessPct'), customers) ?? 0,
    meanValidityPct: mean(sum('validityPct'), sum('checked')),
    meanUniquenessPct: mean(sum('uniquenessPct'), sum('assessed')),
    meanTimelinessDays: mean(customers * today - sum('confirmedDay'), customers),
  };
}

const WorklistParams = Type.Object(
  {
    problem: Type.Unsafe<'incomplete' | 'malformed' | 'doubtful' | 'stale'>({
      type: 'string',
      enum: ['incomplete', 'malformed', 'doubtful', 'stale'],
      description:
        'what is below the rule book: completeness, validity (forms), uniqueness as assessed, or timeliness',
    }),
    stewardId: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description: 'only of this steward' }),
    ),
    groupCode: groupParam,
    staleAfterDays,
  },
  { additionalProperties: false },
);

/** Whose data should a steward look at, the worst first? */
export const worklist: NamedQuery<DataQualityDocument, typeof WorklistParams, Page<CustomerQualityAnswer>> = {
  name: 'worklist',
  question: 'Whose data should a steward look at, the worst first?',
  scope: 'list',
  params: WorklistParams,
  run: (reader, params, { asOfMs, dataQualityLimits: limits = STRICTEST }) => {
    const staleDay = dayNumberOf(asOfMs) - (params.staleAfterDays ?? limits.timelinessDaysAtMost);
    const problem = {
      incomplete: { where: [], index: 'completenessPct', below: limits.completenessPctAtLeast },
      malformed: { where: [CHECKED], index: 'validityPct', below: limits.validityPctAtLeast },
      doubtful: { where: [ASSESSED], index: 'uniquenessPct', below: limits.uniquenessPctAtLeast },
      stale: { where: [], index: 'confirmedDay', below: staleDay },
    } as const;
    const { where, index, below } = problem[params.problem];
    return pageOf(
      reader,
      {
        where: [
          COUNTED,
          ...where,
          { index, op: '<', value: below },
          ...(params.stewardId === undefined ? [] : [{ index: 'stewardId', op: '=', value: params.stewardId } as const]), // prettier-ignore
          ...inGroup(params),
        ],
        orderBy: [{ index, direction: 'asc' }],
      },
      params,
      ({ key, document }) => answerOf(key, document as CustomerQualityDocument, asOfMs),
    );
  },
};

/** How good is what is known of this customer, and what is missing? Null for an unknown customer. */
export const customer: NamedQuery<DataQualityDocument, typeof CustomerParams, CustomerQualityAnswer | null> = {
  name: 'customer',
  question: 'How good is what is known of this customer, and what is missing?',
  scope: 'customer',
  params: CustomerParams,
  run: async (reader, params, { asOfMs }) => {
    const stored = await reader.get(params.customerId);
    return stored?.document.type === 'customer' ? answerOf(params.customerId, stored.document, asOfMs) : null; // prettier-ignore
  },
}; // prettier-ignore

const answerOf = (
  customerId: string,
  { quality: known, erased }: CustomerQualityDocument,
  asOfMs: number,
): CustomerQualityAnswer => ({
  customerId,
  groupCode: known.groupCode,
  erased,
  ...qualityAnswerOf(known, asOfMs),
});
