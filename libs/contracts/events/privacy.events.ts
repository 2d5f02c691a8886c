import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import { code, instant, isoDate, object, oneOf, personalText } from './schema.js';

/** What of the processing is restricted: all of it but storage, our marketing, or scores and profiles of the person. */
export const RESTRICTION_SCOPES = ['all', 'marketing', 'profiling'] as const;

const base = { category: 'customer', area: 'privacy' } as const;
const requestId = code('id of the request within the customer');
const restrictionScope = oneOf(RESTRICTION_SCOPES, 'what is restricted');

export const ErasureRequested = defineEvent({
  ...base,
  type: 'ErasureRequested',
  kind: 'fact',
  meaning: 'The person asked to be forgotten; until it is done or declined we begin nothing with them.',
  rows: ['S2', 'S20'],
  emittedBy: ['RequestErasure'],
  schema: object({
    requestId,
    basis: oneOf(
      ['noLongerNeeded', 'consentWithdrawn', 'objection', 'unlawful', 'legalObligation'],
      'ground (GDPR art. 17(1))',
    ),
    dueAt: instant('to be answered by (GDPR art. 12(3))'),
    note: Type.Optional(personalText('what was asked for (personal)')),
  }),
  personal: [{ path: 'note', fieldId: 'erasure.note' }],
  example: { requestId: 'er-1', basis: 'consentWithdrawn', dueAt: '2026-02-04T09:00:00.000Z' },
});

export const ErasureRequestClosed = defineEvent({
  ...base,
  type: 'ErasureRequestClosed',
  kind: 'manualDecision',
  meaning: 'A request to be forgotten was taken back, or declined because the law asks to keep the data.',
  rows: ['S2', 'S20'],
  emittedBy: ['CloseErasureRequest'],
  schema: object({
    requestId,
    outcome: oneOf(['withdrawn', 'declined'], 'taken back by the person, or declined (GDPR art. 17(3))'),
    reasonCode: code('why it was taken back or declined, in a code of your own'),
  }),
  example: { requestId: 'er-1', outcome: 'declined', reasonCode: 'legalClaims' },
});

export const ProcessingRestricted = defineEvent({
  ...base,
  type: 'ProcessingRestricted',
  kind: 'fact',
  meaning: 'The data of the person may be kept and little else: we begin nothing in this scope.',
  rows: ['S2', 'S20'],
  emittedBy: ['RestrictProcessing'],
  schema: object({
    scope: restrictionScope,
    basis: oneOf(
      ['accuracyContested', 'unlawfulProcessing', 'legalClaims', 'objectionPending'],
      'ground (GDPR art. 18(1))',
    ),
    reason: Type.Optional(personalText('what was asked for (personal)')),
  }),
  personal: [{ path: 'reason', fieldId: 'restriction.reason' }],
  example: { scope: 'all', basis: 'accuracyContested' },
});

export const RestrictionLifted = defineEvent({
  ...base,
  type: 'RestrictionLifted',
  kind: 'manualDecision',
  meaning: 'A restriction of processing ended.',
  rows: ['S2', 'S20'],
  emittedBy: ['LiftRestriction'],
  schema: object({
    scope: restrictionScope,
    reasonCode: code('why it ended, in a code of your own'),
    informedOn: Type.Optional(isoDate('day the person was told of it beforehand (GDPR art. 18(3))')),
  }),
  example: { scope: 'all', reasonCode: 'dataCorrected', informedOn: '2026-03-02' },
});

export const CustomerDataExported = defineEvent({
  ...base,
  type: 'CustomerDataExported',
  kind: 'fact',
  meaning: 'All data kept about the person was handed out.',
  rows: ['S2', 'S20'],
  emittedBy: ['ExportCustomerData'],
  schema: object({
    exportId: code('id of the export within the customer'),
    basis: oneOf(['access', 'portability'], 'right made use of (GDPR art. 15, art. 20)'),
    recipient: Type.Optional(
      oneOf(['person', 'otherController', 'authority'], 'who received it; absent = the person'),
    ),
  }),
  example: { exportId: 'ex-1', basis: 'access' },
});
