import fc from 'fast-check';
import { parseMapping } from './mapping.schema.js';
import { compileRowMapper, type MappedRow, type Row } from './row-mapper.js';
import { minorUnitsOf } from './decimal.js';
import { instantInZone } from './local-time.js';
import { OccurrenceCounter } from './occurrence-counter.js';

const columns = ['customer', 'date', 'qty', 'amount', 'flag'];
const mappingWith = (change: object = {}) =>
  parseMapping(
    {
      name: 'rows',
      format: { kind: 'csv', columns },
      command: 'RecordPurchase',
      sourceSystem: 'shop',
      customer: { identifier: 'customerNo', column: 'customer' },
      sourceEventId: { rowContent: ['date', 'qty', 'amount'] },
      occurredAt: { column: 'date', as: 'instant', format: 'dd.MM.yyyy', zone: 'Europe/Berlin' },
      channel: 'web',
      fields: {
        orderId: { sourceKey: true, prefix: 'o-' },
        total: { column: 'amount', as: 'money', currency: 'EUR', decimal: ',', thousands: '.' },
        gift: { column: 'flag', as: 'boolean', optional: true },
      },
      ...change,
    },
    'rows',
  );
const row = (cells: readonly string[], line = 1): Row => ({
  line,
  raw: cells,
  cells: Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? ''])),
});
const itemOf = (mapped: MappedRow) => {
  if (mapped.kind === 'reject') throw new Error(`rejected: ${mapped.code} ${mapped.reason}`);
  return mapped.item;
};

describe('A row', () => {
  it('becomes the command that the mapping describes', () => {
    const item = itemOf(compileRowMapper(mappingWith())(row(['42', '05.07.2026', '2', '1.234,50', 'yes'])));
    expect(item).toEqual({
      command: 'RecordPurchase',
      customer: 'customerNo:42',
      sourceSystem: 'shop',
      sourceEventId: expect.stringMatching(/^row-[0-9a-f]{24}-1$/),
      occurredAt: '2026-07-05T10:00:00.000Z',
      channel: 'web',
      orderId: `o-${item.sourceEventId}`,
      total: { amountMinor: 123_450, currency: 'EUR' },
      gift: true,
    });
  });

  it('leaves out an optional value that is empty', () => {
    expect(
      itemOf(compileRowMapper(mappingWith())(row(['42', '05.07.2026', '2', '1,00', '']))),
    ).not.toHaveProperty('gift');
  });

  it.each([
    ['no customer', ['', '05.07.2026', '1', '1,00', ''], 'EMPTY_VALUE'],
    ['a day that does not exist', ['42', '30.02.2026', '1', '1,00', ''], 'BAD_DATE'],
    ['an amount with too many decimals', ['42', '05.07.2026', '1', '1,005', ''], 'BAD_AMOUNT'],
    ['an amount in words', ['42', '05.07.2026', '1', 'ten', ''], 'BAD_AMOUNT'],
    ['a flag that is neither', ['42', '05.07.2026', '1', '1,00', 'perhaps'], 'BAD_BOOLEAN'],
  ])('is rejected with %s', (_what, cells, code) => {
    expect(compileRowMapper(mappingWith())(row(cells))).toMatchObject({ kind: 'reject', code });
  });

  it('never repeats its content in the reason, which may be personal', () => {
    const rejected = compileRowMapper(mappingWith())(row(['42', 'Ada Example', '1', '1,00', '']));
    expect(JSON.stringify(rejected)).not.toContain('Ada');
  });

  it('divides an amount by a count, rounded half up to the minor unit', () => {
    const map = compileRowMapper(
      mappingWith({
        fields: { total: { column: 'amount', as: 'money', currency: 'EUR', dividedBy: 'qty' } },
      }),
    );
    expect(itemOf(map(row(['42', '05.07.2026', '3', '29.73', '']))).total).toEqual({
      amountMinor: 991,
      currency: 'EUR',
    });
    expect(itemOf(map(row(['42', '05.07.2026', '2', '29.33', '']))).total).toEqual({
      amountMinor: 1467,
      currency: 'EUR',
    });
    expect(map(row(['42', '05.07.2026', '0', '29.33', '']))).toMatchObject({
      kind: 'reject',
      code: 'BAD_NUMBER',
    });
  });
});

describe('The key of a row without an id', () => {
  const keyed = (rows: readonly Row[]): string[] => {
    const map = compileRowMapper(mappingWith());
    return rows.map((each) => {
      const item = itemOf(map(each));
      return `${item.customer}/${item.sourceEventId}`;
    });
  };

  it('tells two equal rows of one customer apart', () => {
    const same = ['42', '05.07.2026', '1', '1,00', ''];
    const [first, second] = keyed([row(same, 1), row(same, 2)]);
    expect(first).toMatch(/-1$/);
    expect(second).toMatch(/-2$/);
  });

  it('does not count an equal row of another customer', () => {
    const keys = keyed([
      row(['42', '05.07.2026', '1', '1,00', '']),
      row(['43', '05.07.2026', '1', '1,00', '']),
    ]);
    expect(keys.every((key) => key.endsWith('-1'))).toBe(true);
  });

  it('is the same set in any order of the file, and a longer file only adds keys', () => {
    const anyRow = fc.record({
      customer: fc.constantFrom('1', '2', '3'),
      qty: fc.constantFrom('1', '2'),
      amount: fc.constantFrom('1,00', '2,00'),
    });
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 60 }),
        fc.array(anyRow, { maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        (rows, more, order) => {
          const toRow = ({ customer, qty, amount }: { customer: string; qty: string; amount: string }): Row =>
            row([customer, '05.07.2026', qty, amount, '']);
          const once = keyed(rows.map(toRow));
          const shuffled = rows.map((each) => ({ each, at: order.next().value })).sort((a, b) => a.at - b.at);
          expect(new Set(once).size).toBe(rows.length);
          expect(keyed(shuffled.map(({ each }) => toRow(each))).sort()).toEqual([...once].sort());
          expect(keyed([...rows, ...more].map(toRow)).slice(0, rows.length)).toEqual(once);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('Occurrences', () => {
  it('are counted exactly over many contents', () => {
    const counter = new OccurrenceCounter();
    for (let round = 1; round <= 3; round++)
      for (let content = 0; content < 20_000; content++)
        expect(counter.next({ high: Math.imul(content, 0x9e3779b1), low: content })).toBe(round);
  });
});

describe('A decimal text', () => {
  it.each([
    ['11.77', 2, 1177],
    ['0.00', 2, 0],
    ['-0.00', 2, 0],
    ['-3.5', 2, -350],
    ['12', 0, 12],
    ['12.0', 0, 12],
    ['1.234', 3, 1234],
    ['1.5', 0, undefined],
    ['1.', 2, undefined],
    ['.5', 2, undefined],
    ['1e3', 2, undefined],
    ['', 2, undefined],
    ['99999999999999999999', 2, undefined],
  ])('%s with %d places is %s minor units', (text, places, expected) => {
    expect(minorUnitsOf(text, places)).toBe(expected);
  });

  it('is read back exactly for every amount', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 4 }), (amount, places) => {
        const digits = Math.abs(amount)
          .toString()
          .padStart(places + 1, '0');
        const text = `${amount < 0 ? '-' : ''}${digits.slice(0, digits.length - places)}${places > 0 ? `.${digits.slice(-places)}` : ''}`;
        expect(minorUnitsOf(text, places)).toBe(amount === 0 ? 0 : amount);
      }),
    );
  });
});

describe('A wall-clock time', () => {
  const at = (date: string, hours: number, zone: string): string =>
    instantInZone({ date, timeMs: hours * 3_600_000 }, zone);
  it('is read in its zone, summer and winter', () => {
    expect(at('2026-01-15', 12, 'Europe/Amsterdam')).toBe('2026-01-15T11:00:00.000Z');
    expect(at('2026-07-15', 12, 'Europe/Amsterdam')).toBe('2026-07-15T10:00:00.000Z');
    expect(at('2026-07-15', 12, 'Asia/Kolkata')).toBe('2026-07-15T06:30:00.000Z');
  });
  it('that occurs twice is the first one', () => {
    expect(at('2026-10-25', 2.5, 'Europe/Amsterdam')).toBe('2026-10-25T00:30:00.000Z');
  });
  it('that does not occur is read with the offset before the change', () => {
    expect(at('2026-03-29', 2.5, 'Europe/Amsterdam')).toBe('2026-03-29T01:30:00.000Z');
  });
});
