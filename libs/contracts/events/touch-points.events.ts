import { Type } from '@sinclair/typebox';
import { ACTOR_KINDS, CHANNELS } from '../envelope.js';
import { defineEvent } from './event-contract.js';
import { code, customerRef, eventId, instant, integer, isoDate, money, object, oneOf, percent, personalText } from './schema.js'; // prettier-ignore

export const TOUCH_KINDS = [
  'visit',
  'call',
  'message',
  'pageView',
  'appUse',
  'ivrPath',
  'meeting',
  'statement',
] as const;

export const TouchPointRecorded = defineEvent({
  type: 'TouchPointRecorded',
  kind: 'fact',
  category: 'customer',
  area: 'touch-points',
  meaning: 'The customer and we were in touch, on any channel, in either direction.',
  rows: ['S2', 'S5', 'S13', 'S16'],
  emittedBy: ['RecordTouchPoint', 'CompleteActivity'],
  schema: object({
    direction: oneOf(['in', 'out'], 'who started it: in = the customer'),
    kind: oneOf(TOUCH_KINDS, 'kind of touch'),
    subject: Type.Optional(personalText('what it was about (personal)')),
    durationS: Type.Optional(integer('length in seconds', 0, 604_800)),
    outcome: Type.Optional(code('how it ended, in a code of your own: reached, noAnswer, solved …')),
    sentiment: Type.Optional(integer('-100 very negative … 100 very positive', -100, 100)),
    reasonCode: Type.Optional(code('why the customer came or was contacted, in a code of your own')),
    productId: Type.Optional(code('product concerned')),
    campaignId: Type.Optional(code('campaign it belongs to')),
    caseId: Type.Optional(code('case it belongs to')),
    effort: Type.Optional(integer('customer effort 1 (little) … 7 (much)', 1, 7)),
    unpleasant: Type.Optional(Type.Boolean({ description: 'an unpleasant step' })),
    pleasant: Type.Optional(Type.Boolean({ description: 'a pleasant step' })),
    choiceOffered: Type.Optional(Type.Boolean({ description: 'the customer was given a choice' })),
    encounterId: Type.Optional(code('encounter the step belongs to')),
    stepIndex: Type.Optional(integer('place of the step in its encounter', 0, 10_000)),
    ritualId: Type.Optional(code('ritual the step is part of: a greeting, a farewell')),
    sessionId: Type.Optional(code('web or app session')),
    body: Type.Optional(personalText('text of the message (personal)')),
  }),
  personal: [
    { path: 'subject', fieldId: 'touch.subject' },
    { path: 'body', fieldId: 'touch.body' },
  ],
  example: { direction: 'in', kind: 'call', subject: 'asks about delivery', durationS: 240, sentiment: 20 },
});

export const TouchPointCorrected = defineEvent({
  type: 'TouchPointCorrected',
  kind: 'fact',
  category: 'customer',
  area: 'touch-points',
  meaning: 'A recorded touch was wrong in part; the original stays, the correction is added.',
  rows: ['S12'],
  emittedBy: ['CorrectTouchPoint'],
  schema: object({
    targetEventId: eventId('the touch point corrected'),
    encounterId: Type.Optional(code('encounter the corrected step belongs to')),
    changes: Type.Partial(
      object({
        direction: oneOf(['in', 'out'], 'who started it: in = the customer'),
        kind: oneOf(TOUCH_KINDS, 'kind of touch'),
        durationS: integer('length in seconds', 0, 604_800),
        outcome: code('how it ended, in a code of your own: reached, noAnswer, solved …'),
        sentiment: integer('-100 … 100', -100, 100),
        reasonCode: code('why the customer came or was contacted, in a code of your own'),
        productId: code('product concerned'),
      }),
      { additionalProperties: false, minProperties: 1, description: 'corrected fields' },
    ),
    original: Type.Optional(
      Type.Object(
        {
          occurredAt: instant('when it happened'),
          channel: oneOf(CHANNELS, 'channel'),
          direction: oneOf(['in', 'out'], 'who started it: in = the customer'),
          kind: oneOf(TOUCH_KINDS, 'kind of touch'),
          actorKind: oneOf(ACTOR_KINDS, 'who acted'),
          durationS: Type.Optional(integer('length in seconds', 0, 604_800)),
          sentiment: Type.Optional(integer('-100 … 100', -100, 100)),
        },
        { additionalProperties: false, description: 'the touch as it was recorded, before any correction' },
      ),
    ),
    productIds: Type.Optional(
      Type.Array(code('product'), {
        maxItems: 100,
        description: 'products the touch was ever said to be about',
      }),
    ),
    reason: personalText('why it is corrected (personal)'),
  }),
  personal: [{ path: 'reason', fieldId: 'touchPoint.correction' }],
  example: {
    targetEventId: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111',
    changes: { sentiment: -20 },
    reason: 'wrong customer mood noted',
  },
});

export const INSTRUMENTS = ['NPS', 'CSAT', 'CES'] as const;

export const SurveyResponded = defineEvent({
  type: 'SurveyResponded',
  kind: 'fact',
  category: 'customer',
  area: 'touch-points',
  meaning: 'The customer answered a survey: NPS 0-10, CSAT 1-5 or CES 1-7.',
  rows: ['S13', 'S17'],
  emittedBy: ['RecordSurveyResponse'],
  schema: object({
    instrument: oneOf(INSTRUMENTS, 'scale of the score: NPS 0-10, CSAT 1-5, CES 1-7'),
    score: integer('NPS 0-10, CSAT 1-5, CES 1-7', 0, 10),
    touchEventId: Type.Optional(eventId('touch the survey is about')),
    productId: Type.Optional(code('product or service the survey is about')),
    pillarScores: Type.Optional(
      Type.Partial(
        object({
          solution: percent('superior solutions'),
          respect: percent('respect'),
          emotion: percent('emotional connection'),
          price: percent('fair prices'),
          convenience: percent('convenience'),
        }),
        {
          additionalProperties: false,
          minProperties: 1,
          description: 'answers by pillar of value, 0 bad … 100 good',
        },
      ),
    ),
    respondentRole: Type.Optional(
      oneOf(['decisionMaker', 'user', 'other'], 'who answered for an organisation'),
    ),
    respondentId: Type.Optional(code('who answered, as the source names them')),
    comment: Type.Optional(personalText('what the customer wrote with it (personal)')),
  }),
  personal: [{ path: 'comment', fieldId: 'survey.comment' }],
  example: { instrument: 'NPS', score: 9, comment: 'quick and friendly' },
});

export const ReferralMade = defineEvent({
  type: 'ReferralMade',
  kind: 'fact',
  category: 'customer',
  area: 'touch-points',
  meaning: 'The customer recommended us to somebody.',
  rows: ['S11'],
  emittedBy: ['RecordReferral'],
  schema: object({
    referralId: code('id of the referral'),
    referredCustomerId: Type.Optional(customerRef('whom they recommended us to')),
    converted: Type.Optional(Type.Boolean({ description: 'the referred party became a customer' })),
    cost: Type.Optional(money('what the recommendation cost us')),
  }),
  example: { referralId: 'ref-1', cost: { amountMinor: 1_000, currency: 'EUR' } },
});

export const ReferralConverted = defineEvent({
  type: 'ReferralConverted',
  kind: 'fact',
  category: 'customer',
  area: 'touch-points',
  meaning: 'Somebody this customer recommended us to bought.',
  rows: ['S11'],
  emittedBy: ['ConvertReferral'],
  schema: object({
    referralId: code('id of the referral'),
    referredCustomerId: Type.Optional(customerRef('who bought')),
    value: Type.Optional(money('what they bought for')),
    margin: Type.Optional(money('margin of it')),
    cost: Type.Optional(money('reward and other costs of winning them')),
  }),
  example: {
    referralId: 'ref-1',
    value: { amountMinor: 24_900, currency: 'EUR' },
    margin: { amountMinor: 8_000, currency: 'EUR' },
    cost: { amountMinor: 2_000, currency: 'EUR' },
  },
});

export const AdvocacyRecorded = defineEvent({
  type: 'AdvocacyRecorded',
  kind: 'fact',
  category: 'customer',
  area: 'touch-points',
  meaning: 'The customer spoke about us in public, for or against.',
  rows: ['S11'],
  emittedBy: ['RecordAdvocacy'],
  schema: object({
    kind: oneOf(['review', 'testimonial', 'publicComplaint'], 'what was said in public'),
    url: Type.Optional(personalText('address of what was said (personal)')),
    value: Type.Optional(money('sales it brought')),
    margin: Type.Optional(money('margin of these sales')),
    cost: Type.Optional(money('what it cost us')),
  }),
  personal: [{ path: 'url', fieldId: 'advocacy.url' }],
  example: { kind: 'review' },
});

export const PromiseMade = defineEvent({
  type: 'PromiseMade',
  kind: 'fact',
  category: 'customer',
  area: 'touch-points',
  meaning: 'One side promised the other something by a date.',
  rows: ['S9', 'S17'],
  emittedBy: ['MakePromise'],
  schema: object({
    promiseId: code('id of the promise'),
    by: oneOf(['firm', 'customer'], 'who promised'),
    what: oneOf(['callback', 'price', 'delivery', 'payment', 'other'], 'what was promised'),
    dueAt: instant('due'),
    ownerId: Type.Optional(
      code('who of ours answers for it: named, else the employee or agent, else the account manager'),
    ),
  }),
  example: {
    promiseId: 'p-1',
    by: 'firm',
    what: 'callback',
    dueAt: '2026-01-06T12:00:00.000Z',
    ownerId: 'am-7',
  },
});

export const PromiseKept = defineEvent({
  type: 'PromiseKept',
  kind: 'fact',
  category: 'customer',
  area: 'touch-points',
  meaning: 'A promise was kept, or made good later.',
  rows: ['S9', 'S17'],
  emittedBy: ['KeepPromise'],
  schema: object({ promiseId: code('id of the promise') }),
  example: { promiseId: 'p-1' },
});

export const PromiseBroken = defineEvent({
  type: 'PromiseBroken',
  kind: 'fact',
  category: 'customer',
  area: 'touch-points',
  meaning:
    'A promise was not kept: somebody says so, or one of ours is overdue by more than the days of grace.',
  rows: ['S9', 'S17'],
  emittedBy: ['BreakPromise', 'due review after the days of grace of a promise of ours'],
  schema: object({
    promiseId: code('id of the promise'),
    reasonCode: Type.Optional(code('why; `overdue` = its time passed and nobody said what became of it')),
  }),
  example: { promiseId: 'p-1', reasonCode: 'forgotten' },
});

export const ExternalDataReceived = defineEvent({
  type: 'ExternalDataReceived',
  kind: 'fact',
  category: 'customer',
  area: 'touch-points',
  meaning: 'An agency outside told us something about the customer, as of a date and under a licence.',
  rows: ['S2'],
  emittedBy: ['ReceiveExternalData'],
  schema: object({
    agency: code('who told us, in a code of your own'),
    dataset: code('which of its data sets'),
    asOf: isoDate('day the agency says it holds for'),
    facts: Type.Array(
      object({ key: code('what it is about'), value: personalText('what the agency says (personal)') }),
      { minItems: 1, maxItems: 100, description: 'what the agency says' },
    ),
    licence: code('terms we may use it under'),
    usableUntil: Type.Optional(isoDate('last day the licence lets us use it')),
  }),
  personal: [{ path: 'facts[].value', fieldId: 'externalData.value' }],
  example: {
    agency: 'creditBureau',
    dataset: 'solvency',
    asOf: '2026-01-01',
    facts: [{ key: 'solvencyClass', value: 'B' }],
    licence: 'contract-2026-4',
    usableUntil: '2026-12-31',
  },
});
