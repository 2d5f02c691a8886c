import type { Observation } from '../monotonic-reader.js';
import { documentsNeverGoBack } from './documents-never-go-back.js';

const seen = (position: bigint, over: Partial<Observation> = {}): Observation => ({
  key: 'ada',
  position,
  head: 100n,
  epoch: 0,
  ...over,
});

describe('Documents never go back', () => {
  it('holds for positions that rise or stay', () => {
    expect(documentsNeverGoBack([seen(1n), seen(1n), seen(5n)])).toMatchObject({
      checked: 2,
      violations: [],
    });
  });

  it('fails for a document that falls, and knows customers apart', () => {
    expect(documentsNeverGoBack([seen(5n), seen(4n)]).violations).toEqual(['ada: seen at 5, then at 4']);
    expect(documentsNeverGoBack([seen(5n), seen(4n, { key: 'ben' })]).violations).toEqual([]);
  });

  it('lets it fall where the server was let forget, and only there', () => {
    const observations = [seen(5n), seen(4n, { epoch: 1 }), seen(3n, { epoch: 1 })];
    expect(documentsNeverGoBack(observations).violations).toEqual(['ada: seen at 4, then at 3']);
  });

  it('fails for a document that is newer than the log', () => {
    expect(documentsNeverGoBack([seen(101n)]).violations).toEqual([
      'ada: seen at 101, and the log ended at 100',
    ]);
  });

  it('proves nothing when nobody looked twice', () => {
    expect(documentsNeverGoBack([seen(1n)]).checked).toBe(0);
  });
});
