import { Type } from '@sinclair/typebox';
import { CHANNELS } from '../envelope.js';
import { defineEvent } from './event-contract.js';
import { code, instant, object, oneOf, personalText } from './schema.js';

/** `specialCategories`: recording what profile facts of special categories say (GDPR art. 9); explicit consent only. */
export const CONSENT_PURPOSES = ['marketing', 'profiling', 'research', 'service', 'sharing', 'specialCategories'] as const; // prettier-ignore

const scope = {
  purpose: oneOf(CONSENT_PURPOSES, 'what the data may be used for'),
  channelScope: oneOf(['any', ...CHANNELS] as const, 'channel the consent covers'),
};

export const ConsentGranted = defineEvent({
  type: 'ConsentGranted',
  kind: 'fact',
  category: 'customer',
  area: 'consent',
  meaning: 'The customer agreed to a purpose on a channel.',
  rows: ['S2'],
  emittedBy: ['GrantConsent'],
  schema: object({
    ...scope,
    legalBasis: oneOf(['consent', 'contract', 'legitimateInterest'], 'what makes it lawful (GDPR article 6)'),
    textVersion: code('version of the text agreed to'),
    expiresAt: Type.Optional(instant('end of validity')),
    explicit: Type.Optional(
      Type.Boolean({ description: 'said expressly: what special categories of data need (GDPR art. 9)' }),
    ),
  }),
  example: { purpose: 'marketing', channelScope: 'email', legalBasis: 'consent', textVersion: '2026-01' },
});

export const ConsentDenied = defineEvent({
  type: 'ConsentDenied',
  kind: 'fact',
  category: 'customer',
  area: 'consent',
  meaning: 'The customer was asked and said no.',
  rows: ['S2'],
  emittedBy: ['DenyConsent'],
  schema: object({ ...scope, textVersion: code('version of the text shown') }),
  example: { purpose: 'marketing', channelScope: 'any', textVersion: '2026-01' },
});

export const ConsentRevoked = defineEvent({
  type: 'ConsentRevoked',
  kind: 'fact',
  category: 'customer',
  area: 'consent',
  meaning: 'The customer took a consent back.',
  rows: ['S2'],
  emittedBy: ['RevokeConsent'],
  schema: object({
    ...scope,
    reason: Type.Optional(personalText('why the consent was taken back (personal)')),
  }),
  personal: [{ path: 'reason', fieldId: 'consent.reason' }],
  example: { purpose: 'marketing', channelScope: 'email' },
});

export const ConsentExpired = defineEvent({
  type: 'ConsentExpired',
  kind: 'fact',
  category: 'customer',
  area: 'consent',
  meaning: 'The validity of a consent ended: it has to be asked for again.',
  rows: ['S2'],
  emittedBy: ['due review at the end of validity'],
  schema: object({ ...scope, grantedAt: instant('when the consent was given that ended') }),
  example: { purpose: 'marketing', channelScope: 'email', grantedAt: '2024-01-05T09:00:00.000Z' },
});
