import { EVENT_CONTRACTS } from '@rapport/contracts';
import { STREAM_PREFIXES } from './eventstoredb-event-store.js';

describe('Streams on EventStoreDB', () => {
  it('are followed for every category that an event can stand in', () => {
    const known: readonly string[] = STREAM_PREFIXES;
    const categories = new Set([...EVENT_CONTRACTS.values()].map(({ category }) => `${category}-`));
    expect([...categories].filter((category) => !known.includes(category))).toEqual([]);
  });
});
