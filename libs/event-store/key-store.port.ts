/**
 * Port: per-customer data keys, wrapped by a master key that is kept outside the data folder.
 *
 * Promises: a data key is durable before `keyFor` resolves; destroying is final and durable; a destroyed key is never
 * created anew for the same customer. Failures: MASTER_KEY_MISMATCH, STORAGE_FULL, UNAVAILABLE.
 */
export interface DataKey {
  /** Short, without dots; stands inside every token made with the key. */
  readonly keyId: string;
  /** Whose key it is: part of the encryption context of every token. */
  readonly customerId: string;
  /** 32 bytes for AES-256-GCM. */
  readonly secret: Uint8Array;
}

export interface KeyStore {
  /** The customer's key, created when there is none; undefined when it was destroyed. */
  keyFor(customerId: string): Promise<DataKey | undefined>;
  /** Existing key only: undefined when there is none or it was destroyed. For readers. */
  find(keyId: string): Promise<DataKey | undefined>;
  /** Erases the customer everywhere at once. Returns the ids destroyed. */
  destroy(customerId: string): Promise<readonly string[]>;
  isDestroyed(customerId: string): Promise<boolean>;
  /** A secret of the deployment for keyed hashes, derived from the master key; `purpose` separates uses. */
  hashingKey(purpose: string): Promise<Uint8Array>;
  close(): Promise<void>;
}
