import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import { code, instant, integer, money, object, oneOf, personalText } from './schema.js';

export const CASE_KINDS = ['request', 'question', 'complaint', 'fault', 'claim'] as const;
export const VALUE_PILLARS = ['solution', 'respect', 'emotion', 'price', 'convenience'] as const;

const caseId = code('id of the case within the customer');
const severity = integer('1 worst … 4 least', 1, 4);
/** A century: longer than any case, so that a sum of a lifetime's cases stays exact. */
const MAX_SECONDS = 3_155_760_000;
const waitS = Type.Optional(
  integer('seconds the customer waited, from the opening or the latest reopening', 0, MAX_SECONDS),
);
export const REMEDIES = [
  'refund', 'discount', 'voucher', 'replacement', 'repair', 'extra', 'apology', 'other',
] as const; // prettier-ignore
const base = { category: 'customer', area: 'service' } as const;

export const CaseOpened = defineEvent({
  ...base,
  type: 'CaseOpened',
  kind: 'fact',
  meaning: 'The customer asked for something that needs an answer.',
  rows: ['S3'],
  emittedBy: ['OpenCase'],
  schema: object({
    caseId,
    kind: oneOf(['request', 'question', 'fault', 'claim'], 'kind of case'),
    severity,
    productId: Type.Optional(code('product concerned')),
    subject: Type.Optional(personalText('what it is about (personal)')),
    slaDueAt: instant('to be resolved by'),
  }),
  personal: [{ path: 'subject', fieldId: 'case.subject' }],
  example: { caseId: 'c-1', kind: 'question', severity: 3, slaDueAt: '2026-01-08T10:00:00.000Z' },
});

export const ComplaintRaised = defineEvent({
  ...base,
  type: 'ComplaintRaised',
  kind: 'fact',
  meaning: 'The customer complained; a case was opened for it.',
  rows: ['S13', 'S17'],
  emittedBy: ['RaiseComplaint'],
  schema: object({
    caseId,
    reasonCode: code('what went wrong'),
    severity,
    valuePillar: Type.Optional(oneOf(VALUE_PILLARS, 'pillar of value it hurts')),
    productId: Type.Optional(code('product concerned')),
    wanted: Type.Optional(personalText('what the customer wants (personal)')),
    slaDueAt: instant('to be resolved by'),
  }),
  personal: [{ path: 'wanted', fieldId: 'complaint.wanted' }],
  example: {
    caseId: 'c-2',
    reasonCode: 'lateDelivery',
    severity: 2,
    valuePillar: 'convenience',
    slaDueAt: '2026-01-07T10:00:00.000Z',
  },
});

export const CaseAcknowledged = defineEvent({
  ...base,
  type: 'CaseAcknowledged',
  kind: 'fact',
  meaning: 'We told the customer that the case is being handled.',
  rows: ['S3'],
  emittedBy: ['AcknowledgeCase'],
  schema: object({
    caseId,
    handlerId: code('who handles it'),
    firstResponse: Type.Optional(Type.Boolean({ description: 'first sign from us in this case' })),
    waitS,
  }),
  example: { caseId: 'c-1', handlerId: 'agent-3', firstResponse: true, waitS: 900 },
});

export const CaseReplied = defineEvent({
  ...base,
  type: 'CaseReplied',
  kind: 'fact',
  meaning: 'We answered the customer within a case.',
  rows: ['S3'],
  emittedBy: ['ReplyToCase'],
  schema: object({
    caseId,
    handlerId: code('who answered'),
    firstResponse: Type.Boolean({ description: 'first answer in this case' }),
    waitS,
    text: Type.Optional(personalText('the answer (personal)')),
  }),
  personal: [{ path: 'text', fieldId: 'case.reply' }],
  example: { caseId: 'c-1', handlerId: 'agent-3', firstResponse: true, waitS: 5_400 },
});

export const CaseNoteAdded = defineEvent({
  ...base,
  type: 'CaseNoteAdded',
  kind: 'fact',
  meaning: 'Somebody of ours noted something on a case; the customer does not see it.',
  rows: ['S3'],
  emittedBy: ['AddCaseNote'],
  schema: object({ caseId, authorId: code('who wrote it'), text: personalText('the note (personal)') }),
  personal: [{ path: 'text', fieldId: 'case.note' }],
  example: { caseId: 'c-1', authorId: 'agent-3', text: 'waits for the spare part' },
});

export const CompensationOffered = defineEvent({
  ...base,
  type: 'CompensationOffered',
  kind: 'fact',
  meaning: 'We offered the customer something to make up for a problem, if possible as a choice.',
  rows: ['S13', 'S16'],
  emittedBy: ['OfferCompensation'],
  schema: object({
    caseId,
    compensationId: code('id of the offered compensation within the customer'),
    remedy: oneOf(REMEDIES, 'what was offered'),
    alternatives: Type.Optional(
      Type.Array(oneOf(REMEDIES), {
        maxItems: REMEDIES.length,
        uniqueItems: true,
        description: 'what else the customer may choose: commitment through choice',
      }),
    ),
    amount: Type.Optional(money('what is offered, where it is money')),
    offeredBy: Type.Optional(code('who offered it')),
  }),
  example: {
    caseId: 'c-2',
    compensationId: 'comp-1',
    remedy: 'voucher',
    alternatives: ['replacement'],
    amount: { amountMinor: 2500, currency: 'EUR' },
    offeredBy: 'agent-3',
  },
});

export const CaseEscalated = defineEvent({
  ...base,
  type: 'CaseEscalated',
  kind: 'fact',
  meaning: 'A case was handed to a higher level.',
  rows: ['S3'],
  emittedBy: ['EscalateCase'],
  schema: object({
    caseId,
    toHandlerId: code('who takes over'),
    reason: personalText('why somebody else has to take over (personal)'),
  }),
  personal: [{ path: 'reason', fieldId: 'case.escalation' }],
  example: { caseId: 'c-1', toHandlerId: 'lead-1', reason: 'beyond SLA' },
});

export const CaseResolved = defineEvent({
  ...base,
  type: 'CaseResolved',
  kind: 'fact',
  meaning: 'We consider the case solved; the customer has not said so yet.',
  rows: ['S13', 'S16'],
  emittedBy: ['ResolveCase'],
  schema: object({
    caseId,
    resolutionCode: code('how it was solved'),
    compensation: Type.Optional(money('what the customer got')),
    effort: Type.Optional(integer('customer effort 1 little … 7 much', 1, 7)),
    satisfaction: Type.Optional(integer('what the customer said at once: 1 not … 5 very satisfied', 1, 5)),
    resolutionS: Type.Optional(
      integer('seconds from the opening to this resolution, earlier attempts included', 0, MAX_SECONDS),
    ),
  }),
  example: {
    caseId: 'c-2',
    resolutionCode: 'replaced',
    compensation: { amountMinor: 1000, currency: 'EUR' },
    effort: 2,
    satisfaction: 4,
    resolutionS: 86_400,
  },
});

export const ResolutionAccepted = defineEvent({
  ...base,
  type: 'ResolutionAccepted',
  kind: 'fact',
  meaning: 'The customer accepted the resolution of a case.',
  rows: ['S13', 'S16'],
  emittedBy: ['AcceptResolution'],
  schema: object({ caseId, satisfaction: Type.Optional(integer('1 not … 5 very satisfied', 1, 5)) }),
  example: { caseId: 'c-2', satisfaction: 4 },
});

export const CaseReopened = defineEvent({
  ...base,
  type: 'CaseReopened',
  kind: 'fact',
  meaning: 'The customer did not accept the resolution, or the problem came back.',
  rows: ['S13'],
  emittedBy: ['ReopenCase'],
  schema: object({
    caseId,
    reasonCode: code('why the customer is not content, in a code of your own: notSolved …'),
    slaDueAt: Type.Optional(instant('to be resolved by, counted from the reopening')),
  }),
  example: { caseId: 'c-2', reasonCode: 'notSolved', slaDueAt: '2026-01-12T10:00:00.000Z' },
});

export const CaseClosed = defineEvent({
  ...base,
  type: 'CaseClosed',
  kind: 'fact',
  meaning: 'The case is closed.',
  rows: ['S13'],
  emittedBy: ['CloseCase'],
  schema: object({ caseId }),
  example: { caseId: 'c-2' },
});
