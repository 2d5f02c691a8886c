import { hkdfSync, randomBytes } from 'node:crypto';
import type { DataKey, KeyStore } from '../key-store.port.js';

/** Data keys in memory, for tests and specs. `masterSecret` fixes the keyed hashes of a run. */
export class MemoryKeyStore implements KeyStore {
  private readonly keys = new Map<string, DataKey>();
  private readonly byCustomer = new Map<string, DataKey>();
  private readonly destroyed = new Set<string>();

  constructor(private readonly masterSecret: Uint8Array = randomBytes(32)) {}

  async keyFor(customerId: string): Promise<DataKey | undefined> {
    if (this.destroyed.has(customerId)) return undefined;
    const known = this.byCustomer.get(customerId);
    if (known !== undefined) return known;
    const key: DataKey = { keyId: randomBytes(9).toString('base64url'), customerId, secret: randomBytes(32) };
    this.keys.set(key.keyId, key);
    this.byCustomer.set(customerId, key);
    return key;
  }

  async find(keyId: string): Promise<DataKey | undefined> {
    return this.keys.get(keyId);
  }

  async destroy(customerId: string): Promise<readonly string[]> {
    this.destroyed.add(customerId);
    const key = this.byCustomer.get(customerId);
    if (key === undefined) return [];
    this.byCustomer.delete(customerId);
    this.keys.delete(key.keyId);
    return [key.keyId];
  }

  async isDestroyed(customerId: string): Promise<boolean> {
    return this.destroyed.has(customerId);
  }

  async hashingKey(purpose: string): Promise<Uint8Array> {
    return new Uint8Array(hkdfSync('sha256', this.masterSecret, '', `rapport/${purpose}`, 32));
  }

  async close(): Promise<void> {}
}
