import fc from 'fast-check';
import { parse, v5 } from 'uuid';
import { customerIdFor, eventIdFor, isUuid, uuidV5 } from './ids.js';

describe('Derived ids', () => {
  it('are the uuids of version 5 that the standard asks for', () => {
    const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
        expect(uuidV5(name, parse(DNS))).toBe(v5(name, DNS));
      }),
    );
    // RFC 9562, appendix A.4.
    expect(uuidV5('www.example.com', parse(DNS))).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  it('never change: a stored stream would no longer be found', () => {
    expect(customerIdFor('shop', '42')).toBe('393cdff6-849b-5a03-b5de-83b33be0d8fb');
    expect(eventIdFor('customer-1', 'k:1', 'PurchaseRecorded', 0)).toBe(
      '73c5cd9a-5fd7-53cb-aeac-73159f5a1401',
    );
  });

  it('tell parts apart that would read the same when joined', () => {
    expect(customerIdFor('a', 'b:c')).not.toBe(customerIdFor('a:b', 'c'));
    expect(isUuid(customerIdFor('a', 'b'))).toBe(true);
  });
});
