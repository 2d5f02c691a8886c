import { Type } from '@sinclair/typebox';
import { dayNumberOfIsoDate, isoOf, MS_PER_DAY } from '@rapport/contracts';
import type { Condition, GroupRow, NamedQuery, Page, ProjectionReader } from '@rapport/projection-engine';
import { fromTo, periodNameOf, PERIODS, type Period } from '../_parts/periods.js';
import { pageOf } from '../_parts/paging.js';
import { has } from './case-outcome.js';
import type {
  CaseRow,
  Duration,
  OpenCase,
  QualityAnswer,
  ReasonCount,
  ServiceQuality,
  ServiceQualityRow,
} from './service-quality.model.js';

const productParam = Type.Optional(
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description: 'only this product or service' }),
);
const QualityParams = Type.Object(
  {
    ...fromTo,
    productId: productParam,
    period: Type.Optional(
      Type.Unsafe<Period>({
        type: 'string',
        enum: [...PERIODS],
        description: 'also by period; default the whole time in one',
      }),
    ),
  },
  { additionalProperties: false },
);

interface Scope {
  readonly from?: string;
  readonly to?: string;
  readonly productId?: string;
}

const within = (kind: NonNullable<ServiceQualityRow['kind']>, scope: Scope): Condition[] => [
  { index: 'kind', op: '=', value: kind },
  ...(scope.productId ? [{ index: 'productId', op: '=', value: scope.productId } as const] : []),
  ...(scope.from ? [{ index: 'day', op: '>=', value: dayNumberOfIsoDate(scope.from) } as const] : []),
  ...(scope.to ? [{ index: 'day', op: '<=', value: dayNumberOfIsoDate(scope.to) } as const] : []),
];

const MOST_REASONS = 10;

/** What happened to each product or service in each period, and how well were its customers served? */
export const quality: NamedQuery<ServiceQualityRow, typeof QualityParams, QualityAnswer> = {
  name: 'quality',
  question:
    'What happened to each product or service in each period, and how well were its customers served?',
  scope: 'figures',
  params: QualityParams,
  run: async (reader, params, { asOfMs }) => {
    const { period } = params;
    const by = period === undefined ? ['productId'] : ['productId', 'day'];
    const cases = within('case', params);
    const group = (
      kind: NonNullable<ServiceQualityRow['kind']>,
      columns: readonly string[],
      sum: readonly string[] = [],
      more: readonly Condition[] = [],
    ) => reader.group({ groupBy: [...by, ...columns], where: [...within(kind, params), ...more], sum });
    const [sold, returned, reactions, outcomes, overdue, responses, resolutions, satisfaction, needs] =
      await Promise.all([
        group('sale', [], ['qty']),
        group('return', [], ['qty']),
        group('reaction', ['mood', 'reasonCode']),
        group('case', ['outcome']),
        // Already late in an earlier round: told by the outcome.
        reader.group({
          groupBy: [...by, 'outcome'],
          where: [...cases, { index: 'openDueMs', op: '<', value: asOfMs }],
        }),
        group('case', ['firstResponseMin'], [], [{ index: 'firstResponseMin', op: '>=', value: 0 }]),
        group('case', ['resolutionMin'], [], [{ index: 'resolutionMin', op: '>=', value: 0 }]),
        group('case', ['satisfaction'], [], [{ index: 'satisfaction', op: '>=', value: 0 }]),
        group('need', ['need']),
      ]);
    const placeOf = (row: GroupRow): string =>
      JSON.stringify([
        row.group['productId'],
        period === undefined ? null : periodNameOf(period, Number(row.group['day'])),
      ]);
    const parts = [
      sold,
      returned,
      reactions,
      outcomes,
      overdue,
      responses,
      resolutions,
      satisfaction,
      needs,
    ].map((rows) => Map.groupBy(rows, placeOf));
    const places = [...new Set(parts.flatMap((part) => [...part.keys()]))].sort();
    return {
      asOf: isoOf(asOfMs),
      from: params.from ?? null,
      to: params.to ?? null,
      rows: places.map((place) => {
        const [productId, name] = JSON.parse(place) as [string | null, string | null];
        const of = (part: number): readonly GroupRow[] => parts[part]!.get(place) ?? [];
        return {
          productId,
          period: name,
          sold: summed(of(0), 'qty'),
          returned: summed(of(1), 'qty'),
          ...reactionFigures(of(2)),
          needs: needFigures(of(8)),
          cases: caseFigures(of(3), of(4), of(5), of(6), of(7)),
        } satisfies ServiceQuality;
      }),
    };
  },
};

const summed = (rows: readonly GroupRow[], column: string): number =>
  rows.reduce((sum, row) => sum + (row.sums[column] ?? 0), 0);
const counted = (rows: readonly GroupRow[], holds: (row: GroupRow) => boolean = () => true): number =>
  rows.reduce((sum, row) => (holds(row) ? sum + row.count : sum), 0);
const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function reactionFigures(rows: readonly GroupRow[]): Pick<ServiceQuality, 'reactions' | 'negativeReasons'> {
  const ofMood = (mood: string): number => counted(rows, (row) => row.group['mood'] === mood);
  const [positive, neutral, negative] = [ofMood('positive'), ofMood('neutral'), ofMood('negative')];
  return {
    reactions: { positive, neutral, negative, positiveShare: shareOf(positive, positive + negative) },
    negativeReasons: reasonCounts(rows.filter((row) => row.group['mood'] === 'negative')).slice(
      0,
      MOST_REASONS,
    ),
  };
}

function needFigures(rows: readonly GroupRow[]): ServiceQuality['needs'] {
  const are = (status: string): number => counted(rows, (row) => row.group['need'] === status);
  const [open, met, unmet] = [are('open'), are('met'), are('unmet')];
  return { open, met, unmet, metShare: shareOf(met, met + unmet) };
}

/** Reasons with their counts, most frequent first; a negative reaction without a reason is `notSaid`. */
function reasonCounts(rows: readonly GroupRow[]): ReasonCount[] {
  const all = counted(rows);
  const byReason = new Map<string, number>();
  for (const row of rows) {
    const reasonCode = (row.group['reasonCode'] as string | null) ?? 'notSaid';
    byReason.set(reasonCode, (byReason.get(reasonCode) ?? 0) + row.count);
  }
  return [...byReason]
    .map(([reasonCode, count]) => ({ reasonCode, count, share: count / all }))
    .sort((a, b) => b.count - a.count || (a.reasonCode < b.reasonCode ? -1 : 1));
}

function caseFigures(
  outcomes: readonly GroupRow[],
  overdue: readonly GroupRow[],
  responses: readonly GroupRow[],
  resolutions: readonly GroupRow[],
  satisfaction: readonly GroupRow[],
): ServiceQuality['cases'] {
  const withFlag = (flag: Parameters<typeof has>[1]): number =>
    counted(outcomes, (row) => has(Number(row.group['outcome']), flag));
  const opened = counted(outcomes);
  const resolved = withFlag('resolved');
  const firstContactResolved = withFlag('firstContact');
  const slaKept = withFlag('slaKept');
  const slaBroken =
    withFlag('slaBroken') + counted(overdue, (row) => !has(Number(row.group['outcome']), 'slaBroken'));
  const answers = counted(satisfaction);
  return {
    opened,
    complaints: withFlag('complaint'),
    open: opened - resolved,
    resolved,
    reopened: withFlag('reopened'),
    firstContactResolved,
    firstContactShare: shareOf(firstContactResolved, resolved),
    firstResponse: durationOf(responses, 'firstResponseMin'),
    resolution: durationOf(resolutions, 'resolutionMin'),
    slaKept,
    slaBroken,
    slaKeptShare: shareOf(slaKept, slaKept + slaBroken),
    compensated: withFlag('compensated'),
    meanSatisfaction: shareOf(
      satisfaction.reduce((sum, row) => sum + Number(row.group['satisfaction']) * row.count, 0),
      answers,
    ),
  };
}

/** Mean, median and 90th percentile (nearest rank) of a histogram by minute. */
function durationOf(rows: readonly GroupRow[], column: string): Duration {
  const histogram = rows
    .map((row) => ({ minutes: Number(row.group[column]), count: row.count }))
    .sort((a, b) => a.minutes - b.minutes);
  const cases = counted(rows);
  const at = (share: number): number | null => {
    let left = Math.ceil(share * cases);
    for (const { minutes, count } of histogram) if ((left -= count) <= 0) return minutes;
    return null;
  };
  return {
    cases,
    meanMinutes: shareOf(
      histogram.reduce((sum, { minutes, count }) => sum + minutes * count, 0),
      cases,
    ),
    medianMinutes: at(0.5),
    p90Minutes: at(0.9),
  };
}

const ReasonParams = Type.Object({ ...fromTo, productId: productParam }, { additionalProperties: false });

/** If customers reacted badly, why? All reasons, most frequent first. */
export const reasons: NamedQuery<
  ServiceQualityRow,
  typeof ReasonParams,
  { readonly negative: number; readonly reasons: readonly ReasonCount[] }
> = {
  name: 'reasons',
  question: 'If customers reacted badly, why?',
  scope: 'figures',
  params: ReasonParams,
  run: async (reader, params) => {
    const rows = await reader.group({
      groupBy: ['reasonCode'],
      where: [...within('reaction', params), { index: 'mood', op: '=', value: 'negative' }],
    });
    return { negative: counted(rows), reasons: reasonCounts(rows) };
  },
};

const OpenParams = Type.Object(
  {
    productId: productParam,
    overdueOnly: Type.Optional(Type.Boolean({ description: 'only cases that are due already' })),
    maxSeverity: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 4, description: 'only up to this severity, 1 worst' }),
    ),
  },
  { additionalProperties: false },
);

/** Which cases wait to be resolved, the one due first on top? */
export const openCases: NamedQuery<ServiceQualityRow, typeof OpenParams, Page<OpenCase>> = {
  name: 'open-cases',
  question: 'Which cases wait to be resolved, the one due first on top?',
  scope: 'list',
  params: OpenParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader as ProjectionReader<CaseRow>,
      {
        where: [
          {
            index: 'openDueMs',
            op: params.overdueOnly ? '<' : '>=',
            value: params.overdueOnly ? asOfMs : EARLIEST_MS,
          },
          ...(params.productId ? [{ index: 'productId', op: '=', value: params.productId } as const] : []),
          ...(params.maxSeverity
            ? [{ index: 'severity', op: '<=', value: params.maxSeverity } as const]
            : []),
        ],
        orderBy: [{ index: 'openDueMs', direction: 'asc' }],
      },
      params,
      ({ key, document }): OpenCase => ({
        customerId: key.slice(0, key.indexOf('/')),
        caseId: key.slice(key.indexOf(':') + 1),
        kind: document.caseKind,
        severity: document.severity,
        productId: document.productId,
        reasonCode: document.reasonCode,
        handlerId: document.handlerId,
        openedAt: isoOf(document.openedAtMs),
        dueAt: isoOf(document.dueAtMs),
        overdue: document.dueAtMs < asOfMs,
        answered: document.firstResponseAtMs !== null,
        reopenings: document.reopenings,
      }),
    ),
};

/** Before every case; a comparison leaves out what has no due time. */
const EARLIEST_MS = -100_000_000 * MS_PER_DAY;
