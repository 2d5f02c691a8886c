import { Type } from '@sinclair/typebox';
import { ACTIVITY_KINDS, isoOf, MS_PER_DAY, MS_PER_SECOND } from '@rapport/contracts';
import type { NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { rowsOfCustomer } from '../_parts/rows-of-customer.js';
import { asked, codeParam, instantParam, msOf, oneOfParam } from '../_parts/query-params.js';
import { shareOf } from '../_parts/share-of.js';
import type { AgendaEntry, AgendaRow, OwnerLoad } from './agenda.model.js';

const TENTH_OF_HOUR_MS = 360 * MS_PER_SECOND;

/** First instant after the UTC day of an instant. */
const endOfDayMs = (atMs: number): number => (Math.floor(atMs / MS_PER_DAY) + 1) * MS_PER_DAY;

function entryOf(key: string, row: AgendaRow, asOfMs: number): AgendaEntry {
  const slash = key.indexOf('/');
  const overdue = row.status === 'planned' && row.dueAtMs < asOfMs;
  return {
    customerId: key.slice(0, slash),
    activityId: key.slice(slash + 1),
    status: row.status,
    kind: row.kind,
    ownerId: row.ownerId,
    dueAt: isoOf(row.dueAtMs),
    overdue,
    overdueHours: overdue ? Math.floor((asOfMs - row.dueAtMs) / TENTH_OF_HOUR_MS) / 10 : 0,
    rescheduled: row.rescheduled,
    subject: row.subject,
    opportunityId: row.opportunityId,
    caseId: row.caseId,
    closedAt: row.closedAtMs === null ? null : isoOf(row.closedAtMs),
    outcome: row.outcome,
    touchEventId: row.touchEventId,
  };
}

const MyDayParams = Type.Object(
  {
    ownerId: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description: 'whose day' }),
    until: instantParam('end of the day, where the day of the owner is not that of UTC'),
  },
  { additionalProperties: false },
);

/** What have I to do by the end of the day, what is overdue first? */
export const myDay: NamedQuery<AgendaRow, typeof MyDayParams, Page<AgendaEntry>> = {
  name: 'my-day',
  question: 'What has this person to do by the end of the day, what is overdue first?',
  scope: 'list',
  params: MyDayParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      {
        where: asked(
          ['status', '=', 'planned'],
          ['ownerId', '=', params.ownerId],
          ['dueAtMs', '<', msOf(params.until) ?? endOfDayMs(asOfMs)],
        ),
        orderBy: [{ index: 'dueAtMs', direction: 'asc' }],
      },
      params,
      ({ key, document }) => entryOf(key, document, asOfMs),
    ),
};

const PlannedParams = Type.Object(
  {
    ownerId: codeParam('only what this person has to do'),
    kind: oneOfParam(ACTIVITY_KINDS, 'only this kind'),
    from: instantParam('due at or after'),
    to: instantParam('due at or before'),
  },
  { additionalProperties: false },
);

/** What is planned, what is due first? */
export const planned: NamedQuery<AgendaRow, typeof PlannedParams, Page<AgendaEntry>> = {
  name: 'planned',
  question: 'What is planned, what is due first?',
  scope: 'list',
  params: PlannedParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      {
        where: asked(
          ['status', '=', 'planned'],
          ['ownerId', '=', params.ownerId],
          ['kind', '=', params.kind],
          ['dueAtMs', '>=', msOf(params.from)],
          ['dueAtMs', '<=', msOf(params.to)],
        ),
        orderBy: [{ index: 'dueAtMs', direction: 'asc' }],
      },
      params,
      ({ key, document }) => entryOf(key, document, asOfMs),
    ),
};

/** What was and is planned with this customer, the latest first? */
export const customer = rowsOfCustomer<AgendaRow, AgendaEntry>(
  'What was and is planned with this customer, the latest first?',
  ['dueAtMs', 'desc'],
  ({ key, document }, { asOfMs }) => entryOf(key, document, asOfMs),
);

const LoadParams = Type.Object(
  {
    ownerId: codeParam('only this person'),
    from: instantParam('due at or after'),
    to: instantParam('due at or before'),
  },
  { additionalProperties: false },
);

/** How much has each person to do, how much is overdue, and how much was done in time? */
export const load: NamedQuery<
  AgendaRow,
  typeof LoadParams,
  { readonly asOf: string; readonly owners: readonly OwnerLoad[] }
> = {
  name: 'load',
  question: 'How much has each person to do, how much is overdue, and how much was done in time?',
  scope: 'figures',
  params: LoadParams,
  run: async (reader, params, { asOfMs }) => {
    const where = asked(
      ['ownerId', '=', params.ownerId],
      ['dueAtMs', '>=', msOf(params.from)],
      ['dueAtMs', '<=', msOf(params.to)],
    );
    const isPlanned = asked(['status', '=', 'planned']);
    const [byStatus, overdue, today] = await Promise.all([
      reader.group({ groupBy: ['ownerId', 'status'], where, sum: ['doneInTime'] }),
      reader.group({
        groupBy: ['ownerId'],
        where: [...where, ...isPlanned, ...asked(['dueAtMs', '<', asOfMs])],
      }),
      reader.group({
        groupBy: ['ownerId'],
        where: [
          ...where,
          ...isPlanned,
          ...asked(['dueAtMs', '>=', asOfMs], ['dueAtMs', '<', endOfDayMs(asOfMs)]),
        ],
      }),
    ]);
    const owners = [...new Set(byStatus.map(({ group }) => String(group['ownerId'])))].sort();
    const countOf = (rows: typeof byStatus, ownerId: string, status?: string): number =>
      rows
        .filter(({ group }) => group['ownerId'] === ownerId && (!status || group['status'] === status))
        .reduce((sum, { count }) => sum + count, 0);
    return {
      asOf: isoOf(asOfMs),
      owners: owners.map((ownerId): OwnerLoad => {
        const done = countOf(byStatus, ownerId, 'done');
        const doneInTime = byStatus
          .filter(({ group }) => group['ownerId'] === ownerId)
          .reduce((sum, { sums }) => sum + (sums['doneInTime'] ?? 0), 0);
        const late = countOf(overdue, ownerId);
        const dueToday = countOf(today, ownerId);
        return {
          ownerId,
          later: countOf(byStatus, ownerId, 'planned') - late - dueToday,
          dueToday,
          overdue: late,
          done,
          doneInTime,
          doneInTimeShare: shareOf(doneInTime, done),
          cancelled: countOf(byStatus, ownerId, 'cancelled'),
        };
      }),
    };
  },
};
