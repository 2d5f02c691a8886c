import { Type } from '@sinclair/typebox';
import { CHANNELS, CONSENT_PURPOSES, MS_PER_DAY, OFFER_KINDS } from '@rapport/contracts';
import { consentFor } from '../../customer/consent/consent.decider.js';
import { CAMPAIGN_CONTACTS_KEPT } from '../../customer/marketing/marketing.state.js';
import { OFFERS_KEPT } from '../../customer/sales/sales.state.js';
import { oneOf } from '../one-of.js';
import { definePredicate } from './predicate.js';
import type { RelationshipView, Subject } from './predicate.js';

const period = Type.Integer({ minimum: 1, maximum: 36_500, description: 'length of the period in days' });
const days = (description: string) => Type.Integer({ minimum: 0, maximum: 36_500, description });
const purpose = Type.Object(
  {
    purpose: oneOf(CONSENT_PURPOSES, 'what the data may be used for'),
  },
  { additionalProperties: false },
);

export const consentGranted = definePredicate({
  name: 'consentGranted',
  meaning: 'The customer agreed to the purpose on the channel, and the consent has not expired.',
  params: purpose,
  isMet: (view, params, nowMs, subject) =>
    consentFor(view.consent, params.purpose, subject.channel ?? 'any', nowMs)?.status === 'granted',
  evidence: (view, params, nowMs, subject) => [
    consentFor(view.consent, params.purpose, subject.channel ?? 'any', nowMs)?.entry ?? null,
  ],
  toMeet: (_view, params, _nowMs, subject) => [
    {
      sentence: 'Record that the customer agreed.',
      fact: {
        eventType: 'ConsentGranted',
        data: { purpose: params.purpose, channelScope: subject.channel ?? 'any' },
      },
    },
  ],
});

export const consentWithdrawn = definePredicate({
  name: 'consentWithdrawn',
  meaning: 'The customer said no to the purpose on the channel, or took the consent back.',
  params: purpose,
  isMet: (view, params, nowMs, subject) => {
    const status = consentFor(view.consent, params.purpose, subject.channel ?? 'any', nowMs)?.status;
    return status === 'denied' || status === 'revoked';
  },
  evidence: (view, params, nowMs, subject) => [
    consentFor(view.consent, params.purpose, subject.channel ?? 'any', nowMs)?.entry ?? null,
  ],
  toEnd: (_view, params, _nowMs, subject) => [
    {
      sentence: 'Record that the customer agreed.',
      fact: {
        eventType: 'ConsentGranted',
        data: { purpose: params.purpose, channelScope: subject.channel ?? 'any' },
      },
    },
  ],
});

export const lastExperienceBad = definePredicate({
  name: 'lastExperienceBad',
  meaning: 'The last experience that is known was bad; unknown is never negative.',
  params: Type.Object(
    {
      below: Type.Integer({
        minimum: -100,
        maximum: 100,
        description: 'bad below this, on -100 … 100',
      }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params) =>
    view.touchPoints.lastExperience !== null && view.touchPoints.lastExperience.value < params.below,
  evidence: (view) => [view.touchPoints.lastExperience],
  toEnd: () => [
    {
      sentence: 'Record an experience that was not bad.',
      fact: { eventType: 'SurveyResponded', data: { instrument: 'CSAT', score: 4 } },
    },
  ],
});

export const recoveredWithin = definePredicate({
  name: 'recoveredWithin',
  meaning: 'The relationship was repaired less than so many days ago.',
  params: Type.Object({ days: days('days of cooling-off') }, { additionalProperties: false }),
  isMet: (view, params, nowMs) =>
    view.relationship.recoveredAtMs !== null &&
    nowMs - view.relationship.recoveredAtMs < params.days * MS_PER_DAY,
  toEnd: (view, params) => [
    {
      sentence: 'Wait until the cooling-off after the repair has passed.',
      earliestAtMs: (view.relationship.recoveredAtMs ?? 0) + params.days * MS_PER_DAY,
    },
  ],
});

const openOffers = (view: RelationshipView, kind: string, withinDays: number, nowMs: number) =>
  view.sales.offers.filter(
    (offer) => offer.open && offer.kind === kind && nowMs - offer.atMs < withinDays * MS_PER_DAY,
  );

export const offerOpen = definePredicate({
  name: 'offerOpen',
  meaning: 'An offer of this kind waits for an answer.',
  params: Type.Object(
    {
      kind: oneOf(OFFER_KINDS, 'kind of offer'),
      withinDays: days('days after which an unanswered offer is over'),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs) => openOffers(view, params.kind, params.withinDays, nowMs).length > 0,
  evidence: (view, params, nowMs) => openOffers(view, params.kind, params.withinDays, nowMs),
  toEnd: (view, params, nowMs, subject) =>
    openOffers(view, params.kind, params.withinDays, nowMs).map(({ offerId, productId, atMs }) =>
      // A no to this very product would only begin another rest.
      productId === subject.productId
        ? {
            sentence: 'Wait until the open offer of this product is over.',
            earliestAtMs: atMs + params.withinDays * MS_PER_DAY,
          }
        : {
            sentence: 'Record the answer to the open offer.',
            fact: { eventType: 'OfferDeclined' as const, data: { offerId } },
          },
    ),
});

const declinedLike = (
  view: RelationshipView,
  params: { readonly days: number; readonly same: 'product' | 'kind' },
  nowMs: number,
  subject: Subject,
) =>
  view.sales.offers.filter(
    (offer) =>
      offer.declinedAtMs !== null &&
      nowMs - offer.declinedAtMs < params.days * MS_PER_DAY &&
      (params.same === 'product' ? offer.productId === subject.productId : offer.kind === subject.kind),
  );

export const offerDeclinedWithin = definePredicate({
  name: 'offerDeclinedWithin',
  meaning: 'The customer said no to an offer like this one less than so many days ago.',
  params: Type.Object(
    {
      days: days('days of rest after a no'),
      same: oneOf(['product', 'kind'], 'what makes an offer like the declined one'),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs, subject) => declinedLike(view, params, nowMs, subject).length > 0,
  evidence: (view, params, nowMs, subject) => declinedLike(view, params, nowMs, subject),
  toEnd: (view, params, nowMs, subject) => [
    {
      sentence: 'Wait until the rest after the no is over.',
      earliestAtMs: Math.max(
        ...declinedLike(view, params, nowMs, subject).map(
          ({ declinedAtMs }) => declinedAtMs! + params.days * MS_PER_DAY,
        ),
      ),
    },
  ],
});

/** What a cap counts: offers by us and contacts for campaigns, within the period, through the channels it is for; in order of time. */
const countedOffers = (
  view: RelationshipView,
  params: { readonly days: number; readonly channels?: readonly string[] },
  nowMs: number,
) =>
  [...view.sales.offers.filter(({ byFirm }) => byFirm), ...view.marketing.contacts]
    .filter(
      ({ atMs, channel }) =>
        atMs > nowMs - params.days * MS_PER_DAY &&
        (params.channels === undefined || params.channels.includes(channel)),
    )
    .sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);

const concerns = (params: { readonly channels?: readonly string[] }, subject: Subject): boolean =>
  params.channels === undefined ||
  (subject.channel !== undefined && params.channels.includes(subject.channel));

export const offersMadeWithin = definePredicate({
  name: 'offersMadeWithin',
  meaning:
    'We made so many offers on our own initiative, or contacts for campaigns, within a period, through these channels where some are named.',
  params: Type.Object(
    {
      count: Type.Integer({
        minimum: 1,
        maximum: Math.min(OFFERS_KEPT, CAMPAIGN_CONTACTS_KEPT),
        description: 'offers and contacts for campaigns together',
      }),
      days: period,
      channels: Type.Optional(
        Type.Array(oneOf(CHANNELS, 'channel'), {
          minItems: 1,
          uniqueItems: true,
          description: 'a cap of its own for offers by these channels; absent: all offers by any',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params, nowMs, subject) =>
    concerns(params, subject) && countedOffers(view, params, nowMs).length >= params.count,
  evidence: (view, params, nowMs) => countedOffers(view, params, nowMs),
  toEnd: (view, params, nowMs) => {
    // The place is free when the count-th latest of them has left the period.
    const leaving = countedOffers(view, params, nowMs).at(-params.count);
    return [
      {
        sentence: 'Wait until fewer offers and campaign contacts were made lately.',
        ...(leaving ? { earliestAtMs: leaving.atMs + params.days * MS_PER_DAY } : {}),
      },
    ];
  },
});

export const offerPredicates = [
  consentGranted, consentWithdrawn, lastExperienceBad, recoveredWithin, offerOpen, offerDeclinedWithin, offersMadeWithin,
]; // prettier-ignore
