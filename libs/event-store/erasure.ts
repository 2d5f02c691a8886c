import type { IdentifierIndex } from './identifier-index.port.js';
import type { KeyStore } from './key-store.port.js';

/**
 * Destroys the data keys of customers whose erasure is recorded: to call at every start, because a crash may fall between
 * recording an erasure and destroying the key. Returns how many had to be destroyed.
 */
export async function completeErasures(
  index: Pick<IdentifierIndex, 'erasedCustomers'>,
  keys: KeyStore,
): Promise<number> {
  let destroyed = 0;
  for (const customerId of await index.erasedCustomers()) {
    if (await keys.isDestroyed(customerId)) continue;
    await keys.destroy(customerId);
    destroyed++;
  }
  return destroyed;
}
