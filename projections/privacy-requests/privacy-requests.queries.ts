import { Type } from '@sinclair/typebox';
import { isoOf } from '@rapport/contracts';
import type { NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import type { PrivacyAnswer, PrivacyDocument, PrivacyFigures } from './privacy-requests.model.js';

const answerOf = (customerId: string, document: PrivacyDocument, asOfMs: number): PrivacyAnswer => ({
  customerId,
  open: document.open.map(({ requestId, basis, requestedAtMs, dueAtMs }) => ({
    requestId,
    basis,
    requestedAt: isoOf(requestedAtMs),
    dueAt: isoOf(dueAtMs),
    overdue: dueAtMs < asOfMs,
  })),
  restrictions: document.restrictions.map(({ scope, basis, sinceMs }) => ({
    scope,
    basis,
    since: isoOf(sinceMs),
  })),
  exports: document.exports,
  lastExportAt: document.lastExportAtMs === null ? null : isoOf(document.lastExportAtMs),
  erased: document.erased,
});

const CustomerParams = Type.Object(
  { customerId: Type.String({ format: 'uuid', description: 'the person' }) },
  { additionalProperties: false },
);

/** What did this person ask for about their data, and what still holds? One row, or none when they never asked. */
export const customer: NamedQuery<PrivacyDocument, typeof CustomerParams, Page<PrivacyAnswer>> = {
  name: 'customer',
  question: 'What did this person ask for about their data, and what still holds?',
  scope: 'customer',
  paged: true,
  params: CustomerParams,
  run: async (reader, { customerId }, { asOfMs }) => {
    const stored = await reader.get(customerId);
    return { rows: stored ? [answerOf(customerId, stored.document, asOfMs)] : [] };
  },
};

const NoParams = Type.Object({}, { additionalProperties: false });

/** Who waits to be forgotten, earliest due first? */
export const waiting: NamedQuery<PrivacyDocument, typeof NoParams, Page<PrivacyAnswer>> = {
  name: 'waiting',
  question: 'Who waits to be forgotten, earliest due first?',
  scope: 'list',
  params: NoParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      {
        where: [{ index: 'isWaiting', op: '=', value: 1 }],
        orderBy: [{ index: 'dueAtMs', direction: 'asc' }],
      },
      params,
      ({ key, document }) => answerOf(key, document, asOfMs),
    ),
};

const SUMS = ['requests', 'erased', 'withdrawn', 'declined', 'answeredLate', 'exports'] as const;

/** How are requests of people about their data answered, and in time? */
export const figures: NamedQuery<PrivacyDocument, typeof NoParams, PrivacyFigures> = {
  name: 'figures',
  question: 'How are requests of people about their data answered, and in time?',
  scope: 'figures',
  params: NoParams,
  run: async (reader, _params, { asOfMs }) => {
    const [rows, overdue] = await Promise.all([
      reader.group({ groupBy: ['isWaiting', 'isRestricted'], sum: [...SUMS] }),
      reader.count([
        { index: 'isWaiting', op: '=', value: 1 },
        { index: 'dueAtMs', op: '<', value: asOfMs },
      ]),
    ]);
    const countOf = (flag: 'isWaiting' | 'isRestricted'): number =>
      rows.filter((row) => row.group[flag] === 1).reduce((sum, row) => sum + row.count, 0);
    const sums = Object.fromEntries(
      SUMS.map((name) => [name, rows.reduce((sum, row) => sum + (row.sums[name] ?? 0), 0)]),
    ) as Record<(typeof SUMS)[number], number>;
    return { waiting: countOf('isWaiting'), overdue, restricted: countOf('isRestricted'), ...sums };
  },
};
