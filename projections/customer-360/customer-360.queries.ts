import { Type } from '@sinclair/typebox';
import { isoOf, MS_PER_DAY, SPECIAL_FACT_CATEGORIES } from '@rapport/contracts';
import type { Channel } from '@rapport/contracts';
import type { NamedQuery } from '@rapport/projection-engine';
import type { Stamp } from '../_parts/business-order.js';
import { qualityAnswerOf } from '../_parts/profile-quality.js';
import { loyaltyAnswerOf } from '../_parts/loyalty/loyalty-answer.js';
import { standingOf } from '../_parts/loyalty/loyalty-standing.js';
import { TOUCH_TYPES } from '../_parts/touch-types.js';
import type { Customer360 } from './customer-360.model.js';
import { holdsOn } from './organisation.queries.js';
import { standingAnswerOf } from './standing-on-file.js';

const Params = Type.Object(
  { customerId: Type.String({ format: 'uuid', description: 'the customer' }) },
  { additionalProperties: false },
);

/** Who is this customer, seen whole, on the day asked for? Null for an unknown customer. */
export const customer: NamedQuery<Customer360, typeof Params, Customer360Answer | null> = {
  name: 'customer',
  question: 'Who is this customer, seen whole, on the day asked for?',
  scope: 'customer',
  params: Params,
  run: async (reader, params, { asOfMs }) => {
    const stored = await reader.get(params.customerId);
    return stored ? customerAnswerOf(params.customerId, stored.document, asOfMs) : null;
  },
  atEdge: withoutRemovedIdentifiers,
};

export type Customer360Answer = ReturnType<typeof customerAnswerOf>;

/**
 * A stored document as it is answered: instants as ISO-8601 UTC, figures that depend on today computed for `asOfMs`,
 * personal fields as tokens until the edge opens them (null once erased).
 */
export function customerAnswerOf(customerId: string, document: Customer360, asOfMs: number) {
  const daysSince = (atMs: number | null): number | null =>
    atMs === null ? null : Math.max(0, Math.floor((asOfMs - atMs) / MS_PER_DAY));
  const contacts = Object.entries(document.contactsByChannel) as [Channel, [number, number]][];
  const total = contacts.reduce((sum, [, [count]]) => sum + count, 0);
  const selfService = contacts.reduce((sum, [, [, count]]) => sum + count, 0);
  const detail = (field: keyof Customer360['details']): string | null =>
    document.details[field]?.value ?? null;
  return {
    customerId,
    /** Who is part of this customer: the history of all of them is shown here. */
    members: document.members.map(({ sinceMs, ...member }) => ({ ...member, since: isoOf(sinceMs) })),
    asOf: isoOf(asOfMs),
    erased: document.erased,
    registeredAt: isoOrNull(document.registeredAtMs),
    /** Whole days since the registration. */
    ageOfRelationDays: daysSince(document.registeredAtMs),
    acquisitionChannel: document.acquisitionChannel,
    roles: document.roles,
    displayName: detail('displayName'),
    details: {
      language: detail('language'),
      postalCode: detail('postalCode'),
      address: detail('address'),
      birthDate: detail('birthDate'),
      education: detail('education'),
      note: detail('note'),
    },
    identifiers: document.identifiers,
    removedIdentifiers: document.removedIdentifiers,
    groupCode: detail('groupCode') ?? document.groupCode,
    activityType: detail('activityType') ?? document.activityType,
    regionCode: document.regionCode,
    country: detail('country') ?? document.country,
    manager: document.manager,
    ...standingAnswerOf(document.standing),
    dataQuality: qualityAnswerOf(document.quality, asOfMs),
    /** How they are loyal, and what shows it; passive is never taken for satisfaction (S11). */
    loyalty: loyaltyAnswerOf(document.loyalty, standingOf(document.loyalty), asOfMs),
    needLevel: document.needLevel && { level: document.needLevel.level, ...sourceOf(document.needLevel) },
    relationship: {
      stage: document.stage,
      since: isoOf(document.stageSinceMs),
      daysInStage: daysSince(document.stageSinceMs) ?? 0,
      /** Set while the stage is an override that still holds. */
      heldUntil:
        document.stageHeldUntilMs !== null && document.stageHeldUntilMs > asOfMs
          ? isoOf(document.stageHeldUntilMs)
          : null,
      /** Oldest first, the last 50. */
      history: document.stageHistory.map(({ sinceMs, ...entry }) => ({ ...entry, since: isoOf(sinceMs) })),
      repair: document.repair && {
        repairId: document.repair.repairId,
        ownerId: document.repair.ownerId,
        caseIds: document.repair.caseIds,
        startedAt: isoOf(document.repair.startedAtMs),
        dueAt: isoOf(document.repair.dueAtMs),
        overdue: document.repair.dueAtMs < asOfMs,
      },
      winBack: document.winBack && {
        winBackId: document.winBack.winBackId,
        channel: document.winBack.channel,
        startedAt: isoOf(document.winBack.startedAtMs),
      },
      goodbye: document.goodbye && {
        reasonCode: document.goodbye.reasonCode,
        at: isoOf(document.goodbye.atMs),
      },
      coCreations: document.coCreations,
      traits: document.traits.map(({ trait, side, component, score, method, ...stamp }) => ({
        trait,
        side,
        component,
        score,
        method,
        ...sourceOf(stamp),
      })),
    },
    consents: document.consents.map(({ purpose, channelScope, status, expiresAtMs, ...stamp }) => ({
      purpose,
      channelScope,
      status:
        status === 'granted' && expiresAtMs !== null && expiresAtMs <= asOfMs ? ('expired' as const) : status,
      expiresAt: isoOrNull(expiresAtMs),
      ...sourceOf(stamp),
    })),
    preferences: document.preferences.map(({ kind, key, value, ...stamp }) => ({
      kind,
      key,
      value,
      ...sourceOf(stamp),
    })),
    /** Those that hold on the day; of special categories only while the customer expressly agrees. */
    profileFacts: factsOn(document, asOfMs).map(
      ({ category, key, value, confidencePct, validTo, ...stamp }) => ({
        category,
        key,
        value,
        confidencePct,
        validTo,
        ...sourceOf(stamp),
      }),
    ),
    parties: document.parties.map((party) => ({ ...party, holds: holdsOn(party, asOfMs) })),
    openCases: document.cases
      .filter(({ status }) => status !== 'accepted' && status !== 'closed')
      .map(({ openedAtMs, slaDueAtMs, ...one }) => ({
        ...one,
        openedAt: isoOf(openedAtMs),
        slaDueAt: isoOf(slaDueAtMs),
        beyondSla: one.status !== 'resolved' && slaDueAtMs < asOfMs,
      })),
    opportunities: document.opportunities
      .filter(({ status }) => status === 'open')
      .map(({ openedAtMs, expectedMinor, currency, ...one }) => ({
        ...one,
        expected: { amountMinor: expectedMinor, currency },
        openedAt: isoOf(openedAtMs),
      })),
    contracts: document.contracts,
    openOffers: document.offers.map(({ madeAtMs, ...one }) => ({ ...one, madeAt: isoOf(madeAtMs) })),
    promises: {
      kept: document.promisesKept,
      broken: document.promisesBroken,
      pending: document.promises.map(({ dueAtMs, ...one }) => ({
        ...one,
        dueAt: isoOf(dueAtMs),
        overdue: dueAtMs < asOfMs,
      })),
    },
    contact: {
      contacts: total,
      /** Share of contacts without an employee or agent, 0 to 1; null without a contact (S5). */
      selfServiceShare: total === 0 ? null : selfService / total,
      byChannel: contacts
        .map(([channel, [count, alone]]) => ({ channel, contacts: count, selfService: alone }))
        .sort((a, b) => b.contacts - a.contacts || (a.channel < b.channel ? -1 : 1)),
      firstAt: isoOrNull(document.firstContactAtMs),
      lastAt: isoOrNull(document.lastContactAtMs),
      daysSinceLast: daysSince(document.lastContactAtMs),
      /** Newest first, the last 50; all of them: the contact history. */
      touches: document.touches
        .map(([occurredAtMs, sourceSeq, eventId, type, channel, direction, alone, about, sentiment]) => ({
          eventId,
          occurredAt: isoOf(occurredAtMs),
          sourceSeq,
          type,
          category: TOUCH_TYPES[type].category,
          channel,
          direction,
          selfService: alone === 1,
          about,
          sentiment,
        }))
        .reverse(),
    },
    /** By currency; all amounts in minor units. */
    money: Object.keys(document.money)
      .sort()
      .map((currency) => {
        const { invoicedMinor, paidMinor, ...sums } = document.money[currency]!;
        return {
          currency,
          ...sums,
          netMinor: sums.purchasedMinor - sums.refundedMinor,
          invoicedMinor,
          paidMinor,
          outstandingMinor: invoicedMinor - paidMinor,
        };
      }),
    holdings: document.holdings
      .filter(({ pieces }) => pieces > 0)
      .map(({ productId, pieces, boughtAtMs }) => ({ productId, pieces, lastBoughtAt: isoOf(boughtAtMs) }))
      .sort((a, b) => (a.productId < b.productId ? -1 : 1)),
    satisfaction: document.satisfaction.map(({ instrument, score, ...stamp }) => ({
      instrument,
      score,
      ...sourceOf(stamp),
    })),
    referrals: document.referrals,
    fraudSignals: document.fraudSignals,
  };
}

const SPECIAL: readonly string[] = SPECIAL_FACT_CATEGORIES;

function factsOn({ profileFacts, consents }: Customer360, asOfMs: number): Customer360['profileFacts'] {
  const day = isoOf(asOfMs).slice(0, 10);
  const agrees = consents.some(
    ({ purpose, status, expiresAtMs }) =>
      purpose === 'specialCategories' &&
      status === 'granted' &&
      (expiresAtMs === null || expiresAtMs > asOfMs),
  );
  return profileFacts.filter(
    ({ category, validTo }) =>
      (validTo === null || day <= validTo) && (agrees || !SPECIAL.includes(category)),
  );
}

const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : isoOf(atMs));

/** When a value became true and which event says so. */
const sourceOf = ({ atMs, eventId }: Stamp): { at: string; eventId: string } => ({
  at: isoOf(atMs),
  eventId,
});

interface OpenedIdentifier {
  readonly type: string;
  /** null once erased; a mask for callers who may not see it. */
  readonly value: string | null;
  readonly sourceSystem?: string;
  readonly position: number;
}

const isHidden = (value: string | null): boolean => value === null || /^•+$/.test(value);

/**
 * The answer without the identifiers that were removed: for the edge, after it opened or hid the values, because only
 * there equal values can be told. Upper and lower case count as equal; of hidden values the oldest goes.
 */
export function withoutRemovedIdentifiers<
  T extends {
    readonly identifiers: readonly OpenedIdentifier[];
    readonly removedIdentifiers: readonly OpenedIdentifier[];
  },
>({ removedIdentifiers, ...answer }: T) {
  const nameOf = ({ type, value, sourceSystem }: OpenedIdentifier): string =>
    JSON.stringify([type, sourceSystem ?? null, value?.trim().toLowerCase() ?? null]);
  const left = [...answer.identifiers];
  for (const removed of removedIdentifiers) {
    const isMeant = (one: OpenedIdentifier): boolean =>
      one.position < removed.position && nameOf(one) === nameOf(removed);
    for (
      let at = left.findIndex(isMeant);
      at >= 0;
      at = isHidden(removed.value) ? -1 : left.findIndex(isMeant)
    )
      left.splice(at, 1);
  }
  return { ...answer, identifiers: left.map(({ position: _position, ...identifier }) => identifier) };
}
