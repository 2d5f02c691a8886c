import { ConsentDenied, ConsentGranted, ConsentRevoked } from '@rapport/contracts';
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { CORRECT } from '../customer.access.js';

/** One path, `consents`; `decision` in the body says which of these it is. */
export const CONSENT_DECISIONS: Readonly<Record<'granted' | 'denied' | 'revoked', CommandRoute>> = {
  granted: { path: 'consents', command: 'GrantConsent', fields: fieldsOf(ConsentGranted), access: CORRECT, summary: 'Record that consent was given' },
  denied: { path: 'consents', command: 'DenyConsent', fields: fieldsOf(ConsentDenied), access: CORRECT, summary: 'Record that consent was denied' },
  revoked: { path: 'consents', command: 'RevokeConsent', fields: fieldsOf(ConsentRevoked), access: CORRECT, summary: 'Record that consent was taken back' },
}; // prettier-ignore
