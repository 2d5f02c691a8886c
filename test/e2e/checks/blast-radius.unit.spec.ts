import type { ParkedEvent } from '@rapport/read-model';
import { blastRadius } from './blast-radius.js';

const parked = (streamId: string, revision: bigint) => ({
  projection: 'customer-360',
  streamId,
  head: { revision, reason: 'TypeError' } as ParkedEvent,
});
const poisoned = new Map([['customer-poisoned', 2n]]);

describe('Blast radius', () => {
  it('holds when the poisoned customer is parked, from the poison on', () => {
    expect(blastRadius([parked('customer-poisoned', 2n)], poisoned)).toMatchObject({
      checked: 1,
      violations: [],
    });
  });

  it('fails for somebody else, and for a sequence that begins elsewhere', () => {
    const others = [parked('customer-poisoned', 1n), parked('customer-other', 2n)];
    expect(blastRadius(others, poisoned).violations).toEqual([
      expect.stringContaining('is parked from 1, the poison is 2'),
      expect.stringContaining('was not poisoned'),
    ]);
  });

  it('fails for a poison that nobody noticed', () => {
    expect(blastRadius([], poisoned).violations).toEqual([
      'customer-poisoned was poisoned and is parked nowhere',
    ]);
  });
});
