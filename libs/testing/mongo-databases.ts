import { randomUUID } from 'node:crypto';
import { openMongoConnection, type MongoConnection, type MongoConnectionOptions } from '@rapport/connections';

/** A database of one test on the shared server, dropped when the test is over. */
export interface MongoDatabase {
  readonly url: string;
  readonly name: string;
  /** A connection to it, closed by `dispose` at the latest. */
  connect(options?: Omit<MongoConnectionOptions, 'url' | 'database'>): Promise<MongoConnection>;
  dispose(): Promise<void>;
}

/** Address of the MongoDB-protocol server to test against, from MONGODB_URL; a missing one fails the test by name. */
export function mongoUrl(): string {
  const url = process.env.MONGODB_URL;
  if (!url) throw new Error('MONGODB_URL is not set: this spec needs a MongoDB-protocol server.');
  return url;
}

export async function freshMongoDatabase(url = mongoUrl()): Promise<MongoDatabase> {
  const name = `rapport_test_${randomUUID().replaceAll('-', '')}`;
  const open: MongoConnection[] = [];
  const connect: MongoDatabase['connect'] = async (options = {}) => {
    const connection = await openMongoConnection({ ...options, url, database: name });
    open.push(connection);
    return connection;
  };
  return {
    url,
    name,
    connect,
    dispose: async () => {
      const connection = await openMongoConnection({ url, database: name });
      await connection.db.dropDatabase();
      await Promise.all([connection, ...open].map((one) => one.close()));
    },
  };
}
