import { duplicatesOf, translated, upsertGuarded, type MongoConnection } from '@rapport/connections';
import type { Collection } from 'mongodb';
import type { CommandIndex, CommandIndexMaintenance } from '../command-index.port.js';
import type { Checkpoint, IndexedCommand } from '../event-store.port.js';

const COMMANDS = '_rapport_commands';
const WATERMARKS = '_rapport_watermarks';
const WATERMARK_ID = 'commands';
/** Entries of one insert. */
const INSERT_CHUNK = 1_000;

interface CommandRecord {
  /** `[streamId, commandKey]` as JSON. */
  readonly _id: string;
  readonly requestHash: string;
  readonly firstRevision: bigint;
  readonly lastRevision: bigint;
  readonly position: bigint;
  /** JSON text: it is answered as it was, never asked about. */
  readonly refusal?: string;
}

interface WatermarkRecord {
  readonly _id: string;
  readonly through: bigint;
  readonly checkpoint?: string;
}

export const openMongoCommandIndex = (connection: MongoConnection): CommandIndex & CommandIndexMaintenance =>
  new MongoCommandIndex(connection);

/** The command index in MongoDB, fed from the log. Several feeders may feed it at once. */
class MongoCommandIndex implements CommandIndex, CommandIndexMaintenance {
  private readonly records: Collection<CommandRecord>;
  private readonly watermarks: Collection<WatermarkRecord>;

  constructor(connection: MongoConnection) {
    this.records = connection.collection(COMMANDS);
    this.watermarks = connection.collection(WATERMARKS);
  }

  async find(streamId: string, commandKey: string): Promise<IndexedCommand | undefined> {
    const record = await translated(() => this.records.findOne({ _id: idOf(streamId, commandKey) }));
    if (!record) return undefined;
    return {
      streamId,
      commandKey,
      requestHash: record.requestHash,
      firstRevision: BigInt(record.firstRevision),
      lastRevision: BigInt(record.lastRevision),
      position: BigInt(record.position),
      ...(record.refusal === undefined
        ? {}
        : { refusal: JSON.parse(record.refusal) as Readonly<Record<string, unknown>> }),
    };
  }

  async watermark(): Promise<bigint> {
    const record = await translated(() => this.watermarks.findOne({ _id: WATERMARK_ID }));
    return BigInt(record?.through ?? 0n);
  }

  async checkpoint(): Promise<Checkpoint | undefined> {
    return (await translated(() => this.watermarks.findOne({ _id: WATERMARK_ID })))?.checkpoint;
  }

  async applyCommands(
    entries: readonly IndexedCommand[],
    through: bigint,
    checkpoint?: Checkpoint,
  ): Promise<void> {
    // An unordered insert has no order: of several entries of one key the first is picked here.
    const byId = new Map<string, CommandRecord>();
    for (const entry of entries) {
      const record = recordOf(entry);
      if (!byId.has(record._id)) byId.set(record._id, record);
    }
    const records = [...byId.values()];
    for (let from = 0; from < records.length; from += INSERT_CHUNK)
      // E11000: the entry is known, and the first one counts.
      await duplicatesOf(() =>
        this.records.insertMany(records.slice(from, from + INSERT_CHUNK), { ordered: false }),
      );
    await upsertGuarded(this.watermarks as never, [
      {
        filter: { _id: WATERMARK_ID, through: { $lt: through } },
        update: { $set: { through, ...(checkpoint === undefined ? {} : { checkpoint }) } },
      },
    ]);
  }
}

const idOf = (streamId: string, commandKey: string): string => JSON.stringify([streamId, commandKey]);

const recordOf = (entry: IndexedCommand): CommandRecord => ({
  _id: idOf(entry.streamId, entry.commandKey),
  requestHash: entry.requestHash,
  firstRevision: entry.firstRevision,
  lastRevision: entry.lastRevision,
  position: entry.position,
  ...(entry.refusal ? { refusal: JSON.stringify(entry.refusal) } : {}),
});
