import { Scenario, consent, isoOnDay, onDay, register } from '../scenario.builder.js';
import { consentFor, isExpresslyGranted } from './consent.decider.js';

const statusOn = (story: Scenario, channel: string, day: number) =>
  consentFor(story.state.consent, 'marketing', channel, onDay(day))?.status ?? null;

describe('Consent', () => {
  it('is unknown until the customer says something', () => {
    expect(statusOn(new Scenario().given(0, register()), 'email', 0)).toBeNull();
  });

  it('covers a channel or any channel, whichever was said last', () => {
    const story = new Scenario().given(0, register(), consent());
    expect(statusOn(story, 'email', 0)).toBe('granted');
    story.given(1, { type: 'RevokeConsent', purpose: 'marketing', channelScope: 'email' });
    expect(statusOn(story, 'email', 1)).toBe('revoked');
    expect(statusOn(story, 'mail', 1)).toBe('granted');
    story.given(2, consent());
    expect(statusOn(story, 'email', 2)).toBe('granted');
    story.given(3, { type: 'DenyConsent', purpose: 'marketing', channelScope: 'any', textVersion: 'v' });
    expect(statusOn(story, 'mail', 3)).toBe('denied');
  });

  it('counts what was recorded later when both were said at the same time', () => {
    const story = new Scenario().given(
      0,
      register(),
      { type: 'DenyConsent', purpose: 'marketing', channelScope: 'email', textVersion: 'v' },
      consent(),
    );
    expect(statusOn(story, 'email', 0)).toBe('granted');
    story.given(0, { type: 'RevokeConsent', purpose: 'marketing', channelScope: 'email' });
    expect(statusOn(story, 'email', 0)).toBe('revoked');
  });

  it('ends with its validity', () => {
    const story = new Scenario().given(0, register(), consent({ expiresAt: isoOnDay(10) }));
    expect(statusOn(story, 'email', 9.9)).toBe('granted');
    expect(statusOn(story, 'email', 10)).toBe('expired');
  });

  it('cannot expire before it is given', () => {
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(5, consent({ expiresAt: isoOnDay(5) })).code).toBe('DATES_OUT_OF_ORDER');
  });

  it('is not turned back by a late message', () => {
    const story = new Scenario().given(0, register()).given(10, consent());
    story.given(5, { type: 'RevokeConsent', purpose: 'marketing', channelScope: 'any' });
    expect(statusOn(story, 'email', 10)).toBe('granted');
  });

  it('holds one entry per purpose and channel however often it changes', () => {
    const story = new Scenario().given(0, register());
    for (let day = 0; day < 50; day += 1)
      story.given(
        day,
        day % 2 ? consent() : { type: 'RevokeConsent', purpose: 'marketing', channelScope: 'any' },
      );
    expect(story.state.consent).toHaveLength(1);
  });

  it('records the end of its validity at that instant, once', () => {
    const story = new Scenario().given(0, register(), consent({ expiresAt: isoOnDay(10) }));
    story.given(20, { type: 'ReviewRelationship' }).given(30, { type: 'ReviewRelationship' });
    const expired = story.recorded.filter(({ type }) => type === 'ConsentExpired');
    expect(expired.map(({ metadata }) => metadata.occurredAt)).toEqual([isoOnDay(10)]);
    expect(expired[0]!.data).toEqual({
      purpose: 'marketing',
      channelScope: 'any',
      grantedAt: isoOnDay(0),
    });
    expect(statusOn(story, 'email', 20)).toBe('expired');
  });

  it('does not expire when it was taken back or given again before', () => {
    const story = new Scenario().given(0, register(), consent({ expiresAt: isoOnDay(10) }));
    story.given(5, consent()).given(20, { type: 'ReviewRelationship' });
    expect(story.types).not.toContain('ConsentExpired');
    expect(statusOn(story, 'email', 20)).toBe('granted');
  });

  it('does not let the end of an old word hide a newer one', () => {
    const story = new Scenario().given(
      0,
      register(),
      consent({ channelScope: 'email', expiresAt: isoOnDay(10) }),
    );
    story.given(5, consent()).given(20, { type: 'ReviewRelationship' });
    expect(story.types).toContain('ConsentExpired');
    expect(statusOn(story, 'email', 20)).toBe('granted');
  });

  it('covers special categories only when it was given expressly and still holds', () => {
    const profiling = (fields = {}) => consent({ purpose: 'profiling', ...fields });
    const story = new Scenario().given(0, register(), profiling());
    const isExpress = (day: number) => isExpresslyGranted(story.state.consent, 'profiling', onDay(day));
    expect(isExpress(0)).toBe(false);
    story.given(1, profiling({ explicit: true, legalBasis: 'contract' }));
    expect(isExpress(1)).toBe(false);
    story.given(2, profiling({ explicit: true, expiresAt: isoOnDay(10) }));
    expect(isExpress(2)).toBe(true);
    expect(isExpress(10)).toBe(false);
    story.given(3, { type: 'RevokeConsent', purpose: 'profiling', channelScope: 'any' });
    expect(isExpress(3)).toBe(false);
  });
});
