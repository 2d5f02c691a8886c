import { Type } from '@sinclair/typebox';
import { epochMsOf, isoOf } from '@rapport/contracts';
import type { Condition, NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { isSelfService, TOUCH_TYPES } from '../_parts/touch-types.js';
import type { TouchDirection } from '../_parts/touch-types.js';
import { timelineAfter, timelineFrom } from './timeline-place.js';
import type { ContactHistoryEntry, ContactHistoryRow, Detail } from './contact-history.model.js';

const Params = Type.Object(
  {
    customerId: Type.String({ format: 'uuid', description: 'the customer' }),
    from: Type.Optional(
      Type.String({ format: 'date-time', description: 'business time, inclusive (ISO-8601)' }),
    ),
    to: Type.Optional(
      Type.String({ format: 'date-time', description: 'business time, inclusive (ISO-8601)' }),
    ),
  },
  { additionalProperties: false },
);

/**
 * What happened between this customer and us, newest first? Ordered by business time, the sender's own sequence, cause
 * before effect, and event id, so that touches of the same instant are all shown, each once, over any number of pages.
 */
export const history: NamedQuery<ContactHistoryRow, typeof Params, Page<ContactHistoryEntry>> = {
  name: 'history',
  question: 'What happened between this customer and us, newest first?',
  scope: 'customer',
  paged: true,
  params: Params,
  run: (reader, params) => {
    const { customerId, from, to } = params;
    const where: Condition[] = [
      {
        index: 'timeline',
        op: '>=',
        value: timelineFrom(customerId, from === undefined ? undefined : epochMsOf(from)),
      },
      {
        index: 'timeline',
        op: '<',
        value: timelineAfter(customerId, to === undefined ? undefined : epochMsOf(to)),
      },
    ];
    return pageOf(
      reader,
      {
        where,
        orderBy: [{ index: 'timeline', direction: 'desc' }],
      },
      params,
      ({ key, document }) => entryOf(key.slice(key.indexOf('/') + 1), document),
    );
  },
};

/** A stored row as it is answered. */
export function entryOf(eventId: string, row: ContactHistoryRow): ContactHistoryEntry {
  if (row.type === null) throw new Error(`row ${eventId} holds no touch`);
  const corrections = row.corrections ?? [];
  const details: Record<string, Detail> = Object.assign(
    {},
    row.details,
    ...corrections.map((correction) => correction.changes),
  );
  const direction =
    row.type === 'TouchPointRecorded' ? (details['direction'] as TouchDirection) : row.direction;
  return {
    eventId,
    type: row.type,
    category: TOUCH_TYPES[row.type].category,
    occurredAt: isoOf(row.occurredAtMs),
    recordedAt: row.recordedAt,
    sourceSeq: row.sourceSeq,
    channel: row.channel,
    actor: row.actor,
    selfService: isSelfService(direction, row.actor),
    direction,
    late: row.late ?? false,
    details,
    ...(corrections.length > 0 ? { original: row.details } : {}),
    corrections: corrections.map(({ atMs, reason, changes, ...correction }) => ({
      eventId: correction.eventId,
      at: isoOf(atMs),
      reason,
      changes,
    })),
  };
}
