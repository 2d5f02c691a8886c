import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { RapportError } from '@rapport/contracts';

const HEX_KEY = /^[0-9a-f]{64}\s*$/;

/**
 * The master key: 32 bytes as 64 hex digits in a file outside the data folder. Created (0600, in a folder 0700) only when
 * `mayCreate`; otherwise a missing or unreadable one is MASTER_KEY_MISMATCH, because a new key would open nothing.
 */
export function readMasterKey(file: string, mayCreate: boolean): Buffer {
  if (!existsSync(file)) {
    if (!mayCreate)
      throw new RapportError('MASTER_KEY_MISMATCH', 'The master key file of this data folder is missing.');
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    create(file);
  }
  const text = readFileSync(file, 'utf8');
  if (!HEX_KEY.test(text)) throw new RapportError('MASTER_KEY_MISMATCH', 'The master key file holds no key.');
  return Buffer.from(text.trim(), 'hex');
}

/** Under its name at once and whole, or not at all: of several processes that start together all read the first one's. */
function create(file: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}.new`;
  const descriptor = openSync(draft, 'wx', 0o600);
  writeSync(descriptor, `${randomBytes(32).toString('hex')}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  // Without this the file's name itself could be lost at a power cut, after keys were wrapped with it.
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
