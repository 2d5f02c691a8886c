import { randomUUID } from 'node:crypto';
import type { KeyStore } from './key-store.port.js';

export interface KeyStoreUnderTest {
  readonly keys: KeyStore;
  /** Another process on the same keys, where the adapter allows several. */
  openAnother?(): Promise<KeyStore>;
  dispose(): Promise<void>;
}

/** What every key store promises (`key-store.port.ts`). */
export function describeKeyStore(name: string, open: () => Promise<KeyStoreUnderTest>): void {
  describe(`Key store ${name}`, () => {
    let underTest: KeyStoreUnderTest;
    let keys: KeyStore;
    beforeEach(async () => {
      underTest = await open();
      keys = underTest.keys;
    });
    afterEach(() => underTest.dispose());

    it('gives each customer one key of 32 bytes for good', async () => {
      const [first, second] = [randomUUID(), randomUUID()];
      const key = (await keys.keyFor(first))!;
      expect(key).toMatchObject({ customerId: first, keyId: expect.stringMatching(/^[A-Za-z0-9_-]+$/) });
      expect(key.secret).toHaveLength(32);
      expect(await keys.keyFor(first)).toEqual(key);
      expect((await keys.keyFor(second))!.keyId).not.toBe(key.keyId);
    });

    it('creates one key for a customer that many ask for at once', async () => {
      const customerId = randomUUID();
      const found = await Promise.all(Array.from({ length: 20 }, () => keys.keyFor(customerId)));
      expect(new Set(found.map((key) => key!.keyId)).size).toBe(1);
    });

    it('finds an existing key by its id and no other', async () => {
      const key = (await keys.keyFor(randomUUID()))!;
      expect(await keys.find(key.keyId)).toEqual(key);
      expect(await keys.find('unknown')).toBeUndefined();
    });

    it('never finds or creates a key again once it was destroyed', async () => {
      const customerId = randomUUID();
      const key = (await keys.keyFor(customerId))!;
      expect(await keys.isDestroyed(customerId)).toBe(false);
      expect(await keys.destroy(customerId)).toEqual([key.keyId]);
      expect(await keys.find(key.keyId)).toBeUndefined();
      expect(await keys.keyFor(customerId)).toBeUndefined();
      expect(await keys.isDestroyed(customerId)).toBe(true);
      expect(await keys.destroy(customerId)).toEqual([]);
    });

    it('remembers a customer as destroyed who never had a key', async () => {
      const customerId = randomUUID();
      expect(await keys.destroy(customerId)).toEqual([]);
      expect(await keys.keyFor(customerId)).toBeUndefined();
      expect(await keys.isDestroyed(customerId)).toBe(true);
    });

    it('derives a steady hashing key per purpose', async () => {
      const key = await keys.hashingKey('identifier');
      expect(key).toHaveLength(32);
      expect(await keys.hashingKey('identifier')).toEqual(key);
      expect(await keys.hashingKey('request')).not.toEqual(key);
    });

    describe('shared by several processes', () => {
      const others = (count: number): Promise<readonly KeyStore[]> =>
        Promise.all(
          Array.from({ length: count }, async () => (await underTest.openAnother?.()) ?? underTest.keys),
        );

      it('gives a customer one key whoever asks first', async () => {
        const stores = await others(8);
        for (let i = 0; i < 10; i++) {
          const customerId = randomUUID();
          const found = await Promise.all(stores.map((store) => store.keyFor(customerId)));
          for (const key of found) expect(key).toEqual(found[0]);
          for (const store of stores) expect(await store.find(found[0]!.keyId)).toEqual(found[0]);
        }
      });

      it('derives the same hashing key everywhere', async () => {
        const [other] = await others(1);
        expect(await other!.hashingKey('identifier')).toEqual(await keys.hashingKey('identifier'));
      });

      it('leaves no key when one is created and destroyed at the same time', async () => {
        const stores = await others(8);
        for (let i = 0; i < 10; i++) {
          const customerId = randomUUID();
          const destroyed = await Promise.all(
            stores.map(async (store, n) => {
              if (n % 2 === 0) return store.destroy(customerId);
              await store.keyFor(customerId);
              return [];
            }),
          );
          expect(destroyed.flat().length).toBeLessThanOrEqual(1);
          expect(await keys.isDestroyed(customerId)).toBe(true);
          const [fresh] = await others(1);
          expect(await fresh!.keyFor(customerId)).toBeUndefined();
        }
      });

      it('finds hundreds of keys that are asked for together', async () => {
        const made = await Promise.all(Array.from({ length: 600 }, async () => keys.keyFor(randomUUID())));
        const [other] = await others(1);
        const found = await Promise.all([
          ...made.map((key) => other!.find(key!.keyId)),
          other!.find('unknown'),
          other!.find(made[0]!.keyId),
        ]);
        expect(found).toEqual([...made, undefined, made[0]]);
      });
    });
  });
}
