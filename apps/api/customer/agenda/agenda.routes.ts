import { Type } from '@sinclair/typebox';
import {
  ActivityCancelled, ActivityCompleted, ActivityPlanned, ActivityRescheduled, schema, TouchPointRecorded,
} from '@rapport/contracts'; // prettier-ignore
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { RECORD } from '../customer.access.js';

const planned = fieldsOf(ActivityPlanned, { optional: ['ownerId'] });
const rescheduled = fieldsOf(ActivityRescheduled, {
  omit: ['previousDueAt', 'previousOwnerId'],
  optional: ['ownerId'],
});
const completed = schema.object({
  ...fieldsOf(ActivityCompleted, { omit: ['kind', 'touchEventId'] }).properties,
  touch: Type.Optional({
    ...TouchPointRecorded.schema,
    description: 'the contact it brought, recorded with it',
  }),
});

export const AGENDA_ROUTES: readonly CommandRoute[] = [
  { path: 'activities', command: 'PlanActivity', fields: planned, ownId: 'activityId', access: RECORD, summary: 'Plan an activity; without an owner it is the actor\'s' },
  { path: 'activities/:activityId/reschedulings', command: 'RescheduleActivity', fields: rescheduled, access: RECORD, summary: 'Move an activity to another time, or hand it to somebody else' },
  { path: 'activities/:activityId/completion', command: 'CompleteActivity', fields: completed, access: RECORD, summary: 'Record that an activity was done, and the contact it brought' },
  { path: 'activities/:activityId/cancellation', command: 'CancelActivity', fields: fieldsOf(ActivityCancelled, { omit: ['kind'] }), access: RECORD, summary: 'Record that an activity will not be done' },
]; // prettier-ignore
