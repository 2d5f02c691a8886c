/** Thread that copies the write-ahead log back into its database when it is asked to: see `CopyBack`. */
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from './connection.adapter.js';
import { COPIED, pagesToCopy, type CopyBackSettings, type ToCopyBack } from './copy-back.adapter.js';

/**
 * What is committed during a copy is copied by the next: the log begins anew only when a commit finds all of it copied.
 * Each copy is shorter than the one before.
 */
const MOST_COPIES = 8;

const { databaseFile } = workerData as CopyBackSettings;
const database = openDatabase(databaseFile, { isFlushedByOwner: true, cacheKiB: 256 });
const copied = database.prepare(COPIED);
const copy = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

parentPort!.on('message', (message: ToCopyBack) => {
  if (message === 'close') {
    database.close();
    parentPort!.close();
    return;
  }
  for (let i = 0; i < MOST_COPIES && pagesToCopy(copied) > 0; i++) copy.get();
  parentPort!.postMessage('copied');
});
