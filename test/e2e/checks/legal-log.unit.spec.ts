import { eventBuilder } from '@rapport/testing';
import { soundLog } from './damaged-histories.js';
import { legalLog } from './legal-log.js';

const moved = (from: string, to: string) =>
  eventBuilder()
    .customer('ada')
    .type('CustomerRegistered')
    .raw('RelationshipStageMoved', {
      from,
      to,
      trigger: 'fact',
      reasonCode: 'firstPurchase',
      evidence: [],
      ruleBookVersion: 'default-1',
      daysInStage: 1,
    })
    .build();

describe('Legal log', () => {
  it('holds for a sound log and a move that may follow', () => {
    expect(legalLog(soundLog())).toMatchObject({ checked: 5, violations: [] });
    expect(legalLog(moved('contact', 'involvement')).violations).toEqual([]);
  });

  it('fails for a gap in a stream and a position that falls', () => {
    const log = soundLog();
    expect(legalLog(log.filter((event) => event !== log[1])).violations).toEqual([
      expect.stringContaining('revision 2 where 1 is due'),
    ]);
    log[1] = { ...log[1]!, position: 1n };
    expect(legalLog(log).violations).toEqual(['position 1 follows 1']);
  });

  it('fails for a move from a stage the customer is not in, and for one that may not follow', () => {
    expect(legalLog(moved('intimacy', 'involvement')).violations).toEqual([
      expect.stringContaining('the customer is in contact'),
    ]);
    expect(legalLog(moved('contact', 'intimacy')).violations).toEqual([
      expect.stringContaining('may not follow'),
    ]);
  });

  it('fails for a prefix that does not fold, unless it was broken on purpose', () => {
    const log = soundLog();
    log[2] = { ...log[2]!, data: null };
    expect(legalLog(log).violations).toEqual([expect.stringContaining('cannot be folded')]);
    expect(legalLog(log, new Map([[log[2].streamId, 2n]])).violations).toEqual([]);
  });
});
