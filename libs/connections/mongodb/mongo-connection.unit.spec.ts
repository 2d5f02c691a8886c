import { openMongoConnection } from './mongo-connection.adapter.js';

describe('A connection to MongoDB', () => {
  it('refuses an address that is none without repeating what stands in it', async () => {
    for (const url of ['http://user:secret@host/db', 'mongodb://user:secret@/db', 'secret']) {
      const refused: unknown = await openMongoConnection({ url }).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'INVALID_VALUE' });
      expect(String(refused)).not.toContain('secret');
    }
  });

  it('uses the database it is given, else the one in the address, and guesses none', async () => {
    const named = await openMongoConnection({ url: 'mongodb://127.0.0.1:1/crm?w=1' });
    expect(named.db.databaseName).toBe('crm');
    const given = await openMongoConnection({ url: 'mongodb://127.0.0.1:1/crm', database: 'other' });
    expect(given.db.databaseName).toBe('other');
    for (const url of ['mongodb://127.0.0.1:1', 'mongodb://127.0.0.1:1/', 'mongodb://127.0.0.1:1/?w=1'])
      await expect(openMongoConnection({ url })).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    await Promise.all([named.close(), given.close()]);
  });

  it('reaches another database of the same server with the same promises', async () => {
    const connection = await openMongoConnection({ url: 'mongodb://127.0.0.1:1/crm?w=1', majorityTimeoutMs: 7_000 }); // prettier-ignore
    const other = connection.inDatabase('crm_api');
    expect([connection.db.databaseName, other.db.databaseName]).toEqual(['crm', 'crm_api']);
    expect(other.collection('x').writeConcern).toMatchObject({ w: 'majority', wtimeoutMS: 7_000 });
    await connection.close();
  });

  it('sets majority and the primary on every collection, whatever the address says', async () => {
    const connection = await openMongoConnection({
      url: 'mongodb://127.0.0.1:1/crm?w=1&readPreference=secondary&readConcernLevel=local',
      majorityTimeoutMs: 7_000,
    });
    const collection = connection.collection('x');
    expect(collection.writeConcern).toMatchObject({ w: 'majority', wtimeoutMS: 7_000 });
    expect(collection.readConcern).toMatchObject({ level: 'majority' });
    expect(collection.readPreference).toMatchObject({ mode: 'primary' });
    await connection.close();
  });
});
