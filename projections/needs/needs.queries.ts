import { Type } from '@sinclair/typebox';
import { isoOf, MS_PER_DAY } from '@rapport/contracts';
import type { NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { rowsOfCustomer } from '../_parts/rows-of-customer.js';
import { asked, codeParam, instantParam, msOf, oneOfParam } from '../_parts/query-params.js';
import { shareOf } from '../_parts/share-of.js';
import type { Gap, GapBridge, NeedCount, NeedEntry, NeedRow } from './needs.model.js';

function entryOf(key: string, row: NeedRow, asOfMs: number): NeedEntry {
  const slash = key.indexOf('/');
  return {
    customerId: key.slice(0, slash),
    needId: key.slice(slash + 1),
    needCode: row.needCode ?? '',
    status: row.status,
    basis: row.basis,
    source: row.source,
    confidencePct: row.confidencePct,
    productIds: row.productIds,
    description: row.description,
    recordedAt: isoOf(row.recordedAtMs),
    answeredAt: row.answeredAtMs === null ? null : isoOf(row.answeredAtMs),
    unservedDays:
      row.status === 'met' ? null : Math.max(0, Math.floor((asOfMs - row.recordedAtMs) / MS_PER_DAY)),
    metBy: row.metBy,
    gap: row.gapCode === null || row.bridge === null ? null : { gapCode: row.gapCode, bridge: row.bridge },
    note: row.note,
  };
}

/** Are the present needs of this customer met? */
export const customer = rowsOfCustomer<NeedRow, NeedEntry>(
  'Which needs has this customer, and are they met?',
  ['recordedAtMs', 'desc'],
  ({ key, document }, { asOfMs }) => entryOf(key, document, asOfMs),
);

const ListParams = Type.Object(
  {
    status: oneOfParam(['open', 'met', 'unmet'], 'only needs that stand so'),
    needCode: codeParam('only this kind of need'),
    gapCode: codeParam('only needs for which this is missing'),
  },
  { additionalProperties: false },
);

/** Who needs this, the longest-standing need first? */
export const list: NamedQuery<NeedRow, typeof ListParams, Page<NeedEntry>> = {
  name: 'list',
  question: 'Who has this need or this gap, the longest-standing first?',
  scope: 'list',
  params: ListParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      {
        where: asked(
          ['status', '=', params.status],
          ['needCode', '=', params.needCode],
          ['gapCode', '=', params.gapCode],
        ),
        orderBy: [{ index: 'recordedAtMs', direction: 'asc' }],
      },
      params,
      ({ key, document }) => entryOf(key, document, asOfMs),
    ),
};

const SpanParams = Type.Object(
  { from: instantParam('recorded at or after'), to: instantParam('recorded at or before') },
  { additionalProperties: false },
);
const within = (params: { from?: string; to?: string }) =>
  asked(['recordedAtMs', '>=', msOf(params.from)], ['recordedAtMs', '<=', msOf(params.to)]);

/** Which needs do we meet, and which not? */
export const overview: NamedQuery<NeedRow, typeof SpanParams, { readonly needs: readonly NeedCount[] }> = {
  name: 'overview',
  question: 'How many needs of each kind are open, met and unmet?',
  scope: 'figures',
  params: SpanParams,
  run: async (reader, params) => {
    const rows = await reader.group({
      groupBy: ['needCode', 'status'],
      where: within(params),
      sum: ['stated'],
    });
    const codes = [...new Set(rows.map(({ group }) => String(group['needCode'])))].sort();
    return {
      needs: codes.map((needCode): NeedCount => {
        const own = rows.filter(({ group }) => group['needCode'] === needCode);
        const countOf = (status: string): number =>
          own.filter(({ group }) => group['status'] === status).reduce((sum, { count }) => sum + count, 0);
        const [open, met, unmet] = [countOf('open'), countOf('met'), countOf('unmet')];
        return {
          needCode,
          needs: open + met + unmet,
          open,
          met,
          unmet,
          metShare: shareOf(met, met + unmet),
          stated: own.reduce((sum, { sums }) => sum + (sums['stated'] ?? 0), 0),
        };
      }),
    };
  },
};

/** What is missing most often, and how could the gap be bridged? */
export const gaps: NamedQuery<NeedRow, typeof SpanParams, { readonly gaps: readonly Gap[] }> = {
  name: 'gaps',
  question: 'What is missing most often, and how could the gap be bridged?',
  scope: 'figures',
  params: SpanParams,
  run: async (reader, params) => {
    const rows = await reader.group({ groupBy: ['gapCode', 'bridge', 'status'], where: within(params) });
    const found = new Map<string, { -readonly [K in keyof Gap]: Gap[K] }>();
    for (const { group, count } of rows) {
      if (group['gapCode'] === null) continue;
      const gapCode = String(group['gapCode']);
      const bridge = group['bridge'] as GapBridge;
      const gap = found.get(`${gapCode}/${bridge}`) ?? { gapCode, bridge, unmet: 0, bridged: 0 };
      if (group['status'] === 'unmet') gap.unmet += count;
      else gap.bridged += count;
      found.set(`${gapCode}/${bridge}`, gap);
    }
    return {
      gaps: [...found.values()].sort(
        (a, b) =>
          b.unmet - a.unmet ||
          b.bridged - a.bridged ||
          (a.gapCode + a.bridge < b.gapCode + b.bridge ? -1 : 1),
      ),
    };
  },
};
