/** A bare loop: find some documents by key, write them back in one bulk write, go on; nothing is folded or guarded. */
import { MongoClient, type Document } from 'mongodb';

export interface DocumentsRunOrder {
  readonly mongoUrl: string;
  /** Where the documents are read from, before the clock starts. */
  readonly from: string;
  /** Where they are written to; empty. */
  readonly to: string;
  /** Documents of one round. */
  readonly batch: number;
}
export interface DocumentsRunResult {
  readonly documents: number;
  readonly documentsPerSecond: number;
  /** Size of the documents as BSON, without indexes and compression. */
  readonly bytes: number;
}

type Row = Document & { readonly _id: string };
const order = JSON.parse(process.argv[2]!) as DocumentsRunOrder;
const client = new MongoClient(order.mongoUrl, { useBigInt64: true });
const source = client.db(order.from);
const target = client.db(order.to);
const majority = { writeConcern: { w: 'majority' }, readConcern: { level: 'majority' } } as const;
const { calculateObjectSize } = (await import('mongodb')).BSON;

const sets: { readonly name: string; readonly documents: readonly Row[] }[] = [];
let bytes = 0;
for (const { name } of await source.listCollections({}, { nameOnly: true }).toArray()) {
  if (name.startsWith('_')) continue;
  const documents = await source.collection<Row>(name).find().toArray();
  for (const document of documents) bytes += calculateObjectSize(document);
  sets.push({ name, documents: documents as Row[] });
  const indexes = await source.collection(name).listIndexes().toArray();
  const own = indexes.filter((index) => index['name'] !== '_id_');
  if (own.length > 0)
    await target.collection(name).createIndexes(own.map(({ key, sparse }) => ({ key, ...(sparse ? { sparse } : {}) }))); // prettier-ignore
}

const startedMs = performance.now();
let written = 0;
for (const { name, documents } of sets) {
  const collection = target.collection<Row>(name, majority);
  for (let at = 0; at < documents.length; at += order.batch) {
    const some = documents.slice(at, at + order.batch);
    await collection.find({ _id: { $in: some.map(({ _id }) => _id) } }).toArray();
    await collection.bulkWrite(
      some.map(({ _id, ...replacement }) => ({ replaceOne: { filter: { _id }, replacement, upsert: true } })),
      { ordered: false },
    );
    written += some.length;
  }
}
const documentsPerSecond = (written / (performance.now() - startedMs)) * 1_000;
await client.close();
process.send!({ documents: written, documentsPerSecond, bytes } satisfies DocumentsRunResult);
process.exit(0);
