import { CI_SIZE, FULL_SIZE, sizeFrom, wantedStrikes } from './e2e-size.config.js';

const sizeOf = (options: object) => sizeFrom({ RAPPORT_E2E_OPTIONS: JSON.stringify(options) });

describe('The size of an end-to-end run', () => {
  it('is that of a pipeline, that of a release, or one with other numbers', () => {
    expect(sizeFrom({})).toEqual(CI_SIZE);
    expect(sizeOf({ full: true })).toEqual(FULL_SIZE);
    expect(sizeOf({ full: true, seed: 7 })).toEqual({ ...FULL_SIZE, seed: 7 });
  });

  it('refuses what it does not know', () => {
    expect(() => sizeOf({ kills: 7 })).toThrow('kills is no whole number that RAPPORT_E2E_OPTIONS takes');
    expect(() => sizeOf({ seed: 'one' })).toThrow('seed');
  });

  it.each([
    ['a pipeline', CI_SIZE, 6],
    ['a release', FULL_SIZE, 30],
  ])('has enough kills for %s, some of every role', (_of, size, least) => {
    const kills = [...wantedStrikes(size)].filter(([name]) => name.startsWith('kill -9'));
    expect(kills.map(([name]) => name)).toEqual(['kill -9 api', 'kill -9 relay', 'kill -9 projector']);
    expect(kills.reduce((sum, [, times]) => sum + times, 0)).toBeGreaterThanOrEqual(least);
  });

  it('is big enough for a release', () => {
    expect(FULL_SIZE.customers).toBeGreaterThanOrEqual(5_000);
    expect(FULL_SIZE.customers * FULL_SIZE.commandsPerCustomer).toBeGreaterThanOrEqual(55_000);
    expect(FULL_SIZE.zombieMs).toBeGreaterThanOrEqual(60_000);
  });
});
