import { RapportError } from '@rapport/contracts';
import { duplicatesOf, translated, unlessDuplicate } from './mongo-errors.adapter.js';

const failing = (error: unknown) => () => Promise.reject(error);
const serverError = (code: number, message = 'x', more: object = {}) =>
  Object.assign(new Error(message), { name: 'MongoServerError', code, ...more });
const driverError = (name: string, more: object = {}) => Object.assign(new Error('x'), { name, ...more });
const bulkError = (writeErrors: unknown, unsafe?: object) =>
  Object.assign(new Error('x'), {
    name: 'MongoBulkWriteError',
    code: 11_000,
    writeErrors,
    result: { getWriteConcernError: () => unsafe },
  });

describe('Errors of MongoDB', () => {
  it.each([
    ['an election', serverError(10_107)],
    ['a step-down', serverError(189)],
    ['a shutdown', serverError(91)],
    ['a lost majority', serverError(64)],
    ['a refused account', serverError(13)],
    ['a wrong password', serverError(18)],
    ['a cursor a restart forgot', serverError(43)],
    ['a connection that broke', driverError('MongoNetworkError')],
    ['a socket that the other side has closed, as Node says it', driverError('Error', { code: 'EPIPE' })],
    ['no server in time', driverError('MongoServerSelectionError')],
    ['a pool that was cleared', driverError('MongoPoolClearedError')],
    [
      'a server that says it may be asked again',
      driverError('MongoServerError', { errorLabels: ['RetryableWriteError'] }),
    ],
  ])('are UNAVAILABLE for %s, with what the driver said as the cause', async (_, error) => {
    const thrown: unknown = await translated(failing(error)).catch((e: unknown) => e);
    expect(thrown).toMatchObject({ code: 'UNAVAILABLE', cause: error });
    expect((thrown as RapportError).extra.retryAfterS).toBeGreaterThan(0);
  });

  it.each([
    ['a build that finds no room', serverError(14_031)],
    ['a full file system', serverError(8, 'write failed: No space left on device')],
    ['a used-up quota', serverError(8_000, 'you are over your space quota')],
  ])('are STORAGE_FULL for %s', async (_, error) => {
    await expect(translated(failing(error))).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  });

  it('stay what they are when they name a defect, and so do our own', async () => {
    const defect = serverError(9, 'FailedToParse');
    await expect(translated(failing(defect))).rejects.toBe(defect);
    const own = new RapportError('CONFLICT', 'x');
    await expect(translated(failing(own))).rejects.toBe(own);
    await expect(translated(async () => 'fine')).resolves.toBe('fine');
  });

  it('tell a document that stands there from everything else', async () => {
    await expect(unlessDuplicate(failing(serverError(11_000)), 'known')).resolves.toBe('known');
    await expect(unlessDuplicate(failing(serverError(189)), 'known')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });

  describe('of a bulk write', () => {
    const duplicate = (index: number) => ({ code: 11_000, index, errmsg: 'E11000' });

    it('name the operations that met a document', async () => {
      await expect(duplicatesOf(async () => undefined)).resolves.toEqual([]);
      await expect(duplicatesOf(failing(bulkError([duplicate(1), duplicate(4)])))).resolves.toEqual([1, 4]);
      await expect(duplicatesOf(failing(bulkError(duplicate(2))))).resolves.toEqual([2]);
    });

    it('are thrown when one operation failed otherwise, however many met a document', async () => {
      const full = { code: 14_031, index: 3, errmsg: 'no room' };
      await expect(duplicatesOf(failing(bulkError([duplicate(1), full])))).rejects.toMatchObject({
        code: 'STORAGE_FULL',
      });
      const defect = { code: 9, index: 3, errmsg: 'FailedToParse' };
      await expect(duplicatesOf(failing(bulkError([defect])))).rejects.toMatchObject({ code: 9 });
    });

    it('are thrown when no majority acknowledged it, whatever else it answered', async () => {
      const unsafe = { code: 64, errmsg: 'waiting for replication timed out' };
      for (const duplicates of [[], [duplicate(1)]])
        await expect(duplicatesOf(failing(bulkError(duplicates, unsafe)))).rejects.toMatchObject({
          code: 'UNAVAILABLE',
        });
    });

    it('are thrown when the connection broke', async () => {
      const wrapped = Object.assign(new Error('connect ECONNREFUSED'), {
        name: 'MongoBulkWriteError',
        writeErrors: [],
        result: { getWriteConcernError: () => undefined },
      });
      await expect(duplicatesOf(failing(wrapped))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(duplicatesOf(failing(driverError('MongoNetworkError')))).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
    });
  });
});
