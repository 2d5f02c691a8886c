import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RapportError } from '@rapport/contracts';
import { asRapportError, isBusy } from './connection.adapter.js';

export interface OwnerLock {
  release(): void;
}

/**
 * Makes this process the one writer of a data folder. The lock is a file lock of the operating system, held through an
 * exclusive transaction on `owner.lock`, so it goes when the process does, even on kill -9; `owner.json` only tells who
 * holds it. Throws STORE_LOCKED naming the holder's process id when it is known.
 *
 * Nobody else may open `owner.lock` inside this process: closing any descriptor of it would drop the lock.
 */
export function lockFolder(folder: string): OwnerLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(folder, 'owner.lock'), { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw asRapportError(error);
    const holder = holderOf(folder);
    throw new RapportError(
      'STORE_LOCKED',
      holder === undefined
        ? 'Another process owns the data folder.'
        : `Process ${holder} owns the data folder.`,
      { members: holder === undefined ? {} : { holderPid: holder } },
    );
  }
  writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid }));
  let held = true;
  return {
    release: () => {
      if (!held) return;
      held = false;
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

function holderOf(folder: string): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')) as { pid?: unknown };
    return typeof pid === 'number' ? pid : undefined;
  } catch {
    return undefined;
  }
}
