import { Type } from '@sinclair/typebox';
import { dayNumberOf, isoOf } from '@rapport/contracts';
import type { Condition, GroupRow, NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { qualityAnswerOf } from '../_parts/profile-quality.js';
import type {
  CustomerQualityAnswer,
  DataQualityDocument,
  QualityAnswer,
  QualityFigures,
} from './data-quality.model.js';

const DEFAULT_STALE_AFTER_DAYS = 365;
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
    description: 'days without a statement after which data are stale; default 365',
  }),
);
const inGroup = ({ groupCode }: { groupCode?: string }): Condition[] =>
  groupCode === undefined ? [] : [{ index: 'groupCode', op: '=', value: groupCode }];

const QualityParams = Type.Object({ groupCode: groupParam, staleAfterDays }, { additionalProperties: false });

const SUMS = ['completenessPct', 'checked', 'validityPct', 'assessed', 'uniquenessPct', 'confirmedDay', 'isIncomplete', 'hasMalformed']; // prettier-ignore

/** How complete, right, unique and fresh are the data, by steward? Erased customers are not counted. */
export const quality: NamedQuery<DataQualityDocument, typeof QualityParams, QualityAnswer> = {
  name: 'quality',
  question: 'How complete, right, unique and fresh are the data, by steward?',
  scope: 'figures',
  params: QualityParams,
  run: async (reader, params, { asOfMs }) => {
    const stale = params.staleAfterDays ?? DEFAULT_STALE_AFTER_DAYS;
    const where = [COUNTED, ...inGroup(params)];
    const today = dayNumberOf(asOfMs);
    const [rows, staleRows] = await Promise.all([
      reader.group({ groupBy: ['stewardId'], where, sum: SUMS }),
      reader.group({
        groupBy: ['stewardId'],
        where: [...where, { index: 'confirmedDay', op: '<', value: today - stale }],
      }),
    ]);
    const staleOf = (stewardId: unknown): number =>
      staleRows.find((row) => row.group['stewardId'] === stewardId)?.count ?? 0;
    const stewards = rows
      .map((row) => ({
        stewardId: row.group['stewardId'] as string | null,
        ...figuresOf([row], staleOf(row.group['stewardId']), today),
      }))
      .sort((a, b) => b.customers - a.customers || ((a.stewardId ?? '') < (b.stewardId ?? '') ? -1 : 1));
    return {
      asOf: isoOf(asOfMs),
      staleAfterDays: stale,
      all: figuresOf(
        rows,
        staleRows.reduce((sum, row) => sum + row.count, 0),
        today,
      ),
      stewards,
    };
  },
};

function figuresOf(
  rows: readonly GroupRow[],
  customersStale: number,
  today: number,
): Omit<QualityFigures, 'stewardId'> {
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
    customersIncomplete: sum('isIncomplete'),
    customersWithWrongForm: sum('hasMalformed'),
    customersStale,
  };
}

const WorklistParams = Type.Object(
  {
    problem: Type.Unsafe<'incomplete' | 'malformed' | 'stale'>({
      type: 'string',
      enum: ['incomplete', 'malformed', 'stale'],
      description: 'what is wrong: something is missing, has a wrong form, or was not stated for long',
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
  run: (reader, params, { asOfMs }) => {
    const stale = dayNumberOf(asOfMs) - (params.staleAfterDays ?? DEFAULT_STALE_AFTER_DAYS);
    const problem = {
      incomplete: { where: { index: 'missing', op: '>', value: 0 }, orderBy: { index: 'completenessPct', direction: 'asc' } },
      malformed: { where: { index: 'malformed', op: '>', value: 0 }, orderBy: { index: 'malformed', direction: 'desc' } },
      stale: { where: { index: 'confirmedDay', op: '<', value: stale }, orderBy: { index: 'confirmedDay', direction: 'asc' } },
    } as const; // prettier-ignore
    const { where, orderBy } = problem[params.problem];
    return pageOf(
      reader,
      {
        where: [
          COUNTED,
          where,
          ...(params.stewardId === undefined ? [] : [{ index: 'stewardId', op: '=', value: params.stewardId } as const]), // prettier-ignore
          ...inGroup(params),
        ],
        orderBy: [orderBy],
      },
      params,
      ({ key, document }) => answerOf(key, document, asOfMs),
    );
  },
};

const CustomerParams = Type.Object(
  { customerId: Type.String({ format: 'uuid', description: 'the customer' }) },
  { additionalProperties: false },
);

/** How good is what is known of this customer, and what is missing? Null for an unknown customer. */
export const customer: NamedQuery<DataQualityDocument, typeof CustomerParams, CustomerQualityAnswer | null> = {
  name: 'customer',
  question: 'How good is what is known of this customer, and what is missing?',
  scope: 'customer',
  params: CustomerParams,
  run: async (reader, params, { asOfMs }) => {
    const stored = await reader.get(params.customerId);
    return stored ? answerOf(params.customerId, stored.document, asOfMs) : null;
  },
}; // prettier-ignore

const answerOf = (
  customerId: string,
  { quality: known, erased }: DataQualityDocument,
  asOfMs: number,
): CustomerQualityAnswer => ({
  customerId,
  groupCode: known.groupCode,
  erased,
  ...qualityAnswerOf(known, asOfMs),
});
