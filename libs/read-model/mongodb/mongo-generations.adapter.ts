import { RapportError } from '@rapport/contracts';
import { NAMESPACE_NOT_FOUND, translated, unlessDuplicate, type MongoConnection } from '@rapport/connections';
import type { Collection } from 'mongodb';
import { assertIndexNames, collectionNameOf } from '../collection-name.js';
import type { CollectionSpec, CollectionState } from '../read-model.port.js';
import { MongoProgress } from './mongo-progress.adapter.js';

export const PROJECTIONS = '_rapport_projections';
export const PARKED_EVENTS = '_rapport_parked_events';

/** A generation as its projection's record lists it. */
interface GenerationRecord {
  readonly collection: string;
  /** MongoDB's name of the collection: a name dropped before gets a suffix, see `drops`. */
  readonly storage: string;
  readonly version: number;
  readonly generation: number;
  readonly indexes: readonly string[];
  /** Absent in a record from before indexes could be left unsorted: all. */
  readonly sortedBy?: readonly string[];
  /** True once it has been the active one. */
  readonly activated: boolean;
}

/** Everything known of a projection's generations in one document, so that each change of it is atomic. */
interface ProjectionRecord {
  readonly _id: string;
  /** The alias: the collection readers follow. */
  readonly active: string | null;
  readonly generations: readonly GenerationRecord[];
  /**
   * How often each collection name was dropped. MongoDB creates a collection at the first write to it, so a writer that
   * does not know of the drop brings the old one back; a generation made anew under the name must not meet it.
   */
  readonly drops?: Readonly<Record<string, number>>;
}

/** Where the documents of a collection are. */
export interface Target {
  readonly projection: string;
  readonly collection: string;
  readonly storage: string;
  readonly indexes: readonly string[];
  readonly sortedBy: readonly string[];
}

const COLLECTION = /^(.+)__v\d+__g\d+$/;
const STORAGE = /^(.+__v\d+__g\d+?)(?:__r(\d+))?$/;
/** Writers that meet at one record all but one of them try again. */
const MAX_ROUNDS = 20;

const storageOf = (collection: string, drops: number): string =>
  drops === 0 ? collection : `${collection}__r${drops}`;

/** Generations of every projection: their records, their alias and the collections behind them. */
export class MongoGenerations {
  private readonly records: Collection<ProjectionRecord>;
  readonly progress: MongoProgress;
  private readonly targets = new Map<string, Target>();
  private readonly askedStates = new AskedTogether((projections) => this.statesOf(projections));
  private readonly askedRecords = new AskedTogether((projections) => this.recordsOf(projections));

  constructor(private readonly connection: MongoConnection) {
    this.records = connection.collection(PROJECTIONS);
    this.progress = new MongoProgress(connection);
  }

  async create(spec: CollectionSpec): Promise<void> {
    const collection = collectionNameOf(spec);
    assertIndexNames(spec);
    const { projection: _id, version, generation, indexes, sortedBy = indexes } = spec;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const record = await translated(() => this.records.findOne({ _id }));
      if (record?.generations.some((g) => g.collection === collection)) return;
      const drops = record?.drops?.[collection] ?? 0;
      const entry: GenerationRecord = {
        collection,
        storage: storageOf(collection, drops),
        version,
        generation,
        indexes: [...indexes],
        sortedBy: [...sortedBy],
        activated: false,
      };
      const result = await unlessDuplicate(
        () =>
          this.records.updateOne(
            {
              _id,
              'generations.collection': { $ne: collection },
              [`drops.${collection}`]: drops === 0 ? { $exists: false } : { $eq: drops },
            },
            { $push: { generations: entry }, $setOnInsert: { active: null } },
            { upsert: record === null },
          ),
        undefined,
      );
      if (result && result.modifiedCount + result.upsertedCount > 0) return this.sweep(_id);
    }
    throw contested();
  }

  /** Single-document update: readers follow the former alias or the new one, never neither. */
  async activate(projection: string, collection: string): Promise<void> {
    const { matchedCount } = await translated(() =>
      this.records.updateOne(
        { _id: projection, 'generations.collection': { $eq: collection } },
        { $set: { active: collection, 'generations.$.activated': true } },
      ),
    );
    if (matchedCount === 0) throw unknownCollection(collection);
  }

  async drop(projection: string, collection: string): Promise<void> {
    this.targets.delete(collection);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const record = await translated(() => this.records.findOne({ _id: projection }));
      const entry = record?.generations.find((g) => g.collection === collection);
      if (!record || !entry) return;
      if (record.active === collection)
        throw new RapportError('CONFLICT', `${collection} is active and cannot be dropped`);
      const { modifiedCount } = await translated(() =>
        this.records.updateOne(
          {
            _id: projection,
            active: { $ne: collection },
            generations: { $elemMatch: { collection: { $eq: collection }, storage: { $eq: entry.storage } } },
          },
          { $pull: { generations: { collection } }, $inc: { [`drops.${collection}`]: 1 } },
        ),
      );
      if (modifiedCount === 1) return this.sweep(projection);
    }
    throw contested();
  }

  /**
   * Removes what stands under dropped names: documents, checkpoints and parked events. Run after each change of the
   * record, so that what a crash left, or what a late writer brought back, goes at the next one.
   */
  private async sweep(projection: string): Promise<void> {
    const record = await translated(() => this.records.findOne({ _id: projection }));
    const drops = Object.entries(record?.drops ?? {});
    if (drops.length === 0) return;
    const dropped = new Map(drops);
    const { db, writeConcern } = this.connection;
    const names = await translated(() => db.listCollections({}, { nameOnly: true }).toArray());
    for (const { name } of names) {
      const [, collection, incarnation = '0'] = STORAGE.exec(name) ?? [];
      if (collection === undefined || Number(incarnation) >= (dropped.get(collection) ?? 0)) continue;
      try {
        await translated(() => db.dropCollection(name, { writeConcern }));
      } catch (error) {
        if ((error as { code?: unknown }).code !== NAMESPACE_NOT_FOUND) throw error;
      }
    }
    const storages = drops.flatMap(([name, count]) =>
      Array.from({ length: count }, (_, i) => storageOf(name, i)),
    );
    await this.progress.forget(storages);
    await translated(() =>
      this.connection.collection(PARKED_EVENTS).deleteMany({ storage: { $in: storages } }),
    );
  }

  /** Where a collection is. Remembered: a generation's place and indexes never change. Throws UNKNOWN_PROJECTION. */
  async target(collection: string): Promise<Target> {
    const target = this.targets.get(collection) ?? (await this.find(collection));
    if (!target) throw unknownCollection(collection);
    this.targets.set(collection, target);
    return target;
  }

  /**
   * Throws UNKNOWN_PROJECTION when the collection was dropped since it was remembered: MongoDB itself answers as if a
   * dropped collection were an empty one.
   */
  async confirm({ collection, storage }: Target): Promise<void> {
    const target = await this.find(collection);
    if (target?.storage === storage) return;
    this.targets.delete(collection);
    throw unknownCollection(collection);
  }

  private async find(collection: string): Promise<Target | undefined> {
    const _id = COLLECTION.exec(collection)?.[1];
    if (_id === undefined) return undefined;
    const record = await this.askedRecords.ask(_id);
    const entry = record?.generations.find((g) => g.collection === collection);
    if (!entry) return undefined;
    const { storage, indexes, sortedBy = indexes } = entry;
    return { projection: _id, collection, storage, indexes, sortedBy };
  }

  /** Throws UNKNOWN_PROJECTION; UNAVAILABLE while the first generation is being filled. */
  async active(projection: string): Promise<CollectionState> {
    const states = await this.states(projection);
    const active = states.find((state) => state.status === 'active');
    if (active) return active;
    throw states.length > 0
      ? new RapportError('UNAVAILABLE', `${projection} is being filled for the first time`, {
          retryAfterS: 1,
        })
      : new RapportError('UNKNOWN_PROJECTION', `there is no read model ${projection}`);
  }

  async state(collection: string): Promise<CollectionState | undefined> {
    const projection = COLLECTION.exec(collection)?.[1];
    if (projection === undefined) return undefined;
    return (await this.states(projection)).find((state) => state.collection === collection);
  }

  private async states(projection: string): Promise<readonly CollectionState[]> {
    return (await this.askedStates.ask(projection)) ?? [];
  }

  private async statesOf(
    projections: readonly string[],
  ): Promise<ReadonlyMap<string, readonly CollectionState[]>> {
    const states = new Map<string, CollectionState[]>();
    for (const { state } of await this.placedStates(projections)) {
      const known = states.get(state.projection);
      if (known) known.push(state);
      else states.set(state.projection, [state]);
    }
    return states;
  }

  private async recordsOf(projections: readonly string[]): Promise<ReadonlyMap<string, ProjectionRecord>> {
    const records = await translated(() => this.records.find({ _id: { $in: [...projections] } }).toArray());
    return new Map(records.map((record) => [record._id, record]));
  }

  /**
   * States by projection, generation and version; of all without names. The checkpoints are asked for after the records:
   * what an alias leads to is never seen less far than it was then. (`$lookup` does both at four times the cost on SecantusDB.)
   */
  private async placedStates(
    projections?: readonly string[],
  ): Promise<{ readonly state: CollectionState; readonly storage: string }[]> {
    const of = projections === undefined ? undefined : { $in: [...projections] };
    const records = await translated(() =>
      this.records.find(of === undefined ? {} : { _id: of }, { sort: { _id: 1 } }).toArray(),
    );
    const checkpoints = await this.progress.of(projections);
    return records.flatMap(({ _id, active, generations }) =>
      [...generations]
        .sort((a, b) => a.generation - b.generation || a.version - b.version)
        .map((entry) => ({
          storage: entry.storage,
          state: {
            projection: _id,
            version: entry.version,
            generation: entry.generation,
            indexes: entry.indexes,
            sortedBy: entry.sortedBy ?? entry.indexes,
            collection: entry.collection,
            status: entry.collection === active ? 'active' : entry.activated ? 'previous' : 'filling',
            checkpoints: checkpoints(entry.storage),
          },
        })),
    );
  }

  async generations(projection?: string): Promise<CollectionState[]> {
    return (await this.placedStates(projection === undefined ? undefined : [projection])).map(
      ({ state }) => state,
    );
  }
}

const unknownCollection = (collection: string): RapportError =>
  new RapportError('UNKNOWN_PROJECTION', `there is no collection ${collection}`);

const contested = (): RapportError =>
  new RapportError('UNAVAILABLE', 'too many writers change the generations of this projection', {
    retryAfterS: 1,
  });

/** Questions asked in the same turn of the program go to the server as one. */
class AskedTogether<Answer> {
  private waiting:
    { readonly names: Set<string>; readonly answers: Promise<ReadonlyMap<string, Answer>> } | undefined;

  constructor(private readonly answer: (names: readonly string[]) => Promise<ReadonlyMap<string, Answer>>) {}

  async ask(name: string): Promise<Answer | undefined> {
    if (!this.waiting) {
      const names = new Set<string>();
      const answers = Promise.resolve().then(() => {
        this.waiting = undefined;
        return this.answer([...names]);
      });
      this.waiting = { names, answers };
    }
    this.waiting.names.add(name);
    return (await this.waiting.answers).get(name);
  }
}
