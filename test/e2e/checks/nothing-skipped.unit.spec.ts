import { purchasesProjection } from '@rapport/testing';
import type { ParkedEvent } from '@rapport/read-model';
import { soundLog } from './damaged-histories.js';
import { nothingSkipped, type Conserved } from './nothing-skipped.js';

const log = soundLog();
const counts = { projection: 'purchases', received: 5, applied: 3, duplicate: 1, parked: 1 };
const sequence = {
  projection: purchasesProjection.name,
  streamId: log[0]!.streamId,
  head: { revision: 1n } as ParkedEvent,
  events: 2,
};
const check = (over: Partial<Conserved> = {}) =>
  nothingSkipped({
    processes: { 'projector-1': [counts] },
    parked: [sequence],
    projections: [purchasesProjection],
    log,
    ...over,
  });

describe('Nothing skipped', () => {
  it('holds when the sums agree and a parked sequence is whole', () => {
    expect(check()).toMatchObject({ checked: 5, violations: [] });
  });

  it('fails for an event that was received and is in no sum', () => {
    const processes = { 'projector-1': [{ ...counts, received: 6 }] };
    expect(check({ processes }).violations).toEqual([
      'projector-1 purchases: received 6, applied 3 + duplicate 1 + parked 1',
    ]);
  });

  it('fails for a parked sequence with a hole', () => {
    expect(check({ parked: [{ ...sequence, events: 1 }] }).violations).toEqual([
      expect.stringContaining('1 parked, 2 are due'),
    ]);
  });

  it('proves nothing when nobody received anything', () => {
    expect(check({ processes: {} }).checked).toBe(0);
  });
});
