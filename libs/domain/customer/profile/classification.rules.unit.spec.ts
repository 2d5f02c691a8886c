import { compileRuleBook, defaultRuleBookDocument } from '../../rule-book/rule-book.loader.js';
import { nextReviewAtMs } from '../relationship/relationship.rules.js';
import { Scenario, defaultRules, euro, isoOnDay, onDay, purchase, register } from '../scenario.builder.js';

/** Of the net sales of a year 30 % are what a customer is worth; from 1,000 EUR on that is a high value. */
const buyer = () => new Scenario().given(0, register(), purchase({ total: euro(4_000) }));
const classes = (story: Scenario) =>
  story.recorded
    .filter(({ type }) => type === 'CustomerClassified')
    .map(({ data, metadata }) => {
      const { class: name = null, basis } = data as { class?: number; basis: string };
      return [name, basis, metadata.occurredAt];
    });
const stated = (amount: number) =>
  ({
    type: 'ClassifyCustomer',
    value: euro(amount),
    potentialValue: euro(0),
    serviceGradeWanted: 'high',
  }) as const;

describe('A class by the rules', () => {
  it('is given by what a year of trade is worth, at once, with the level of service that goes with it', () => {
    const story = buyer();
    expect(story.lastOf('CustomerClassified').data).toMatchObject({
      class: 4,
      value: euro(1_200),
      serviceGradeWanted: 'low',
      basis: 'rules',
    });
    expect(story.lastOf('ServiceLevelSet').data).toMatchObject({ level: 'basic', reason: 'class' });
    expect(story.lastOf('CustomerClassified').metadata.occurredAt).toBe(isoOnDay(0));
  });

  it('goes with the trade of the year: by a review on the first of the month that leaves it out, exactly then', () => {
    const story = buyer();
    const leavesMs = onDay(365);
    story.given(200, { type: 'RecordGoodbye', reasonCode: 'customerLeft' });
    expect(nextReviewAtMs(story.state, defaultRules)).toBe(leavesMs);
    story.given(500, { type: 'ReviewRelationship' });
    expect(classes(story)).toEqual([
      [4, 'rules', isoOnDay(0)],
      [null, 'rules', isoOnDay(365)],
    ]);
  });

  it('counts returns, taxes and what serving the customer cost', () => {
    const story = new Scenario().given(0, register(), purchase({ total: euro(4_000), tax: euro(1_000) }));
    expect(classes(story)).toEqual([]);
    story.given(1, purchase({ orderId: 'o-2', total: euro(1_000) }));
    expect(classes(story)).toHaveLength(1);
    story.given(2, { type: 'RecordServiceCost', amount: euro(300), activity: 'visit' });
    expect(classes(story).map(([name]) => name)).toEqual([4, null]);
  });

  it('asks for a high grade from the level of need that the rules name', () => {
    const story = buyer().given(1, { type: 'SetNeedLevel', level: 4, reason: 'knows us by name' });
    expect(classes(story).map(([name]) => name)).toEqual([4, 3]);
  });

  it('gives way to what a person states, until that is a year old', () => {
    const story = buyer().given(10, stated(10));
    expect(classes(story).at(-1)).toEqual([1, 'stated', isoOnDay(10)]);
    story.given(300, purchase({ total: euro(9_000) }));
    expect(classes(story)).toHaveLength(2);
    story.given(376, { type: 'ReviewRelationship' });
    expect(classes(story).at(-1)).toEqual([3, 'rules', isoOnDay(375)]);
  });

  it('decides again once what was stated is released', () => {
    const story = buyer().given(10, stated(10));
    story.given(11, { type: 'ReleaseClassification', reasonCode: 'valueIsKnown' });
    expect(classes(story).at(-1)).toEqual([3, 'rules', isoOnDay(11)]);
    expect(story.refusalOf(12, { type: 'ReleaseClassification', reasonCode: 'x' }).code).toBe(
      'NOTHING_TO_DO',
    );
  });

  it('is given to nobody where the rules do not say so, or know no thresholds in the money', () => {
    const document = structuredClone(defaultRuleBookDocument) as { classification: { automatic?: unknown } };
    delete document.classification.automatic;
    const story = new Scenario(compileRuleBook(document)).given(
      0,
      register(),
      purchase({ total: euro(9_000) }),
    );
    expect(classes(story)).toEqual([]);
    const franc = new Scenario().given(
      0,
      register(),
      purchase({ total: { amountMinor: 9_000_000, currency: 'XPF' } }),
    );
    expect(classes(franc)).toEqual([]);
  });
});
