import { createHash } from 'node:crypto';
import { translated, upsertGuarded, type MongoConnection } from '@rapport/connections';
import type { Collection } from 'mongodb';
import type { CheckpointWrite } from '../read-model.port.js';

export const CHECKPOINTS = '_rapport_checkpoints';

/** Where a checkpoint belongs: a collection by its storage, not by its name, which may be given again. */
export interface PlacedCheckpoint<Place = { readonly projection: string; readonly storage: string }> {
  readonly target: Place;
  readonly write: CheckpointWrite;
}

/**
 * How far collections that moved together are, in all partitions. A collection may stand in several records; what it
 * has reached in a partition is the furthest of them.
 */
interface ProgressRecord {
  /** Of the set of storages. */
  readonly _id: string;
  readonly projections: readonly string[];
  readonly storages: readonly string[];
  /** By number of the partition. */
  readonly partitions: Readonly<Record<string, PartitionProgress>>;
  /** How often it was written. */
  readonly writes: number;
}

/** The further of two is the greater one to MongoDB, which compares field by field in this order. */
interface PartitionProgress {
  readonly through: bigint;
  /** Of the checkpoint: numbers as text are then compared as numbers. */
  readonly length: number;
  readonly checkpoint: string;
}

/** Records are looked through for overtaken ones after so many writes of progress. */
const TIDY_EVERY = 500;

/**
 * Progress of all collections. Read models that are kept up to date together move together: one record, and one write
 * of it a commit, tells of all of them. (A record for each of 34 was a third of a commit on SecantusDB at 200 events a
 * second.) `$max` moves each partition forward by itself and none back, whoever else writes.
 */
export class MongoProgress {
  private readonly records: Collection<ProgressRecord>;
  private stored = 0;

  constructor(connection: MongoConnection) {
    this.records = connection.collection(CHECKPOINTS);
  }

  async prepare(): Promise<void> {
    await this.records.createIndexes([{ key: { projections: 1 } }], { commitQuorum: 'majority' });
  }

  /** The checkpoints of storages of these projections, or of all, as they stand now. */
  async of(projections?: readonly string[]): Promise<(storage: string) => readonly CheckpointWrite[]> {
    const records = await this.recordsOf(projections);
    const all = records.map((record) => ({
      storages: new Set(record.storages),
      checkpoints: checkpointsOf(record),
    }));
    return (storage) => {
      const [first = [], ...others] = all
        .filter(({ storages }) => storages.has(storage))
        .map(({ checkpoints }) => checkpoints);
      return others.reduce(furthestOfEach, first);
    };
  }

  async store(placed: readonly PlacedCheckpoint[]): Promise<void> {
    if (placed.length === 0) return;
    const byStorage = [...Map.groupBy(placed, ({ target }) => target.storage).values()];
    const together = Map.groupBy(byStorage, (moves) =>
      moves
        .map(({ write }) => `${write.partition} ${write.through} ${write.checkpoint}`)
        .sort()
        .join('\n'),
    );
    const upserts = [...together.values()].map((alike) => {
      const targets = alike.map(([first]) => first!.target);
      const moves = alike[0]!.map(({ write }) => [`partitions.${write.partition}`, progressOf(write)]);
      const storages = targets.map(({ storage }) => storage).sort();
      const projections = [...new Set(targets.map(({ projection }) => projection))];
      return {
        filter: { _id: idOf(storages) },
        update: {
          $max: Object.fromEntries(moves),
          $inc: { writes: 1 },
          $setOnInsert: { projections, storages },
        },
      };
    });
    await upsertGuarded(this.records as never, upserts);
    if (++this.stored % TIDY_EVERY === 0) await this.tidy();
  }

  /** Nothing is known of these storages any more. */
  async forget(storages: readonly string[]): Promise<void> {
    const named = [...storages];
    await translated(() =>
      this.records.updateMany({ storages: { $in: named } }, { $pullAll: { storages: named } }),
    );
    await translated(() => this.records.deleteMany({ storages: { $size: 0 } }));
  }

  /** Removes records that say nothing others do not say as well: of sets that no longer move together. */
  async tidy(): Promise<void> {
    const records = await this.recordsOf();
    const kept = new Set(records);
    // The same order for everybody: two who tidy at once never remove two records that cover each other.
    for (const record of records.sort((a, b) => a.storages.length - b.storages.length || (a._id < b._id ? -1 : 1))) {
      kept.delete(record);
      if (!isOvertaken(record, [...kept])) kept.add(record);
      else await translated(() => this.records.deleteOne({ _id: { $eq: record._id }, writes: { $eq: record.writes } })); // prettier-ignore
    }
  } // prettier-ignore

  private recordsOf(projections?: readonly string[]): Promise<ProgressRecord[]> {
    const filter = projections === undefined ? {} : { projections: { $in: [...projections] } };
    return translated(() => this.records.find(filter).toArray());
  }
}

/** One storage stands for itself; a set is named by what is in it. */
const idOf = (storages: readonly string[]): string =>
  storages.length === 1
    ? storages[0]!
    : `together ${createHash('sha256').update(storages.join('\n')).digest('hex').slice(0, 32)}`;

const progressOf = ({ through, checkpoint }: CheckpointWrite): PartitionProgress => ({
  through,
  length: checkpoint.length,
  checkpoint,
});

/** By partition. */
const checkpointsOf = ({ partitions }: ProgressRecord): readonly CheckpointWrite[] =>
  Object.entries(partitions)
    .map(([partition, { checkpoint, through }]) => ({
      partition: Number(partition),
      checkpoint,
      through: BigInt(through),
    }))
    .sort((a, b) => a.partition - b.partition);

/** The one that is further; of two equally far the second. */
export const furthest = (a: CheckpointWrite | undefined, b: CheckpointWrite | undefined): CheckpointWrite | undefined =>
  a && (!b || a.through > b.through) ? a : b; // prettier-ignore

/** Of each partition the further one, by partition. */
export function furthestOfEach(
  some: readonly CheckpointWrite[],
  others: readonly CheckpointWrite[],
): readonly CheckpointWrite[] {
  const byPartition = new Map(some.map((checkpoint) => [checkpoint.partition, checkpoint]));
  for (const other of others)
    byPartition.set(other.partition, furthest(byPartition.get(other.partition), other)!);
  return [...byPartition.values()].sort((a, b) => a.partition - b.partition);
}

function isOvertaken(record: ProgressRecord, others: readonly ProgressRecord[]): boolean {
  return record.storages.every((storage) => {
    const about = others.filter(({ storages }) => storages.includes(storage));
    return Object.entries(record.partitions).every(([partition, { through }]) =>
      about.some(({ partitions }) => BigInt(partitions[partition]?.through ?? -1n) >= BigInt(through)),
    );
  });
}
