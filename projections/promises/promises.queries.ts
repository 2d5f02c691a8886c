import { Type } from '@sinclair/typebox';
import { isoOf } from '@rapport/contracts';
import type { NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { rowsOfCustomer } from '../_parts/rows-of-customer.js';
import { asked, codeParam, instantParam, msOf, oneOfParam } from '../_parts/query-params.js';
import { shareOf } from '../_parts/share-of.js';
import type { KeptRate, PromiseEntry, PromiseRow, PromiseSide } from './promises.model.js';

const SIDES = ['firm', 'customer'] as const;
const SUBJECTS = ['callback', 'price', 'delivery', 'payment', 'other'] as const;

function entryOf(key: string, row: PromiseRow, asOfMs: number): PromiseEntry {
  const slash = key.indexOf('/');
  return {
    customerId: key.slice(0, slash),
    promiseId: key.slice(slash + 1),
    status: row.status,
    by: row.by,
    what: row.what,
    ownerId: row.ownerId,
    madeAt: isoOf(row.madeAtMs),
    dueAt: isoOf(row.dueAtMs),
    overdue: row.status === 'open' && row.dueAtMs < asOfMs,
    settledAt: row.settledAtMs === null ? null : isoOf(row.settledAtMs),
    reasonCode: row.reasonCode,
  };
}

const RateParams = Type.Object(
  {
    by: oneOfParam(SIDES, 'only promises of this side'),
    ownerId: codeParam('only what this person answers for'),
    what: oneOfParam(SUBJECTS, 'only promises of this kind'),
    from: instantParam('due at or after'),
    to: instantParam('due at or before'),
  },
  { additionalProperties: false },
);

/** How does each manager, and how do their customers, keep their word? */
export const keptRate: NamedQuery<
  PromiseRow,
  typeof RateParams,
  { readonly asOf: string; readonly rates: readonly KeptRate[] }
> = {
  name: 'kept-rate',
  question: 'What share of the promises does each manager keep in time, and what share their customers?',
  scope: 'figures',
  params: RateParams,
  run: async (reader, params, { asOfMs }) => {
    const where = asked(
      ['by', '=', params.by],
      ['ownerId', '=', params.ownerId],
      ['what', '=', params.what],
      ['dueAtMs', '>=', msOf(params.from)],
      ['dueAtMs', '<=', msOf(params.to)],
    );
    const groupBy = ['ownerId', 'by'];
    const [all, overdue] = await Promise.all([
      reader.group({ groupBy, where, sum: ['made', 'keptInTime', 'keptLate', 'broken'] }),
      reader.group({
        groupBy,
        where: [...where, ...asked(['status', '=', 'open'], ['dueAtMs', '<', asOfMs])],
      }),
    ]);
    const rates = all.map(({ group, sums }): KeptRate => {
      const { made = 0, keptInTime = 0, keptLate = 0, broken = 0 } = sums;
      const ownerId = group['ownerId'] as string | null;
      const by = group['by'] as PromiseSide;
      const late =
        overdue.find((row) => row.group['ownerId'] === ownerId && row.group['by'] === by)?.count ?? 0;
      const settled = keptInTime + keptLate + broken;
      return {
        ownerId,
        by,
        made,
        pending: made - settled - late,
        keptInTime,
        keptLate,
        broken,
        overdue: late,
        keptRate: shareOf(keptInTime, settled + late),
      };
    });
    const place = ({ ownerId, by }: KeptRate): string => `${ownerId === null ? '1' : `0${ownerId}`} ${by}`;
    return { asOf: isoOf(asOfMs), rates: rates.sort((a, b) => (place(a) < place(b) ? -1 : 1)) };
  },
};

const DueParams = Type.Object(
  {
    by: oneOfParam(SIDES, 'only promises of this side'),
    ownerId: codeParam('only what this person answers for'),
    until: instantParam('due at or before'),
  },
  { additionalProperties: false },
);

/** Which promises are open, what is due first? */
export const due: NamedQuery<PromiseRow, typeof DueParams, Page<PromiseEntry>> = {
  name: 'due',
  question: 'Which promises are open, what is due first?',
  scope: 'list',
  params: DueParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      {
        where: asked(
          ['status', '=', 'open'],
          ['by', '=', params.by],
          ['ownerId', '=', params.ownerId],
          ['dueAtMs', '<=', msOf(params.until)],
        ),
        orderBy: [{ index: 'dueAtMs', direction: 'asc' }],
      },
      params,
      ({ key, document }) => entryOf(key, document, asOfMs),
    ),
};

/** What did this customer and we promise each other, and what became of it? */
export const customer = rowsOfCustomer<PromiseRow, PromiseEntry>(
  'What did this customer and we promise each other, and what became of it?',
  ['dueAtMs', 'desc'],
  ({ key, document }, { asOfMs }) => entryOf(key, document, asOfMs),
);
