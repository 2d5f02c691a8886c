import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { customerStreamId } from '@rapport/contracts';
import { testCustomerId } from '@rapport/testing';
import { murmur2Partitioning, partitionKeyOf } from './partitioning.js';

describe('Partitioning', () => {
  it('puts a key where Kafka would, whatever the key', () => {
    const theirs = Partitioners.DefaultPartitioner();
    const partitionMetadata = Array.from({ length: 24 }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 1,
      replicas: [1],
      isr: [1],
    }));
    const { partitionOf } = murmur2Partitioning(24);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (key) => {
        const streamId = customerStreamId(key);
        expect(partitionOf(streamId)).toBe(
          theirs({ topic: 't', partitionMetadata, message: { key, value: null } }),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps a stream where it has always been', () => {
    const { partitionOf, name } = murmur2Partitioning();
    expect(name).toBe('murmur2/24');
    expect(['ada', 'bob', 'eve'].map((n) => partitionOf(customerStreamId(testCustomerId(n))))).toEqual([
      20, 20, 5,
    ]);
    expect(partitionOf('ruleBook-default')).toBe(19);
  });

  it('uses the customer as key, and the stream where there is none', () => {
    expect(partitionKeyOf(customerStreamId('42'))).toBe('42');
    expect(partitionKeyOf('ruleBook-default')).toBe('ruleBook-default');
  });

  it('spreads customers evenly', () => {
    const { partitionOf } = murmur2Partitioning(24);
    const counts = new Array<number>(24).fill(0);
    for (let i = 0; i < 24_000; i++) counts[partitionOf(customerStreamId(testCustomerId(`c-${i}`)))]!++;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
  });
});
