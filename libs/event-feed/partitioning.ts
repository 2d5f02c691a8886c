import { customerIdOfStream } from '@rapport/contracts';

/**
 * How streams are spread over partitions. It is part of the data: with another hash or count a customer's events would
 * go on in another partition and lose their order, so the count is recorded and a change is refused.
 */
export interface Partitioning {
  /** `<hash>/<number of partitions>`: what is recorded. */
  readonly name: string;
  readonly partitions: number;
  partitionOf(streamId: string): number;
}

/** 24 splits evenly among 1, 2, 3, 4, 6, 8, 12 and 24 consumers. */
export const DEFAULT_PARTITIONS = 24;

/** Key of a stream's records: the customer, or the stream itself where there is no customer. */
export const partitionKeyOf = (streamId: string): string => customerIdOfStream(streamId) ?? streamId;

/** By Kafka's own hash of the key, so that other producers and stream processors find a key where we put it. */
export function murmur2Partitioning(partitions: number = DEFAULT_PARTITIONS): Partitioning {
  const encoder = new TextEncoder();
  return {
    name: `murmur2/${partitions}`,
    partitions,
    partitionOf: (streamId) => (murmur2(encoder.encode(partitionKeyOf(streamId))) & 0x7fffffff) % partitions,
  };
}

const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** MurmurHash2 as Kafka's default partitioner has it: 32 bits, signed. */
function murmur2(data: Uint8Array): number {
  const { length } = data;
  let h = SEED ^ length;
  const whole = length - (length % 4);
  for (let i = 0; i < whole; i += 4) {
    let k = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    k = Math.imul(k, M);
    k ^= k >>> R;
    k = Math.imul(k, M);
    h = Math.imul(h, M) ^ k;
  }
  if (length > whole) {
    for (let i = length - 1; i >= whole; i--) h ^= data[i]! << (8 * (i - whole));
    h = Math.imul(h, M);
  }
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
}
