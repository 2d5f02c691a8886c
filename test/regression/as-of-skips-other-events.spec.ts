import { foldStreamAsOf } from '@rapport/projection-engine';
import { lifetimeValue } from '@rapport/projections';
import { eventBuilder } from '@rapport/testing';

describe('A customer as of a day', () => {
  it('is folded from the events the projection asked for, and no others', async () => {
    const events = eventBuilder()
      .customer('ada')
      .type('CustomerRegistered')
      .type('PurchaseRecorded')
      .type('TouchPointRecorded')
      .build();
    const [last] = events.slice(-1);

    const answer = await foldStreamAsOf(lifetimeValue, { readStream: async () => events }, last!.streamId);

    expect(answer.documents.map(({ document }) => document)).toEqual([expect.objectContaining({})]);
    // The answer is complete to the touch point, although the touch point changes nothing in it.
    expect(answer.position).toBe(last!.position);
    expect(answer.documents[0]!.position).toBeLessThan(last!.position);
  });
});
