import { Type } from '@sinclair/typebox';
import { STAGES } from '@rapport/contracts';
import type { Money, Stage } from '@rapport/contracts';
import type { Condition, NamedQuery, Page, ProjectionReader } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { pageOf } from '../_parts/paging.js';
import { DIMENSIONS } from './account-portfolio.model.js';
import type {
  AccountPortfolioDocument,
  Dimension,
  ManagerPortfolio,
  PortfolioFigures,
  PortfolioMember,
  PortfoliosAnswer,
} from './account-portfolio.model.js';

/** `currency` index of a customer who bought in several. */
export const MIXED = 'mixed';
/** `managerId` parameter for customers without an account manager. */
const NOBODY = 'nobody';

const name = (description: string) =>
  Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description }));
const managerId = name('only this account manager; `nobody`: customers without one');
const FILTERS = {
  groupCode: Type.Optional(
    Type.Unsafe<string>({
      type: 'string',
      enum: ['consumer', 'smallBusiness', 'corporation'],
      description: 'only this customer group',
    }),
  ),
  activityType: name('only this line of business'),
  regionCode: name('only this region'),
  country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'only this country (ISO 3166-1)' })), // prettier-ignore
  stage: Type.Optional(
    Type.Unsafe<Stage>({ type: 'string', enum: [...STAGES], description: 'only this stage' }),
  ),
  customerClass: Type.Optional(Type.Integer({ minimum: 1, maximum: 4, description: 'only this class (1-4)' })), // prettier-ignore
};

const PortfoliosParams = Type.Object(
  {
    managerId,
    by: Type.Optional(
      Type.Unsafe<Dimension>({ type: 'string', enum: [...DIMENSIONS], description: 'split portfolios by' }),
    ),
    ...FILTERS,
  },
  { additionalProperties: false },
);

function conditions(params: {
  managerId?: string;
  groupCode?: string;
  activityType?: string;
  regionCode?: string;
  country?: string;
  stage?: Stage;
  customerClass?: number;
}): Condition[] {
  const { managerId: manager, groupCode, activityType, regionCode, country, stage, customerClass } = params;
  const where: Condition[] = [];
  if (manager !== undefined)
    where.push({ index: 'managerId', op: '=', value: manager === NOBODY ? null : manager });
  const equal = { groupCode, activityType, regionCode, country, stage, customerClass };
  for (const [index, value] of Object.entries(equal))
    if (value !== undefined) where.push({ index, op: '=', value });
  return where;
}

/** Adds up customers and their money. */
class Sums {
  private customers = 0;
  private readonly netMinor = new Map<string, number>();

  add(customers: number, currency: string | null, amountMinor: number): void {
    this.customers += customers;
    if (currency !== null)
      this.netMinor.set(currency, addMinor(this.netMinor.get(currency) ?? 0, amountMinor));
  }

  figures(): PortfolioFigures {
    return {
      customers: this.customers,
      net: [...this.netMinor]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([currency, amountMinor]) => ({ currency, amountMinor })),
    };
  }
}

/** How many customers of what kind does each account manager look after, and what did they buy? */
export const portfolios: NamedQuery<AccountPortfolioDocument, typeof PortfoliosParams, PortfoliosAnswer> = {
  name: 'portfolios',
  question: 'How many customers of what kind does each account manager look after, and what did they buy?',
  scope: 'figures',
  params: PortfoliosParams,
  run: async (reader, params) => {
    const { by } = params;
    const all = new Sums();
    const managers = new Map<string | null, { whole: Sums; groups: Map<string | number | null, Sums> }>();
    const add = (
      manager: string | null,
      value: string | number | null,
      customers: number,
      currency: string | null,
      amountMinor: number,
    ): void => {
      let portfolio = managers.get(manager);
      if (!portfolio) managers.set(manager, (portfolio = { whole: new Sums(), groups: new Map() }));
      let group = portfolio.groups.get(value);
      if (!group) portfolio.groups.set(value, (group = new Sums()));
      for (const sums of [all, portfolio.whole, group]) sums.add(customers, currency, amountMinor);
    };
    const where = conditions(params);
    const rows = await reader.group({
      groupBy: ['managerId', 'currency', ...(by === undefined ? [] : [by])],
      where,
      sum: ['netMinor'],
    });
    for (const { group, count, sums } of rows) {
      const currency = group['currency'] as string | null;
      add(
        group['managerId'] as string | null,
        by === undefined ? null : group[by]!,
        count,
        currency === MIXED ? null : currency,
        sums['netMinor'] ?? 0,
      );
    }
    for await (const document of boughtInSeveral(reader, where))
      for (const [currency, amountMinor] of Object.entries(document.netMinor))
        add(document.managerId, by === undefined ? null : document[by], 0, currency, amountMinor);
    return {
      by: by ?? null,
      ...all.figures(),
      managers: [...managers]
        .map(([manager, { whole, groups }]): ManagerPortfolio => ({
          managerId: manager,
          ...whole.figures(),
          groups: by === undefined ? [] : [...groups].map(([value, sums]) => ({ value, ...sums.figures() })).sort(mostFirst), // prettier-ignore
        }))
        .sort((a, b) => b.customers - a.customers || ((a.managerId ?? '') < (b.managerId ?? '') ? -1 : 1)),
    };
  },
};

const mostFirst = (
  a: PortfolioFigures & { value: string | number | null },
  b: PortfolioFigures & { value: string | number | null },
): number => b.customers - a.customers || (String(a.value) < String(b.value) ? -1 : 1);

const PAGE = 200;

/** Few customers buy in several currencies: an index column holds one figure, so theirs are read. */
async function* boughtInSeveral(
  reader: ProjectionReader<AccountPortfolioDocument>,
  where: readonly Condition[],
): AsyncGenerator<AccountPortfolioDocument> {
  let after: { values: readonly []; key: string } | undefined;
  for (;;) {
    const page = await reader.query({
      where: [...where, { index: 'currency', op: '=', value: MIXED }],
      limit: PAGE,
      ...(after ? { after } : {}),
    });
    for (const { document } of page) yield document;
    const last = page[page.length - 1];
    if (page.length < PAGE || !last) return;
    after = { values: [], key: last.key };
  }
}

const CustomersParams = Type.Object({ managerId, ...FILTERS }, { additionalProperties: false });

/** Which customers does this account manager look after, since when? Also: who would move in a hand-over. */
export const customers: NamedQuery<
  AccountPortfolioDocument,
  typeof CustomersParams,
  Page<PortfolioMember>
> = {
  name: 'customers',
  question: 'Which customers does this account manager look after, since when?',
  scope: 'list',
  params: CustomersParams,
  run: (reader, params) =>
    pageOf(reader, { where: conditions(params) }, params, ({ key, document }) => memberOf(key, document)),
};

const HandOverParams = Type.Object(
  {
    handOverId: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description: 'the hand-over' }),
    managerId: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$',
      description: 'whose customers are handed over',
    }),
  },
  { additionalProperties: false },
);

/** How far is a hand-over: who is with the successor by it, and who is still with the account manager? */
export const handOver: NamedQuery<
  AccountPortfolioDocument,
  typeof HandOverParams,
  { readonly customersMoved: number; readonly customersRemaining: number }
> = {
  name: 'hand-over',
  question:
    'How far is a hand-over: who is with the successor by it, and who is still with the account manager?',
  scope: 'figures',
  params: HandOverParams,
  run: async (reader, params) => {
    const [customersMoved, customersRemaining] = await Promise.all([
      reader.count([{ index: 'handOverId', op: '=', value: params.handOverId }]),
      reader.count([{ index: 'managerId', op: '=', value: params.managerId }]),
    ]);
    return { customersMoved, customersRemaining };
  },
};

function memberOf(customerId: string, document: AccountPortfolioDocument): PortfolioMember {
  const { netMinor, handOverId: _handOverId, managersBefore: _managersBefore, ...member } = document;
  return {
    customerId,
    ...member,
    net: Object.keys(netMinor)
      .sort()
      .map((currency): Money => ({ currency, amountMinor: netMinor[currency]! })),
  };
}
