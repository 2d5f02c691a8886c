import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import * as fc from 'fast-check';
import { EVENT_CONTRACTS, Money, PurchaseRecorded, schema, TouchPointRecorded } from '@rapport/contracts';
import type { TObject } from '@sinclair/typebox';
import { ROUTE_OF_COMMAND } from '../customer/customer-command.controllers.js';
import { dtoFrom, type DtoClass } from './dto-from-schema.js';
import { errorsIn } from './validate.js';

const { instant, integer, isoDate, object, text } = schema;
const Purchase = dtoFrom(PurchaseRecorded.schema);
const TouchPoint = dtoFrom(TouchPointRecorded.schema);
const placesIn = (dto: DtoClass, body: unknown): string[] | undefined =>
  errorsIn(dto, body)?.map((e) => `${e.pointer} ${e.code}`);

describe('Checking a body against its DTO', () => {
  const purchase = PurchaseRecorded.example;

  it('accepts the example of every event that a command records field by field', () => {
    const wrong = [...ROUTE_OF_COMMAND.values()].flatMap((route) => {
      const { properties, required = [] } = route.fields;
      // A command with fields that no event of it has is told by its own specs.
      const contract = [...EVENT_CONTRACTS.values()].find(
        (c) =>
          c.emittedBy.includes(route.command) && (required as string[]).every((name) => name in c.example),
      );
      if (!contract || route.command.endsWith('Identifier')) return [];
      const names = Object.keys(properties);
      const body = Object.fromEntries(
        Object.entries(contract.example).filter(([name]) => names.includes(name)),
      );
      const errors = errorsIn(dtoFrom(route.fields), body);
      return errors ? [{ command: route.command, errors }] : [];
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    [
      'a fraction of a cent',
      { ...purchase, total: { amountMinor: 1.5, currency: 'EUR' } },
      '/total/amountMinor IS_WHOLE_NUMBER',
    ],
    [
      'minus zero',
      { ...purchase, total: { amountMinor: -0, currency: 'EUR' } },
      '/total/amountMinor IS_WHOLE_NUMBER',
    ],
    [
      '2^53+1',
      { ...purchase, total: { amountMinor: 2 ** 53 + 2, currency: 'EUR' } },
      '/total/amountMinor IS_WHOLE_NUMBER',
    ],
    [
      '1e21',
      { ...purchase, total: { amountMinor: 1e21, currency: 'EUR' } },
      '/total/amountMinor IS_WHOLE_NUMBER',
    ],
    [
      'a negative amount',
      { ...purchase, total: { amountMinor: -1, currency: 'EUR' } },
      '/total/amountMinor MIN',
    ],
    [
      'no such currency',
      { ...purchase, total: { amountMinor: 1, currency: 'EUX' } },
      '/total/currency IS_CURRENCY',
    ],
    ['an operator object', { ...purchase, orderId: { $gt: '' } }, '/orderId IS_STRING'],
    ['an operator in place of money', { ...purchase, total: { $gt: '' } }, '/total/$gt UNKNOWN_PROPERTY'],
    ['null for an optional value', { ...purchase, occasion: null }, '/occasion IS_STRING'],
    ['a list for an object', { ...purchase, total: [] }, '/total IS_OBJECT'],
    ['an unknown property', { ...purchase, recordedAt: 'x' }, '/recordedAt UNKNOWN_PROPERTY'],
    [
      'an unknown property deep inside',
      { ...purchase, lines: [{ ...purchase.lines![0], role: 'x' }] },
      '/lines/0/role UNKNOWN_PROPERTY',
    ],
    ['a line that is no object', { ...purchase, lines: ['x'] }, '/lines IS_OBJECT'],
    ['too many lines', { ...purchase, lines: Array(101).fill(purchase.lines![0]) }, '/lines ARRAY_MAX_SIZE'],
    ['nothing where something is needed', { orderId: 'o-1' }, '/total REQUIRED'],
  ])('refuses %s', (_, body, place) => {
    expect(placesIn(Purchase, body)).toContain(place);
  });

  it.each(['\u202eevil', 'zero\u200bwidth', 'nul\u0000', '\ufeffbom', 'pv1.key.iv.text'])(
    'refuses text with hidden characters or a look-alike of an encrypted value: %j',
    (subject) => {
      expect(errorsIn(TouchPoint, { direction: 'in', kind: 'call', subject })).toBeDefined();
    },
  );

  it.each(['Zoë 👩‍👩‍👧 Müller', 'שלום', 'line\nbreak\ttab', '=1+1'])(
    'accepts text people write: %j',
    (subject) => {
      expect(errorsIn(TouchPoint, { direction: 'in', kind: 'call', subject })).toBeUndefined();
    },
  );

  const Dates = dtoFrom(object({ at: instant('an instant'), day: isoDate('a day') }));
  it.each(['2026-01-01T00:00:00', '2026-02-30T00:00:00Z', '9999-01-01T00:00:00Z', '1899-12-31T23:59:59Z', '2026-01-01', 'now', '2026-01-01T25:00:00Z'])(
    'refuses the instant %s',
    (at) => {
      expect(placesIn(Dates, { at, day: '2026-01-01' })).toEqual(['/at IS_INSTANT']);
    },
  ); // prettier-ignore
  it.each(['2026-02-30', '2026-13-01', '1899-12-31', '2101-01-01', '2026-1-1', '20260101'])(
    'refuses the day %s',
    (day) => {
      expect(placesIn(Dates, { at: '2026-01-01T00:00:00+02:00', day })).toEqual(['/day IS_DATE']);
    },
  );

  it('names at most fifty places', () => {
    const body = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x${i}`, i]));
    expect(errorsIn(Purchase, body)).toHaveLength(50);
  });

  it('answers what class-validator answers, for any body near a valid one', () => {
    const Any = dtoFrom(object({ name: text('a name', 10), size: integer('a size', 1, 5), price: Money, days: schema.evidence }));
    const value = fc.oneof(fc.string({ maxLength: 12 }), fc.integer({ min: -1, max: 7 }), fc.constant(null), fc.constant(undefined), fc.array(fc.string({ maxLength: 3 }), { maxLength: 2 }), fc.record({ amountMinor: fc.integer({ min: -1, max: 3 }), currency: fc.constantFrom('EUR', 'eur', 'XXQ') })); // prettier-ignore
    fc.assert(
      fc.property(fc.record({ name: value, size: value, price: value, days: value, more: value }, { requiredKeys: [] }), (body) => {
        const report = validateSync(plainToInstance(Any as new () => object, body), { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true }); // prettier-ignore
        expect(errorsIn(Any, body) === undefined).toBe(report.length === 0);
      }),
      { numRuns: 500 },
    );
  }); // prettier-ignore

  it('knows a class made from any schema of the registry', () => {
    for (const contract of EVENT_CONTRACTS.values())
      if (contract.category === 'customer') expect(() => dtoFrom(contract.schema as TObject)).not.toThrow();
  });
});
