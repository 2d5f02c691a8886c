import { Scenario, isoOnDay, offer, onDay, purchase, register } from '../customer/scenario.builder.js';
import { nextReviewAtMs } from '../customer/relationship/relationship.rules.js';
import type { RuleBook } from './rule-book.js';
import { compileRuleBook, defaultRuleBookDocument } from './rule-book.loader.js';
import { nextRuleChangeMs, ruleBookAt, timelineOf } from './rules-in-force.js';

const named = (version: string, silentDays = 180): RuleBook => {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a spec changes a document in any place
  const document = structuredClone(defaultRuleBookDocument) as any;
  document.version = version;
  Object.assign(document.roleSets[0].guards.G7.when.all[0].with, {
    days: silentDays,
    groupMedianGapDays: { consumer: silentDays / 2, smallBusiness: 60, corporation: 60 },
  });
  return compileRuleBook(document);
};
const review = { type: 'ReviewRelationship' } as const;
const [a, b, c] = [named('a'), named('b'), named('c')];
const from = (day: number, book: RuleBook) => ({ fromMs: onDay(day), book });

describe('Rules through time', () => {
  it('are those of the latest book whose date has come, before all dates those of the first', () => {
    const rules = timelineOf([from(0, a), from(20, c), from(10, b)]);
    const versionOn = (day: number) => ruleBookAt(rules, onDay(day)).version;
    expect([-5, 0, 9.9, 10, 19, 20, 500].map(versionOn)).toEqual(['a', 'a', 'a', 'b', 'b', 'c', 'c']);
    expect([0, 10, 20].map((day) => nextRuleChangeMs(rules, onDay(day)))).toEqual([
      onDay(10),
      onDay(20),
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('of one date are those published last', () => {
    expect(ruleBookAt(timelineOf([from(0, a), from(10, b), from(10, c)]), onDay(11)).version).toBe('c');
  });

  it('decide each review by the book of its own instant, however late somebody looks', () => {
    // Silence takes 180 days under the first book and 100 under the second, which begins on day 150.
    const rules = timelineOf([from(0, named('patient')), from(150, named('strict', 100))]);
    const late = new Scenario(rules).given(0, register(), purchase()).given(600, review);
    expect(late.moves).toEqual([
      'contact>involvement/firstPurchase@0',
      'involvement>contact/silent@150',
      'contact>dissolution/lapsedProspect@515',
    ]);
    expect(late.lastOf('RelationshipStageMoved').metadata.occurredAt).toBe(isoOnDay(515));
    const versions = late.recorded
      .filter(({ type }) => type === 'RelationshipStageMoved')
      .map(({ data }) => (data as { ruleBookVersion: string }).ruleBookVersion);
    expect(versions).toEqual(['patient', 'strict', 'strict']);
    const often = new Scenario(rules).given(0, register(), purchase());
    for (const day of [100, 149.9, 150, 151, 300, 600]) often.given(day, review);
    expect(often.moves).toEqual(late.moves);
  });

  it('decide a command by the book in force at the business clock, a late one too', () => {
    const rules = timelineOf([from(0, a), from(10, b)]);
    const story = new Scenario(rules).given(0, register());
    expect(story.refusalOf(9, offer()).ruleBookVersion).toBe('a');
    expect(story.refusalOf(10, offer()).ruleBookVersion).toBe('b');
    expect(story.refusalOf(5, offer()).ruleBookVersion).toBe('b');
  });

  it('make a review due when another book begins that finds something', () => {
    const rules = timelineOf([from(0, named('patient')), from(150, named('strict', 100))]);
    const { state } = new Scenario(rules).given(0, register(), purchase());
    expect(nextReviewAtMs(state, rules)).toBe(onDay(150));
    expect(nextReviewAtMs(state, rules.books[0].book)).toBe(onDay(180));
  });
});
