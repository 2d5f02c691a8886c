import type { RelayCheckpoint, RelayCheckpointStore } from './relay-checkpoint.port.js';

/** What every store of the relay's checkpoint promises; run by each adapter. */
export function describeRelayCheckpoint(
  name: string,
  open: () => Promise<{ readonly store: RelayCheckpointStore; reopen(): RelayCheckpointStore }>,
): void {
  describe(`${name} relay checkpoint`, () => {
    const at = (position: bigint): RelayCheckpoint => ({
      checkpoint: `C:${position}`,
      position,
      newest: position - 1n,
      ordinal: 7n,
      chain: [0n, position, 2n ** 60n + 1n],
      partitioning: 'murmur2/3',
    });

    it('is absent before the first save and then what was saved, also when opened again', async () => {
      const { store, reopen } = await open();
      expect(await store.load()).toBeUndefined();
      expect(await store.save(at(2n ** 62n + 3n), 1n)).toBe(true);
      expect(await store.load()).toEqual(at(2n ** 62n + 3n));
      expect(await reopen().load()).toEqual(at(2n ** 62n + 3n));
    });

    it('may go back under the same or a newer token', async () => {
      const { store } = await open();
      expect(await store.save(at(9n), 1n)).toBe(true);
      expect(await store.save(at(5n), 1n)).toBe(true);
      expect(await store.save(at(4n), 2n)).toBe(true);
      expect(await store.load()).toEqual(at(4n));
    });

    it('refuses an older token', async () => {
      const { store } = await open();
      await store.save(at(9n), 5n);
      expect(await store.save(at(20n), 4n)).toBe(false);
      expect(await store.load()).toEqual(at(9n));
      const winners = await Promise.all([6n, 7n, 8n, 9n].map((token) => store.save(at(token), token)));
      expect(winners.at(-1)).toBe(true);
      expect(await store.load()).toEqual(at(9n));
    });
  });
}
