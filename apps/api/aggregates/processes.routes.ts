import { ProcessStarted, ProcessStopped } from '@rapport/contracts';
import { PUBLISH_RULES } from '../customer/customer.access.js';
import { fieldsOf } from '../http/command-route.js';
import type { AggregateArea } from './aggregate.routes.js';

/** Letting a process act, and stopping it: whoever publishes rules answers for what happens by itself. */
export const PROCESS_AREA: AggregateArea = {
  category: 'process',
  collection: 'processes',
  area: 'processes',
  routes: [
    { path: ':processId/starts', command: 'StartProcess', fields: fieldsOf(ProcessStarted, { optional: ['maxAgeDays'] }), access: PUBLISH_RULES, summary: 'Let a process act on what is recorded from now on, or from an earlier point on' },
    { path: ':processId/stops', command: 'StopProcess', fields: fieldsOf(ProcessStopped), access: PUBLISH_RULES, summary: 'Stop a process' },
  ],
}; // prettier-ignore
