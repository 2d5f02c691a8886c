import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import { code, instant, integer, object } from './schema.js';

/** What a process is allowed to do is a decision of somebody, so it stands on `process-<name>`. */
const base = { category: 'process', area: 'processes', kind: 'manualDecision' } as const;
const processId = code('name of the process');

export const ProcessStarted = defineEvent({
  ...base,
  type: 'ProcessStarted',
  meaning:
    'A process was switched on: it acts on what is recorded from here on, or from an earlier point where one is named.',
  rows: ['S15', 'S18'],
  emittedBy: ['StartProcess'],
  schema: object({
    processId,
    ownerId: code('who is given what it plans for customers without an account manager'),
    maxAgeDays: integer('days: what happened longer ago is an imported past and is passed over', 1, 3_650),
    recordedFrom: Type.Optional(
      instant('it also looks at what was recorded from then on; absent = from the start on'),
    ),
    afterPosition: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,18}$',
        description: 'log position: it also looks at what stands behind it; absent = from the start on',
      }),
    ),
  }),
  example: { processId: 'welcome', ownerId: 'service-desk', maxAgeDays: 7 },
});

export const ProcessStopped = defineEvent({
  ...base,
  type: 'ProcessStopped',
  meaning: 'A process was switched off: it does nothing more, also not what it was waiting to do.',
  rows: ['S18'],
  emittedBy: ['StopProcess'],
  schema: object({ processId, reasonCode: code('why it was stopped, in a code of your own') }),
  example: { processId: 'welcome', reasonCode: 'campaignEnded' },
});
