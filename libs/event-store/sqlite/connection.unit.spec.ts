import { RapportError } from '@rapport/contracts';
import { asRapportError } from './connection.adapter.js';

/** An error as the driver throws it; the low byte of the code is SQLite's primary result (sqlite.org/rescode.html). */
const driverError = (errcode: number): Error => Object.assign(new Error('driver words'), { errcode });
const codeOf = (error: Error): string => (error instanceof RapportError ? error.code : 'none of ours');

describe('What the driver reports', () => {
  it.each([
    ['BUSY', 5, 'UNAVAILABLE'],
    ['BUSY_SNAPSHOT', 5 | (2 << 8), 'UNAVAILABLE'],
    ['LOCKED', 6, 'UNAVAILABLE'],
    ['IOERR_WRITE', 10 | (3 << 8), 'UNAVAILABLE'],
    ['CORRUPT', 11, 'CORRUPT_EVENT'],
    ['FULL', 13, 'STORAGE_FULL'],
    ['CANTOPEN', 14, 'UNAVAILABLE'],
    ['PROTOCOL', 15, 'UNAVAILABLE'],
    ['SCHEMA', 17, 'UNAVAILABLE'],
    ['NOTADB', 26, 'CORRUPT_EVENT'],
    ['CONSTRAINT', 19, 'none of ours'],
  ])('as %s is told as what the caller can do about it', (_, errcode, code) => {
    const error = asRapportError(driverError(errcode));
    expect(codeOf(error)).toBe(code);
    expect(error.message.includes('driver words')).toBe(code === 'none of ours');
  });
});
