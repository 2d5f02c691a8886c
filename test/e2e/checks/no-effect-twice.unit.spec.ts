import { noEffectTwice } from './no-effect-twice.js';
import { soundLog } from './damaged-histories.js';

describe('No effect twice', () => {
  it('holds for a sound log and answers that agree', () => {
    expect(noEffectTwice(soundLog(), [])).toMatchObject({ checked: 5, violations: [] });
  });

  it('fails for an event id that stands twice', () => {
    const log = soundLog();
    log[2] = { ...log[2]!, eventId: log[1]!.eventId };
    expect(noEffectTwice(log, []).violations).toEqual([expect.stringContaining('stands twice')]);
  });

  it('fails for a command that comes again after another, or after it was closed', () => {
    const log = soundLog();
    const { metadata } = log[0]!;
    log[2] = { ...log[2]!, metadata };
    expect(noEffectTwice(log, []).violations).toEqual([expect.stringContaining('carried out again')]);
    const closed = soundLog();
    closed[0] = { ...closed[0]!, metadata: { ...metadata, commandEvents: 1 } };
    closed[1] = { ...closed[1]!, metadata };
    expect(noEffectTwice(closed, []).violations).toEqual([expect.stringContaining('carried out again')]);
  });

  it('fails for answers that contradict each other', () => {
    expect(noEffectTwice(soundLog(), ['k: first 1, then 2']).violations).toEqual(['k: first 1, then 2']);
  });
});
