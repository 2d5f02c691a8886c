/**
 * A personal value at rest is one self-describing string token:
 * `pv1.<keyId>.<iv>.<ciphertext+tag>` (base64url, AES-256-GCM, per-customer data key). It is bound to the customer,
 * the event id and a stable field id, so a token copied elsewhere does not open. Folds, snapshots, read models and
 * exports carry tokens unopened; the API and export edge reveals them after authorisation.
 */
export const PERSONAL_TOKEN_PREFIX = 'pv1.';

/** True for a string that is an encrypted personal value. Plain input that looks like a token is refused at the edge. */
export const isPersonalToken = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith(PERSONAL_TOKEN_PREFIX);

/**
 * A personal field of an event's data.
 * `path` walks objects by name and arrays by `[]`: `identifiers[].value`. `fieldId` is stable for ever: it is part of
 * the encryption context, so renaming a property in a new schema version must keep it.
 */
export interface PersonalField {
  readonly path: string;
  readonly fieldId: string;
}

/**
 * A personal value inside a read model: the token with what it is bound to, so that the edge can open it
 * (the customer is known from the document). The edge replaces the whole object by the plain text, or by null when
 * the caller may not see it or the key is destroyed.
 */
export interface PersonalValue {
  readonly token: string;
  /** Event that recorded it. */
  readonly eventId: string;
  /** Stable field id of the event contract. */
  readonly fieldId: string;
}

/** True for an object that stands for a personal value. */
export const isPersonalValue = (value: unknown): value is PersonalValue =>
  typeof value === 'object' && value !== null && 'token' in value && 'eventId' in value && 'fieldId' in value;
