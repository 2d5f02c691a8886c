import { Type } from '@sinclair/typebox';
import { epochMsOf, isoOf } from '@rapport/contracts';
import type { NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import type { DueReview, DueReviewDocument } from './due-reviews.model.js';

const Params = Type.Object(
  {
    by: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'reviews that fell due by then (ISO-8601); default asOf',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Whose review fell due by an instant, the most overdue first? */
export const due: NamedQuery<DueReviewDocument, typeof Params, Page<DueReview>> = {
  name: 'due',
  question: 'Whose review fell due by an instant, the most overdue first?',
  scope: 'list',
  params: Params,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      {
        where: [{ index: 'nextReviewAtMs', op: '<=', value: params.by ? epochMsOf(params.by) : asOfMs }],
        orderBy: [{ index: 'nextReviewAtMs', direction: 'asc' }],
      },
      params,
      ({ key, values: [dueMs] }) => ({ customerId: key, dueAt: isoOf(Number(dueMs)) }),
    ),
};
