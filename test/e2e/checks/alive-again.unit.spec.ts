import { aliveAgain, type Healing } from './alive-again.js';

const healed: Healing = { caughtUpAfterMs: 9_000, limitMs: 60_000, ready: { api: true, relay: true } };
const outage = { component: 'Kafka', role: 'relay', notReadyAfterMs: 700 };

describe('Alive again', () => {
  it('holds when everybody said so and came back in time', () => {
    expect(aliveAgain([outage], healed)).toMatchObject({ checked: 3, violations: [] });
  });

  it('fails for a role that said it was ready without what it needs', () => {
    expect(aliveAgain([{ component: 'Kafka', role: 'relay' }], healed).violations).toEqual([
      'relay said it was ready without Kafka',
    ]);
  });

  it('fails for a lag that stays, one that took too long, and a role that is not ready', () => {
    expect(aliveAgain([], { limitMs: 60_000, ready: {} }).violations).toHaveLength(1);
    expect(aliveAgain([], { ...healed, caughtUpAfterMs: 60_001 }).violations).toHaveLength(1);
    expect(aliveAgain([], { ...healed, ready: { api: false } }).violations).toEqual([
      'api was not ready after healing',
    ]);
  });
});
