import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { addressOf } from '@rapport/testing';
import { describeRelayCheckpoint } from '../relay-checkpoint.contract.js';
import { openMongoRelayCheckpoint } from './mongo-relay-checkpoint.adapter.js';

const client = new MongoClient(addressOf('mongodb'));
const db = client.db(`spec_${randomUUID().replaceAll('-', '')}`);
afterAll(async () => {
  await db.dropDatabase();
  await client.close();
});

describeRelayCheckpoint('MongoDB', async () => {
  const name = randomUUID();
  return { store: openMongoRelayCheckpoint(db, name), reopen: () => openMongoRelayCheckpoint(db, name) };
});

describe('MongoDB relay checkpoint', () => {
  it('says UNAVAILABLE when the server is not there', async () => {
    const away = new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 200 });
    const store = openMongoRelayCheckpoint(away.db('x'));
    await expect(store.load()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await away.close();
  });
});
