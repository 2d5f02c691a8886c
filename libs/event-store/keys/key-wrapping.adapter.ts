import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { RapportError } from '@rapport/contracts';
import type { DataKey } from '../key-store.port.js';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What every store of data keys does with the master key (32 bytes): wrapping, its check value, derived secrets. */
export class KeyWrapping {
  private readonly masterKey: KeyObject;

  constructor(private readonly master: Uint8Array) {
    this.masterKey = createSecretKey(master);
  }

  /** A fresh data key, not stored yet. */
  newKey(customerId: string): DataKey {
    return { keyId: newKeyId(), customerId, secret: randomBytes(32) };
  }

  /** AES-256-GCM: iv, ciphertext, tag; bound to the key's id and person. */
  wrap(key: DataKey): Uint8Array {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.masterKey, iv).setAAD(context(key));
    return Buffer.concat([iv, cipher.update(key.secret), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws UNAVAILABLE when the wrapped key was altered; `place` says what to restore. */
  unwrap(key: Omit<DataKey, 'secret'>, wrapped: Uint8Array, place: string): DataKey {
    const bytes = Buffer.from(wrapped);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.masterKey, bytes.subarray(0, IV_BYTES))
        .setAAD(context(key))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      const secret = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      return { ...key, secret };
    } catch {
      throw new RapportError('UNAVAILABLE', `A data key is damaged: restore ${place} from a backup.`);
    }
  }

  /** Stored beside the keys, so that another master key is noticed at the start and not at the first key. */
  checkValue(): Uint8Array {
    return createHmac('sha256', this.master).update('rapport master key').digest();
  }

  /** Throws MASTER_KEY_MISMATCH when the stored check value was made with another master key. */
  assertCheckValue(stored: Uint8Array): void {
    const check = this.checkValue();
    if (stored.length !== check.length || !timingSafeEqual(stored, check))
      throw new RapportError(
        'MASTER_KEY_MISMATCH',
        'The master key is not the one this data folder was made with.',
      );
  }

  hashingKey(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.master, '', `rapport/${purpose}`, 32));
  }
}

/** 72 random bits: short, because the id stands in every token. */
export const newKeyId = (): string => randomBytes(9).toString('base64url');

const context = (key: Omit<DataKey, 'secret'>): Buffer => Buffer.from(`${key.keyId}|${key.customerId}`);
