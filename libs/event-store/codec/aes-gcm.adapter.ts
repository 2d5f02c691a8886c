import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomFillSync,
  type KeyObject,
} from 'node:crypto';
import type { DataKey } from '../key-store.port.js';
import { writeToken, type TokenParts } from './token.js';

const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Random bytes are fetched for many values at once: a fetch costs more than a cipher. */
const POOL_BYTES = IV_BYTES * 256;
const pool = Buffer.alloc(POOL_BYTES);
let poolAt = POOL_BYTES;

function freshIv(): Buffer {
  if (poolAt === POOL_BYTES) {
    randomFillSync(pool);
    poolAt = 0;
  }
  return Buffer.from(pool.subarray(poolAt, (poolAt += IV_BYTES)));
}

const keyObjects = new WeakMap<DataKey, KeyObject>();

/** The key as Node wants it: handed over as bytes, preparing it costs three times as much as the cipher. */
function keyObjectOf(key: DataKey): KeyObject {
  let object = keyObjects.get(key);
  if (object === undefined) keyObjects.set(key, (object = createSecretKey(key.secret)));
  return object;
}

/** What a token is bound to: the person, the event and the field. */
const context = (customerId: string, eventId: string, fieldId: string): Buffer =>
  Buffer.from(`${customerId}|${eventId}|${fieldId}`);

/** Token of a personal text (AES-256-GCM, 96-bit random iv, 128-bit tag). */
export function seal(key: DataKey, eventId: string, fieldId: string, plain: string): string {
  const iv = freshIv();
  const cipher = createCipheriv('aes-256-gcm', keyObjectOf(key), iv).setAAD(
    context(key.customerId, eventId, fieldId),
  );
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return writeToken({ keyId: key.keyId, eventId, fieldId, iv, sealed });
}

/** The text of a token; undefined when any part of it was altered. */
export function open(key: DataKey, token: TokenParts): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyObjectOf(key), token.iv, { authTagLength: TAG_BYTES })
      .setAAD(context(key.customerId, token.eventId, token.fieldId))
      .setAuthTag(token.sealed.subarray(-TAG_BYTES));
    return decipher.update(token.sealed.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
}
