import { Type } from '@sinclair/typebox';
import { dayNumberOf, isoOf } from '@rapport/contracts';
import type {
  Condition,
  NamedQuery,
  Page,
  PageEnd,
  Paging,
  ProjectionReader,
} from '@rapport/projection-engine';
import { pageOf, pageSizeOf } from '../_parts/paging.js';
import { asked, CustomerParams, oneOfParam } from '../_parts/query-params.js';
import type { Asked } from '../_parts/query-params.js';
import { shareOf } from '../_parts/share-of.js';
import { loyaltyAnswerOf } from '../_parts/loyalty/loyalty-answer.js';
import { modeOn } from '../_parts/loyalty/loyalty-standing.js';
import { LADDER, LOYALTY_MODES } from '../_parts/loyalty/loyalty.model.js';
import type { LoyaltyMode, ReferralMoney } from '../_parts/loyalty/loyalty.model.js';
import type { LoyaltyDocument, LoyaltyEntry, ModeFigures, RungFigures } from './loyalty.model.js';

const groupCode = oneOfParam(['consumer', 'smallBusiness', 'corporation'], 'only this customer group');

const entryOf = (customerId: string, document: LoyaltyDocument, asOfMs: number): LoyaltyEntry => ({
  customerId,
  ...loyaltyAnswerOf(document, document.standing, asOfMs),
});

/** Customers whose mode is looked at: they bought and did not say goodbye. */
const RETAINED = asked(['transacts', '=', 1], ['ended', '=', 0]);

const ModesParams = Type.Object({ groupCode }, { additionalProperties: false });

/** How many customers are loyal of their own will, and how many are only still there? */
export const modes: NamedQuery<
  LoyaltyDocument,
  typeof ModesParams,
  {
    readonly asOf: string;
    readonly modes: readonly ModeFigures[];
    /** Bought too recently and too seldom to tell. */
    readonly tooEarly: number;
  }
> = {
  name: 'modes',
  question:
    'How many customers are loyal of their own will, how many only still there, and who of them is satisfied?',
  scope: 'figures',
  params: ModesParams,
  run: async (reader, params, { asOfMs }) => {
    const day = dayNumberOf(asOfMs);
    const count = (...conditions: readonly Asked[]): Promise<number> =>
      reader.count([...RETAINED, ...asked(['groupCode', '=', params.groupCode], ...conditions)]);
    const transacting = ['activeUntilDay', '>=', day] as const;
    const silent = ['activeUntilDay', '<', day] as const;
    const loyal = ['loyalFromDay', '<=', day] as const;
    const bound = ['boundUntilDay', '>=', day] as const;
    const satisfied = ['positiveUntilDay', '>=', day] as const;
    const notSatisfied = ['positiveUntilDay', '<', day] as const;
    const inTouch = ['contactUntilDay', '>=', day] as const;
    const outOfTouch = ['contactUntilDay', '<', day] as const;
    const [all, returning, returningSatisfied, captive, returningCaptive, still, stillSatisfied, gone, goneSatisfied] =
      await Promise.all([
        count(transacting),
        count(transacting, loyal),
        count(transacting, loyal, satisfied),
        count(transacting, bound, notSatisfied),
        count(transacting, bound, notSatisfied, loyal),
        count(silent, inTouch),
        count(silent, inTouch, satisfied),
        count(silent, outOfTouch),
        count(silent, outOfTouch, satisfied),
      ]); // prettier-ignore
    // Who is bound without a good word is captive, however often they come back.
    const active = returning - returningCaptive;
    const total = active + captive + still + gone;
    const figures = (mode: LoyaltyMode, customers: number, content: number): ModeFigures => ({
      mode,
      customers,
      share: shareOf(customers, total),
      satisfied: content,
    });
    return {
      asOf: isoOf(asOfMs),
      modes: [
        figures('active', active, returningSatisfied),
        figures('passiveCaptive', captive, 0),
        figures('passiveSilent', still, stillSatisfied),
        figures('dormant', gone, goneSatisfied),
      ],
      tooEarly: all - active - captive,
    };
  },
};

/** Conditions that hold for everybody of a mode; where they hold for others too, the mode itself decides. */
function conditionsOf(mode: LoyaltyMode, day: number): Condition[] {
  switch (mode) {
    case 'active':
      return asked(['activeUntilDay', '>=', day], ['loyalFromDay', '<=', day]);
    case 'passiveCaptive':
      return asked(
        ['activeUntilDay', '>=', day],
        ['boundUntilDay', '>=', day],
        ['positiveUntilDay', '<', day],
      );
    case 'passiveSilent':
      return asked(['activeUntilDay', '<', day], ['contactUntilDay', '>=', day]);
    case 'dormant':
      return asked(['activeUntilDay', '<', day], ['contactUntilDay', '<', day]);
  }
}

const ByModeParams = Type.Object(
  {
    mode: Type.Unsafe<LoyaltyMode>({ type: 'string', enum: [...LOYALTY_MODES], description: 'the mode' }),
    groupCode,
  },
  { additionalProperties: false },
);

/** Which customers are of this mode? */
export const byMode: NamedQuery<LoyaltyDocument, typeof ByModeParams, Page<LoyaltyEntry>> = {
  name: 'by-mode',
  question: 'Which customers are of this mode, those whose next transaction is overdue longest first?',
  scope: 'list',
  params: ByModeParams,
  run: (reader, params, { asOfMs }) => {
    const day = dayNumberOf(asOfMs);
    return filteredPage(
      reader,
      [...RETAINED, ...conditionsOf(params.mode, day), ...asked(['groupCode', '=', params.groupCode])],
      params,
      ({ standing }) => modeOn(standing, day) === params.mode,
      (key, document) => entryOf(key, document, asOfMs),
    );
  },
};

/** A full page of the documents that are meant, read on as long as there are others between them. */
async function filteredPage(
  reader: ProjectionReader<LoyaltyDocument>,
  where: readonly Condition[],
  paging: Paging,
  isMeant: (document: LoyaltyDocument) => boolean,
  rowOf: (key: string, document: LoyaltyDocument) => LoyaltyEntry,
): Promise<Page<LoyaltyEntry>> {
  const limit = pageSizeOf(paging);
  const rows: LoyaltyEntry[] = [];
  let end: PageEnd | undefined;
  for (let after = paging.after; ;) {
    const found = await reader.query({
      where,
      orderBy: [{ index: 'activeUntilDay', direction: 'asc' }],
      limit: limit + 1,
      ...(after ? { after } : {}),
    });
    for (const { key, values, document } of found) {
      after = { values, key };
      if (!isMeant(document)) continue;
      // One more than wanted: there is a next page, and it starts after the last one shown.
      if (rows.length === limit) return end ? { rows, next: end } : { rows };
      rows.push(rowOf(key, document));
      end = after;
    }
    if (found.length <= limit) return { rows };
  }
}

const LadderParams = Type.Object({ groupCode }, { additionalProperties: false });

/** How many customers stand on which rung of the ladder, and what do their recommendations bring? */
export const ladder: NamedQuery<
  LoyaltyDocument,
  typeof LadderParams,
  {
    readonly rungs: readonly RungFigures[];
    /** Said goodbye: on no rung. */
    readonly former: number;
    /** What recommendations brought and cost, of everybody who did so in one currency. */
    readonly referralSales: readonly (ReferralMoney & { readonly currency: string })[];
    /** Customers whose recommendations brought several currencies: not in the sums. */
    readonly severalCurrencies: number;
  }
> = {
  name: 'ladder',
  question:
    'How many customers stand on which rung from suspect to advertiser, and what do recommendations bring?',
  scope: 'figures',
  params: LadderParams,
  run: async (reader, params) => {
    const where = asked(['groupCode', '=', params.groupCode]);
    const [standing, money] = await Promise.all([
      reader.group({ groupBy: ['rung', 'ended'], where, sum: ['referralsMade', 'referralsConverted'] }),
      reader.group({
        groupBy: ['referralCurrency'],
        where: [...where, ...asked(['referralCurrency', '!=', null])],
        sum: ['referralValueMinor', 'referralMarginMinor', 'referralCostMinor'],
      }),
    ]);
    const former = standing.filter(({ group }) => group['ended'] === 1);
    return {
      rungs: LADDER.map((rung): RungFigures => {
        const on = standing.find(({ group }) => group['rung'] === rung && group['ended'] === 0);
        return {
          rung,
          customers: on?.count ?? 0,
          referralsMade: on?.sums['referralsMade'] ?? 0,
          referralsConverted: on?.sums['referralsConverted'] ?? 0,
        };
      }),
      former: former.reduce((sum, { count }) => sum + count, 0),
      referralSales: money
        .filter(({ group }) => group['referralCurrency'] !== 'several')
        .map(({ group, sums }) => ({
          currency: String(group['referralCurrency']),
          valueMinor: sums['referralValueMinor'] ?? 0,
          marginMinor: sums['referralMarginMinor'] ?? 0,
          costMinor: sums['referralCostMinor'] ?? 0,
        })),
      severalCurrencies: money.find(({ group }) => group['referralCurrency'] === 'several')?.count ?? 0,
    };
  },
};

const ByRungParams = Type.Object(
  {
    rung: Type.Unsafe<(typeof LADDER)[number]>({
      type: 'string',
      enum: [...LADDER],
      description: 'the rung',
    }),
    groupCode,
  },
  { additionalProperties: false },
);

/** Which customers stand on this rung? */
export const byRung: NamedQuery<LoyaltyDocument, typeof ByRungParams, Page<LoyaltyEntry>> = {
  name: 'by-rung',
  question: 'Which customers stand on this rung, those whose recommendations sold most first?',
  scope: 'list',
  params: ByRungParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      {
        where: asked(['rung', '=', params.rung], ['ended', '=', 0], ['groupCode', '=', params.groupCode]),
        orderBy: [{ index: 'referralsConverted', direction: 'desc' }],
      },
      params,
      ({ key, document }) => entryOf(key, document, asOfMs),
    ),
};

/** How is this customer loyal, and what shows it? Null for an unknown customer. */
export const customer: NamedQuery<LoyaltyDocument, typeof CustomerParams, LoyaltyEntry | null> = {
  name: 'customer',
  question: 'How is this customer loyal, what shows it, and on which rung do they stand?',
  scope: 'customer',
  params: CustomerParams,
  run: async (reader, params, { asOfMs }) => {
    const stored = await reader.get(params.customerId);
    return stored ? entryOf(params.customerId, stored.document, asOfMs) : null;
  },
};
