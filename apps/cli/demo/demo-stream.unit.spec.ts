import { epochMsOf } from '@rapport/contracts';
import { customerLife } from './customer-life.js';
import { demoStream, fingerprintOf } from './demo-stream.js';
import { SeededRandom } from './seeded-random.js';

const frame = {
  seed: 7,
  fromMs: epochMsOf('2022-01-01T00:00:00Z'),
  untilMs: epochMsOf('2024-12-31T00:00:00Z'),
};

describe('The demo stream', () => {
  const items = demoStream(300, frame);

  it('is the same for the same seed and another for another seed', () => {
    expect(fingerprintOf(demoStream(300, frame))).toBe(fingerprintOf(items));
    expect(fingerprintOf(demoStream(300, { ...frame, seed: 8 }))).not.toBe(fingerprintOf(items));
  });

  it('keeps the life of a customer when there are more customers', () => {
    const more = demoStream(320, frame).filter(({ customer }) => customer === 'customerNo:C00010');
    expect(more).toEqual(items.filter(({ customer }) => customer === 'customerNo:C00010'));
  });

  it('is in business-time order, within its three years', () => {
    const times = items.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(frame.fromMs);
    expect(times.at(-1)).toBeLessThan(frame.untilMs);
    expect(items.every(({ atMs, item }) => epochMsOf(item.occurredAt as string) === atMs)).toBe(true);
  });

  it('gives every command of a customer its own source key, and registers before anything else', () => {
    for (let index = 0; index < 300; index++) {
      const life = customerLife(index, frame);
      expect(life[0]?.item.command).toBe('RegisterCustomer');
      expect(new Set(life.map(({ item }) => item.sourceEventId)).size).toBe(life.length);
    }
  });

  it('covers the commands that carry a relationship through all stages', () => {
    const commands = new Set(items.map(({ item }) => item.command));
    for (const command of [
      'RegisterCustomer', 'RecordTouchPoint', 'RecordPurchase', 'RecordReturn', 'RecordSurveyResponse', 'RaiseComplaint', 'ResolveCase',
      'AcceptResolution', 'StartRepair', 'ConcludeRepair', 'SignContract', 'RenewContract', 'CancelContract', 'RecordReferral', 'GrantConsent',
      'RevokeConsent', 'OfferProduct', 'RecordOfferAnswer', 'RecordGoodbye', 'StartWinBack', 'MakePromise', 'BreakPromise', 'DeclareDefault',
      'CureDefault', 'AssignAccountManager', 'StartCoCreation', 'MoveStage',
    ]) expect(commands).toContain(command); // prettier-ignore
  });
});

describe('Seeded chance', () => {
  const draw = <T>(count: number, next: (random: SeededRandom) => T): T[] => {
    const random = new SeededRandom(1);
    return Array.from({ length: count }, () => next(random));
  };
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

  it('has the means it is asked for', () => {
    expect(mean(draw(20_000, (r) => r.uniform()))).toBeCloseTo(0.5, 1);
    expect(mean(draw(20_000, (r) => r.exponential(30)))).toBeGreaterThan(29);
    expect(mean(draw(20_000, (r) => r.exponential(30)))).toBeLessThan(31);
    expect(mean(draw(20_000, (r) => r.gamma(2, 55)))).toBeGreaterThan(53);
    expect(mean(draw(20_000, (r) => r.gamma(0.5, 2)))).toBeLessThan(2.1);
  });

  it('stays within its range', () => {
    const values = draw(5_000, (r) => r.integer(3, 6));
    expect([...new Set(values)].sort()).toEqual([3, 4, 5, 6]);
  });

  it('is another stream for another customer', () => {
    expect(new SeededRandom(1, 0).uniform()).not.toBe(new SeededRandom(1, 1).uniform());
  });
});
