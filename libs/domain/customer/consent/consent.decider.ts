import { epochMsOf, isoOf } from '@rapport/contracts';
import type { Refusal } from '@rapport/contracts';
import type { CustomerCommandOf } from '../customer.commands.js';
import { dataOf } from '../command-data.js';
import type { Draft } from '../draft.js';
import { refuse } from '../refuse.js';
import { markOf, replacedAt } from '../occurrence.js';
import type { DataOfType, Mark, Occurrence, SliceEvolvers } from '../occurrence.js';

// Events: ConsentGranted, ConsentDenied, ConsentRevoked, ConsentExpired.

export interface ConsentEntry extends Mark {
  readonly purpose: string;
  readonly channelScope: string;
  /** `expired`: granted once, and the end of its validity is recorded. The mark stays that of the grant. */
  readonly status: 'granted' | 'denied' | 'revoked' | 'expired';
  readonly expiresAtMs: number | null;
  /** Given expressly, on the legal basis of consent: what special categories of data need (GDPR art. 9). */
  readonly explicit: boolean;
}

/** Latest word per purpose × channel: at most 6 × 13 entries. */
export type ConsentState = readonly ConsentEntry[];

export const initialConsent: ConsentState = [];

const heard =
  (status: ConsentEntry['status']) =>
  (
    consent: ConsentState,
    data: {
      readonly purpose: string;
      readonly channelScope: string;
      readonly expiresAt?: string;
      readonly legalBasis?: string;
      readonly explicit?: boolean;
    },
    occurrence: Occurrence,
  ): ConsentState => {
    const entry: ConsentEntry = {
      ...markOf(occurrence),
      purpose: data.purpose,
      channelScope: data.channelScope,
      status,
      expiresAtMs: data.expiresAt === undefined ? null : epochMsOf(data.expiresAt),
      explicit: data.explicit === true && data.legalBasis === 'consent',
    };
    const index = consent.findIndex(
      (known) => known.purpose === data.purpose && known.channelScope === data.channelScope,
    );
    if (index < 0) return [...consent, entry];
    return entry.atMs >= consent[index]!.atMs ? replacedAt(consent, index, entry) : consent;
  };

export const consentEvolvers: SliceEvolvers<ConsentState> = {
  ConsentGranted: heard('granted'),
  ConsentDenied: heard('denied'),
  ConsentRevoked: heard('revoked'),
  ConsentExpired: (consent, data) => {
    const index = consent.findIndex(
      (known) =>
        known.purpose === data.purpose &&
        known.channelScope === data.channelScope &&
        known.status === 'granted' &&
        known.atMs === epochMsOf(data.grantedAt),
    );
    return index < 0 ? consent : replacedAt(consent, index, { ...consent[index]!, status: 'expired' });
  },
};

/** The consent whose validity ends first, and when; null when none ever does. */
export function nextConsentEnd(
  consent: ConsentState,
): { readonly entry: ConsentEntry; readonly atMs: number } | null {
  let first: ConsentEntry | null = null;
  for (const entry of consent)
    if (
      entry.status === 'granted' &&
      entry.expiresAtMs !== null &&
      (first === null || entry.expiresAtMs < first.expiresAtMs!)
    )
      first = entry;
  return first === null ? null : { entry: first, atMs: first.expiresAtMs! };
}

/** Records that the validity of a consent ended. */
export function expireConsent(
  draft: Draft,
  { purpose, channelScope, atMs }: ConsentEntry,
  nowMs: number,
): void {
  const scope = { purpose, channelScope } as Pick<DataOfType<'ConsentExpired'>, 'purpose' | 'channelScope'>;
  draft.record('ConsentExpired', { ...scope, grantedAt: isoOf(atMs) }, { atMs: nowMs });
}

/**
 * What the customer last said about a purpose on a channel; the word about this channel and the word about any channel
 * are compared by time, and of two at the same time the one recorded later counts. `expired` = granted once, over now.
 */
export function consentFor(
  consent: ConsentState,
  purpose: string,
  channel: string,
  nowMs: number,
): { readonly status: 'granted' | 'denied' | 'revoked' | 'expired'; readonly entry: ConsentEntry } | null {
  let latest: ConsentEntry | null = null;
  for (const entry of consent) {
    if (entry.purpose !== purpose || (entry.channelScope !== 'any' && entry.channelScope !== channel))
      continue;
    if (latest === null || entry.atMs > latest.atMs || (entry.atMs === latest.atMs && entry.seq > latest.seq))
      latest = entry;
  }
  if (latest === null) return null;
  const expired = latest.status === 'granted' && latest.expiresAtMs !== null && latest.expiresAtMs <= nowMs;
  return { status: expired ? 'expired' : latest.status, entry: latest };
}

/** May special categories of data (health, beliefs …) be kept for the purpose? Only after an express consent that still holds. */
export function isExpresslyGranted(consent: ConsentState, purpose: string, nowMs: number): boolean {
  const latest = consentFor(consent, purpose, 'any', nowMs);
  return latest?.status === 'granted' && latest.entry.explicit;
}

/** DATES_OUT_OF_ORDER. Consents are facts: what the customer said is recorded whatever the stage. */
export function decideConsent(
  draft: Draft,
  command: CustomerCommandOf<'GrantConsent' | 'DenyConsent' | 'RevokeConsent'>,
): Refusal | undefined {
  switch (command.type) {
    case 'GrantConsent':
      if (command.expiresAt !== undefined && epochMsOf(command.expiresAt) <= draft.context.occurredAtMs)
        return refuse('DATES_OUT_OF_ORDER', 'The consent would expire before it is given.');
      draft.record('ConsentGranted', dataOf(command));
      return undefined;
    case 'DenyConsent':
      draft.record('ConsentDenied', dataOf(command));
      return undefined;
    case 'RevokeConsent':
      draft.record('ConsentRevoked', dataOf(command));
      return undefined;
    default:
      return command satisfies never;
  }
}
