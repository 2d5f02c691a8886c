import { randomUUID } from 'node:crypto';
import { openMongoConnection, type MongoConnection } from '@rapport/connections';
import { addressOf } from '@rapport/testing';
import { describeRelayCheckpoint } from '../relay-checkpoint.contract.js';
import { openMongoRelayCheckpoint } from './mongo-relay-checkpoint.adapter.js';

let connection: MongoConnection;
beforeAll(async () => {
  const database = `spec_${randomUUID().replaceAll('-', '')}`;
  connection = await openMongoConnection({ url: addressOf('mongodb'), database });
});
afterAll(async () => {
  await connection.db.dropDatabase();
  await connection.close();
});

describeRelayCheckpoint('MongoDB', async () => {
  const name = randomUUID();
  const open = () => openMongoRelayCheckpoint(connection, name);
  return { store: open(), reopen: open };
});

describe('MongoDB relay checkpoint', () => {
  it('says UNAVAILABLE when the server is not there', async () => {
    const away = await openMongoConnection({
      url: 'mongodb://127.0.0.1:1',
      database: 'x',
      serverSelectionTimeoutMs: 200,
    });
    await expect(openMongoRelayCheckpoint(away).load()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await away.close();
  });
});
