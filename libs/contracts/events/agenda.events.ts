import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import { code, eventId, instant, integer, object, oneOf, personalText } from './schema.js';

const base = { category: 'customer', area: 'agenda', rows: ['S3', 'S18'] } as const;

export const ACTIVITY_KINDS = ['call', 'visit', 'meeting', 'message', 'review'] as const;

const activityId = code('id of the activity within the customer');

export const ActivityPlanned = defineEvent({
  ...base,
  type: 'ActivityPlanned',
  kind: 'fact',
  meaning: 'One of us plans to do something for or with the customer by a time.',
  emittedBy: ['PlanActivity'],
  schema: object({
    activityId,
    kind: oneOf(ACTIVITY_KINDS, 'what is planned'),
    dueAt: instant('due'),
    ownerId: code('who is to do it'),
    subject: Type.Optional(personalText('what it is about (personal)')),
    opportunityId: Type.Optional(code('opportunity it serves')),
    caseId: Type.Optional(code('case it serves')),
  }),
  personal: [{ path: 'subject', fieldId: 'activity.subject' }],
  example: {
    activityId: 'act-1',
    kind: 'call',
    dueAt: '2026-01-08T09:00:00.000Z',
    ownerId: 'am-7',
    subject: 'how the first weeks went',
  },
});

export const ActivityRescheduled = defineEvent({
  ...base,
  type: 'ActivityRescheduled',
  kind: 'fact',
  meaning: 'A planned activity was moved to another time or handed to somebody else.',
  emittedBy: ['RescheduleActivity'],
  schema: object({
    activityId,
    dueAt: instant('due from now on'),
    ownerId: code('who is to do it from now on'),
    previousDueAt: Type.Optional(instant('due before')),
    previousOwnerId: Type.Optional(code('who was to do it before')),
    reasonCode: Type.Optional(code('why it was put off, in a code of your own')),
  }),
  example: {
    activityId: 'act-1',
    dueAt: '2026-01-09T09:00:00.000Z',
    ownerId: 'am-7',
    previousDueAt: '2026-01-08T09:00:00.000Z',
    previousOwnerId: 'am-7',
    reasonCode: 'customerAway',
  },
});

export const ActivityCompleted = defineEvent({
  ...base,
  type: 'ActivityCompleted',
  kind: 'fact',
  meaning: 'A planned activity was done; the contact it brought is a touch point of its own.',
  emittedBy: ['CompleteActivity'],
  schema: object({
    activityId,
    kind: Type.Optional(oneOf(ACTIVITY_KINDS, 'what was done')),
    outcome: Type.Optional(code('how it ended, in a code of your own: reached, noAnswer …')),
    durationS: Type.Optional(integer('time spent in seconds', 0, 604_800)),
    touchEventId: Type.Optional(eventId('touch point it brought')),
    note: Type.Optional(personalText('what came of it (personal)')),
  }),
  personal: [{ path: 'note', fieldId: 'activity.note' }],
  example: { activityId: 'act-1', kind: 'call', outcome: 'satisfied', durationS: 600 },
});

export const ActivityCancelled = defineEvent({
  ...base,
  type: 'ActivityCancelled',
  kind: 'fact',
  meaning: 'A planned activity will not be done.',
  emittedBy: ['CancelActivity'],
  schema: object({
    activityId,
    kind: Type.Optional(oneOf(ACTIVITY_KINDS, 'what was planned')),
    reasonCode: code('why it will not take place, in a code of your own'),
  }),
  example: { activityId: 'act-1', kind: 'call', reasonCode: 'noLongerNeeded' },
});
