import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../exit-codes.js';
import { parseMapping, type Mapping } from './mapping.schema.js';

const orders = {
  name: 'orders',
  format: { kind: 'csv', header: true },
  command: 'RecordPurchase',
  sourceSystem: 'shop',
  customer: { identifier: 'customerNo', column: 'customer' },
  sourceEventId: { column: 'order_no' },
  occurredAt: { column: 'at', as: 'instant', format: 'iso' },
  channel: 'web',
  fields: {
    orderId: { column: 'order_no' },
    total: { column: 'amount', as: 'money', currency: 'EUR' },
  },
};

const messageOf = (json: unknown): string => {
  try {
    parseMapping(json, 'orders.json');
  } catch (error) {
    if (error instanceof CliError && error.exitCode === 4) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('A mapping', () => {
  it('is accepted when it is complete', () => {
    expect(messageOf(orders)).toBe('accepted');
  });

  it.each([
    ['an unknown property', { ...orders, tenant: 'x' }, '/tenant'],
    [
      'a money value without its currency',
      withTotal({ column: 'amount', as: 'money' }),
      '/fields/total: money needs exactly one of currency',
    ],
    ['an unknown conversion', withTotal({ column: 'amount', as: 'cash' }), '/fields/total/as'],
    [
      'a value from two places',
      withTotal({ column: 'amount', const: 1 }),
      '/fields/total: needs exactly one of const',
    ],
    [
      'a nested mistake',
      withTotal({ list: [{ object: { a: { column: 'x', as: 'date' } } }] }),
      '/fields/total/list/0/object/a/format',
    ],
    [
      'a time zone that does not exist',
      { ...orders, occurredAt: { ...orders.occurredAt, zone: 'Mars/Base' } },
      '/occurredAt/zone',
    ],
    ['a channel that does not exist', { ...orders, channel: 'telepathy' }, '/channel'],
    [
      'neither id nor content for the source key',
      { ...orders, sourceEventId: {} },
      '/sourceEventId: needs exactly one',
    ],
    ['no customer for a fact', { ...orders, customer: undefined }, '/customer'],
    ['no names for its columns', { ...orders, format: { kind: 'csv' } }, '/format/columns'],
    [
      'a column that the file does not have',
      { ...orders, format: { kind: 'csv', columns: ['customer', 'at', 'amount'] } },
      'has no column "order_no"',
    ],
    [
      'widths that do not fit',
      {
        ...orders,
        format: { kind: 'fixedWidth', columns: ['customer', 'at', 'amount', 'order_no'], widths: [3] },
      },
      '/format/widths',
    ],
    ['no object at all', 'orders', '/'],
  ])('is refused with %s, naming the place', (_what, json, expected) => {
    expect(messageOf(json)).toContain(expected);
    expect(messageOf(json)).toContain('orders.json');
  });

  it.each(['cdnow-master', 'cdnow-sample'])('ships as %s', (name) => {
    const text = readFileSync(join(__dirname, '../mappings', `${name}.json`), 'utf8');
    expect(parseMapping(JSON.parse(text), name).name).toBe(name);
  });
});

function withTotal(total: unknown): unknown {
  return { ...orders, fields: { ...orders.fields, total } } as unknown as Mapping;
}
