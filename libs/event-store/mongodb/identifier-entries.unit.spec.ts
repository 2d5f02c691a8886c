import type { PlacedIdentifierChanges } from '../identifier-index.port.js';
import { byCustomer, NO_ENTRIES, withChanges } from './identifier-entries.js';

const ID = 'c1';
const email = { hash: 'aa', kind: 'identifier' as const, customerId: ID };
const at = (position: bigint, change: object): PlacedIdentifierChanges => ({ ...change, position });
const after = (...changes: PlacedIdentifierChanges[]) =>
  changes.reduce((entries, change) => withChanges(entries, ID, [change]), NO_ENTRIES);

describe('Entries of a customer in the identifier index', () => {
  it('are the very same object when nothing changes', () => {
    const once = after(at(5n, { add: [email] }));
    expect(withChanges(once, ID, [at(5n, { add: [email] })])).toBe(once);
    expect(withChanges(once, ID, [at(3n, { remove: [email] })])).toBe(once);
    expect(withChanges(once, 'another', [at(9n, { add: [email] })])).toBe(once);
  });

  it('keep what a change both removes and adds', () => {
    expect(after(at(5n, { remove: [email], add: [email] })).identifiers).toEqual([{ hash: 'aa', at: 5n }]);
    expect(after(at(5n, { removeAllOf: ID, add: [email] })).identifiers).toEqual([{ hash: 'aa', at: 5n }]);
  });

  it('remember a removal whose addition comes late, and an addition that came after it', () => {
    const [add, remove, again] = [
      at(5n, { add: [email] }),
      at(7n, { remove: [email] }),
      at(9n, { add: [email] }),
    ];
    expect(after(remove, add).identifiers).toEqual([]);
    expect(after(add, again, remove).identifiers).toEqual([{ hash: 'aa', at: 9n }]);
    expect(after(again, remove, add)).toEqual(after(add, remove, again));
  });

  it('hold nothing of an erased customer but when it was', () => {
    expect(after(at(5n, { add: [email] }), at(6n, { remove: [email] }), at(9n, { removeAllOf: ID }))).toEqual(
      {
        ...NO_ENTRIES,
        erasedAt: 9n,
      },
    );
  });

  it('are grouped by every customer a change names, in order', () => {
    const changes = [at(1n, { add: [email, { ...email, customerId: 'c2' }] }), at(2n, { removeAllOf: 'c2' })];
    expect([...byCustomer(changes)]).toEqual([
      [ID, [changes[0]]],
      ['c2', [changes[0], changes[1]]],
    ]);
  });
});
