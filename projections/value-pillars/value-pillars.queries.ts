import { Type } from '@sinclair/typebox';
import { dayNumberOfIsoDate, isoDateOfDay, VALUE_PILLARS } from '@rapport/contracts';
import type { Condition, GroupRow, NamedQuery, Page, Query } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { fromTo } from '../_parts/periods.js';
import { MIDDLE } from './pillar-evidence.js';
import type {
  HurtingFact,
  PillarEvidence,
  PillarsAnswer,
  PillarStanding,
  ValuePillar,
  WeakestCount,
} from './value-pillars.model.js';

const productParam = Type.Optional(
  Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$',
    description: 'only about this product or service',
  }),
);

interface Scope {
  readonly from?: string;
  readonly to?: string;
  readonly productId?: string;
}

/** Evidence that says something, within a time and about a product. */
const scored = (scope: Scope): Condition[] => [
  { index: 'score', op: '>=', value: 0 },
  ...(scope.from ? [{ index: 'day', op: '>=', value: dayNumberOfIsoDate(scope.from) } as const] : []),
  ...(scope.to ? [{ index: 'day', op: '<=', value: dayNumberOfIsoDate(scope.to) } as const] : []),
  ...(scope.productId ? [{ index: 'productId', op: '=', value: scope.productId } as const] : []),
];

const answerOf = (rows: readonly GroupRow[], scope: Scope): PillarsAnswer => {
  const standings = VALUE_PILLARS.map((pillar): PillarStanding => {
    const row = rows.find(({ group }) => group['pillar'] === pillar);
    const evidence = row?.count ?? 0;
    return {
      pillar,
      score: evidence === 0 ? null : row!.sums['score']! / evidence,
      evidence,
      hurting: row?.sums['hurts'] ?? 0,
    };
  });
  return {
    from: scope.from ?? null,
    to: scope.to ?? null,
    pillars: standings,
    weakest: weakestOf(standings),
  };
};

/** The lowest score; of equal ones the one with more evidence, then Berry's order. */
function weakestOf(standings: readonly PillarStanding[]): PillarStanding | null {
  let weakest: PillarStanding | null = null;
  for (const standing of standings)
    if (
      standing.score !== null &&
      (weakest === null ||
        standing.score < weakest.score! ||
        (standing.score === weakest.score && standing.evidence > weakest.evidence))
    )
      weakest = standing;
  return weakest;
}

const PillarParams = Type.Object({ ...fromTo, productId: productParam }, { additionalProperties: false });

/** How does each pillar of value stand with all customers, and which is the weakest? */
export const pillars: NamedQuery<PillarEvidence, typeof PillarParams, PillarsAnswer> = {
  name: 'pillars',
  question: 'How does each pillar of value stand with all customers, and which is the weakest?',
  scope: 'figures',
  params: PillarParams,
  run: async (reader, params) =>
    answerOf(
      await reader.group({ groupBy: ['pillar'], where: scored(params), sum: ['score', 'hurts'] }),
      params,
    ),
};

const CustomerParams = Type.Object(
  { customerId: Type.String({ format: 'uuid', description: 'the customer' }), ...fromTo },
  { additionalProperties: false },
);

/** How does each pillar of value stand with this customer, and which is the weakest? */
export const customer: NamedQuery<PillarEvidence, typeof CustomerParams, PillarsAnswer | null> = {
  name: 'customer',
  question: 'How does each pillar of value stand with this customer, and which is the weakest?',
  scope: 'customer',
  params: CustomerParams,
  run: async (reader, params) => {
    // By owner, not by the column: the rows of merged customers are all their survivor's.
    const sums = new Map<ValuePillar, { score: number; hurts: number; count: number }>();
    for (let after: Query['after']; ;) {
      const rows = await reader.query({
        owner: params.customerId,
        where: scored(params),
        limit: ROWS_PER_READ,
        ...(after ? { after } : {}),
      });
      for (const { document } of rows) {
        const sum = sums.get(document.pillar!) ?? { score: 0, hurts: 0, count: 0 };
        sums.set(document.pillar!, {
          score: sum.score + document.score!,
          hurts: sum.hurts + (document.score! < MIDDLE ? 1 : 0),
          count: sum.count + 1,
        });
      }
      const last = rows.at(-1);
      if (rows.length < ROWS_PER_READ || !last) break;
      after = { values: last.values, key: last.key };
    }
    const groups = [...sums].map(([pillar, { count, ...own }]) => ({ group: { pillar }, count, sums: own }));
    return answerOf(groups, params);
  },
};

const ROWS_PER_READ = 500;

/** Which pillar is the weakest, for how many customers? */
export const weakestByCustomer: NamedQuery<
  PillarEvidence,
  typeof PillarParams,
  { readonly customers: number; readonly weakest: readonly WeakestCount[] }
> = {
  name: 'weakest-by-customer',
  question: 'Which pillar is the weakest, for how many customers?',
  scope: 'figures',
  params: PillarParams,
  run: async (reader, params) => {
    const rows = await reader.group({
      groupBy: ['customerId', 'pillar'],
      where: scored(params),
      sum: ['score', 'hurts'],
    });
    const found = [...Map.groupBy(rows, (row) => row.group['customerId']).values()].map(
      (own) => answerOf(own, params).weakest!,
    );
    return {
      customers: found.length,
      weakest: VALUE_PILLARS.map((pillar): WeakestCount => {
        const those = found.filter((standing) => standing.pillar === pillar);
        return {
          pillar,
          customers: those.length,
          share: found.length === 0 ? 0 : those.length / found.length,
          meanScore:
            those.length === 0 ? 0 : those.reduce((sum, { score }) => sum + score!, 0) / those.length,
        };
      })
        .filter(({ customers }) => customers > 0)
        .sort((a, b) => b.customers - a.customers || a.meanScore - b.meanScore),
    };
  },
};

const HurtingParams = Type.Object(
  {
    pillar: Type.Unsafe<ValuePillar>({
      type: 'string',
      enum: [...VALUE_PILLARS],
      description: 'the pillar',
    }),
    ...fromTo,
    productId: productParam,
  },
  { additionalProperties: false },
);

/** What hurt this pillar, newest first? */
export const hurting: NamedQuery<PillarEvidence, typeof HurtingParams, Page<HurtingFact>> = {
  name: 'hurting',
  question: 'What hurt this pillar, newest first?',
  scope: 'list',
  params: HurtingParams,
  run: (reader, params) =>
    pageOf(
      reader,
      {
        where: [
          ...scored(params),
          { index: 'pillar', op: '=', value: params.pillar },
          { index: 'hurts', op: '=', value: 1 },
        ],
        orderBy: [{ index: 'day', direction: 'desc' }],
      },
      params,
      ({ document }): HurtingFact => ({
        customerId: document.customerId,
        pillar: document.pillar!,
        score: document.score!,
        day: isoDateOfDay(document.dayNumber),
        source: document.source,
        productId: document.productId,
        reasonCode: document.reasonCode,
      }),
    ),
};
