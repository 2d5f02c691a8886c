import { closeSync, existsSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import type { DiskFlush } from './group-commit.adapter.js';

const flushing = promisify(fdatasync);

/**
 * The write-ahead log of an open database, to bring to the disk what was committed without waiting for it
 * (synchronous=NORMAL): what COMMIT does itself with FULL. Syncing is by file, whoever wrote to it.
 */
export class WriteAheadLog implements DiskFlush {
  private descriptor: number | undefined;

  private readonly file: string;

  constructor(databaseFile: string) {
    this.file = `${databaseFile}-wal`;
  }

  /** What a process that was killed has committed may still be on its way to the disk. */
  flushRemains(): void {
    if (existsSync(this.file)) this.now();
  }

  now(): void {
    fdatasyncSync(this.open());
  }

  soon(): Promise<void> {
    return flushing(this.open());
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  /** Exists from the first commit on, and stays the same file for as long as the database is open. */
  private open(): number {
    return (this.descriptor ??= openSync(this.file, 'r+'));
  }
}
