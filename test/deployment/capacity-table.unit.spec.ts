import { capacityAsMarkdown, capacityFor, type MeasuredRates } from '../../scripts/docs/capacity-table.js';

const rate = (value: number, unit: string) => ({ value, unit, load: '0' });
const MEASURED: MeasuredRates = {
  command: 'a test',
  machine: 'none',
  rates: {
    apiCommandsPerSecond: rate(500, 'commands/s'),
    relayEventsPerSecond: rate(10_000, 'events/s'),
    projectorEventsPerSecond: rate(1_000, 'events/s'),
    eventStoreDbBytesPerEvent: rate(1_000, 'bytes/event'),
    kafkaBytesPerEvent: rate(2_000, 'bytes/event'),
    mongoDbBytesPerEvent: rate(4_000, 'bytes/event'),
  },
};

describe('The capacity table', () => {
  it('counts processes for the peak, seven tenths busy, and bytes for the average, three times', () => {
    expect(capacityFor(100, MEASURED)).toEqual({
      load: 100,
      peakEventsPerSecond: 500,
      apis: 2,
      relayUse: 500 / 7_000,
      projectors: 1,
      eventStoreDbBytes: 100 * 365 * 86_400 * 1_000 * 3,
      kafkaBytes: 100 * 7 * 86_400 * 2_000 * 3,
      mongoDbBytes: 100 * 365 * 86_400 * 4_000 * 3,
    });
  });

  it('says where one relay or the partitions are not enough', () => {
    const text = capacityAsMarkdown(MEASURED);
    expect(text).toContain('| 1× | 1 / 5 | 1 | 1 (0.071 % busy) | 1 | 95 GB | 3.6 GB | 380 GB |');
    expect(text).toContain('| 10,000× | 10,000 / 50,000 | 140 | **8 needed, 1 possible** | **72**, above 24 partitions |');
  }); // prettier-ignore

  it('is not made without a rate it needs', () => {
    const { relayEventsPerSecond: _, ...rates } = MEASURED.rates;
    expect(() => capacityFor(1, { ...MEASURED, rates })).toThrow('relayEventsPerSecond');
  });
});
