import { freshMongoDatabase } from '@rapport/testing';
import { describeReadModelStore } from '../read-model.contract.js';
import { openMongoReadModels } from './mongo-read-model.adapter.js';

describeReadModelStore(
  'MongoDB',
  async () => {
    const database = await freshMongoDatabase();
    const connection = await database.connect();
    return {
      open: () => openMongoReadModels(connection),
      dispose: () => database.dispose(),
    };
  },
  { atomicCommits: false, remembersRemovals: true },
);
