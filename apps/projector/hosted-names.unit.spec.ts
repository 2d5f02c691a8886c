import { isHosted, nameIn } from './hosted-names.js';

describe('Projections a process hosts', () => {
  const hosted = (...entries: string[]): string[] =>
    ['customer-360', 'due-reviews', 'journeys'].filter((name) => isHosted(entries, name));

  it('are all of them where nobody chose', () =>
    expect(hosted()).toEqual(['customer-360', 'due-reviews', 'journeys']));

  it('are those that are named', () =>
    expect(hosted('journeys', 'customer-360')).toEqual(['customer-360', 'journeys']));

  it('are all but those with a minus, so that a new one is not forgotten', () => {
    expect(hosted('-customer-360')).toEqual(['due-reviews', 'journeys']);
    expect(hosted('customer-360', '-customer-360')).toEqual([]);
  });

  it('are known by their names alone', () =>
    expect(['-journeys', 'journeys'].map(nameIn)).toEqual(['journeys', 'journeys']));
});
