/**
 * A personal value at rest is one self-describing string token:
 * `pv1.<keyId>.<eventId>.<fieldId>.<iv>.<ciphertext+tag>` (AES-256-GCM under the customer's data key; iv and ciphertext in
 * base64url; `fieldId` may hold dots, the other parts never do). The encryption context binds the customer the key
 * belongs to, the event and the stable field id, so no part of a token can be exchanged or attributed to another person.
 * A token opens wherever it is carried: folds, snapshots, read models and exports copy it unopened, only the API and
 * export edge reveals it, after authorisation.
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
