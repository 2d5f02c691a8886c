import { RapportError } from '@rapport/contracts';
import { CliError, exitCodeOfProblem, explainFailure } from './exit-codes.js';

describe('Exit codes', () => {
  it.each([
    ['REBUILD_RUNNING', 409, 3],
    ['STORE_LOCKED', 503, 3],
    ['CUSTOMER_NOT_FOUND', 404, 4],
    ['INVALID_VALUE', 422, 4],
    ['STAGE_FORBIDS_CROSS_SELL', 409, 4],
    ['UNAVAILABLE', 503, 5],
    ['STORAGE_FULL', 507, 5],
    ['RATE_LIMITED', 429, 5],
    [undefined, 502, 5],
  ])('%s (%d) ends with %d', (code, status, expected) => {
    expect(exitCodeOfProblem(code, status)).toBe(expected);
  });

  it.each([
    [new CliError(2, 'bad flag'), 2, 'bad flag'],
    [new RapportError('STORE_LOCKED', 'pid 7 owns it'), 3, 'STORE_LOCKED: pid 7 owns it'],
    [new RapportError('CORRUPT_EVENT', 'position 3'), 4, 'CORRUPT_EVENT: position 3'],
    [
      Object.assign(new Error('x'), { code: 'ENOENT', path: '/no/file' }),
      2,
      '/no/file: no such file or folder',
    ],
    [Object.assign(new Error('x'), { code: 'ENOSPC' }), 5, 'the disk is full'],
    [new TypeError('a\n    at b (c.js:1:2)'), 1, 'unexpected failure: TypeError: a at b (c.js:1:2)'],
  ])('%p is explained in one line', (error, exitCode, reason) => {
    expect(explainFailure(error)).toEqual({ exitCode, reason });
    expect(explainFailure(error).reason).not.toContain('\n');
  });
});
