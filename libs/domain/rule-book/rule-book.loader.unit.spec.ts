import { Value } from '@sinclair/typebox/value';
import { OFFER_KINDS, STAGES } from '@rapport/contracts';
import { Scenario, defaultRules, offer, purchase, register } from '../customer/scenario.builder.js';
import { PREDICATES } from './predicates/registry.js';
import { RuleBookError } from './rule-book.error.js';
import { compileRuleBook, defaultRuleBookDocument } from './rule-book.loader.js';
import { ConditionSchema, RuleBookSchema } from './rule-book.schema.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a spec breaks documents in any place
type Loose = any;
const changed = (change: (document: Loose) => void): unknown => {
  const document = structuredClone(defaultRuleBookDocument) as Loose;
  change(document);
  return document;
};
const errorOf = (json: unknown): RuleBookError => {
  try {
    compileRuleBook(json);
  } catch (error) {
    if (error instanceof RuleBookError) return error;
    throw error;
  }
  throw new Error('the rule book was accepted');
};

describe('The default rule book', () => {
  it('satisfies the published schema, conditions included', () => {
    expect([...Value.Errors(RuleBookSchema, defaultRuleBookDocument)]).toEqual([]);
    for (const set of defaultRuleBookDocument.roleSets)
      for (const [name, guard] of Object.entries(set.guards))
        expect([name, Value.Check(ConditionSchema, guard.when)]).toEqual([name, true]);
  });

  it('offers what may be sold where as the stage allows', () => {
    const table = Object.fromEntries(
      STAGES.map((stage) => [
        stage,
        OFFER_KINDS.filter((kind) => defaultRules.offerNeeds(stage, kind) !== undefined),
      ]),
    );
    expect(table).toEqual({
      contact: ['firstSale'],
      involvement: ['firstSale', 'upSell', 'crossSell', 'retain'],
      intimacy: ['firstSale', 'upSell', 'crossSell', 'retain'],
      deterioration: ['retain'],
      repair: ['retain'],
      dissolution: ['winBack'],
    });
  });

  it('has hours of service by severity and limits of manual decisions', () => {
    expect([1, 2, 3, 4].map((severity) => defaultRules.slaMs(severity) / 3_600_000)).toEqual([
      24, 48, 120, 240,
    ]);
    expect(defaultRules.overrideMaxHoldMs / 86_400_000).toBe(90);
  });

  it('has levels of service that only ever make the time of a case shorter', () => {
    expect(['basic', 'standard', 'premium', 'none'].map((level) => defaultRules.slaHoursOf(level))).toEqual([
      240,
      120,
      24,
      undefined,
    ]);
    expect([1, 2, 3, 4].map((severity) => defaultRules.slaMs(severity, 48) / 3_600_000)).toEqual([24, 48, 48, 48]); // prettier-ignore
  });

  it.each([
    [3, 'high value that wants a high grade', { value: 100_000, grade: 'high' }],
    [4, 'high value for which a low grade will do', { value: 100_000, grade: 'low' }],
    [4, 'high value whose wish is not known', { value: 250_000 }],
    [
      2,
      'low value with potential, whatever grade is wanted',
      { value: 99_999, potential: 200_000, grade: 'high' },
    ],
    [1, 'low value that wants a high grade', { value: 99_999, potential: 199_999, grade: 'high' }],
    [null, 'low value without potential or wish', { value: 99_999, potential: 199_999, grade: 'low' }],
    [null, 'nothing known', {}],
  ] as const)(
    'puts into class %s: %s',
    (expected, _title, known: { value?: number; potential?: number; grade?: 'low' | 'high' }) => {
      const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
      expect(
        defaultRules.classOf({
          ...(known.value === undefined ? {} : { value: eur(known.value) }),
          ...(known.potential === undefined ? {} : { potentialValue: eur(known.potential) }),
          ...(known.grade === undefined ? {} : { serviceGradeWanted: known.grade }),
        }),
      ).toBe(expected);
    },
  );

  it('takes an amount in a currency without threshold for no evidence', () => {
    expect(defaultRules.classOf({ value: { amountMinor: 1e12, currency: 'XXX' } })).toBeNull();
    expect([null, 1, 2, 3, 4].map((c) => defaultRules.serviceLevelOf(c as null))).toEqual([
      'standard', 'standard', 'standard', 'premium', 'basic',
    ]); // prettier-ignore
  });

  it('finds a set of rules for every role, the customer’s first', () => {
    expect(defaultRules.roleSetFor(['stakeholder', 'customer']).name).toBe('customer');
    expect(defaultRules.roleSetFor(['agent']).name).toBe('partner');
    expect(defaultRules.roleSetFor(['candidate']).name).toBe('employee');
    expect(defaultRules.roleSetFor([]).name).toBe('customer');
  });
});

describe('A predicate', () => {
  it.each([...PREDICATES.values()])(
    '$name says what a yes means and documents every threshold',
    (predicate) => {
      expect(predicate.meaning).toMatch(/\.$/);
      for (const property of Object.values(
        predicate.params.properties as Record<string, { description?: string }>,
      ))
        expect(property.description).toBeTruthy();
    },
  );
});

describe('A rule book', () => {
  it.each<[title: string, change: (document: Loose) => void, path: string, reason: RegExp]>([
    ['without a version', (d) => delete d.version, '$.version', /is required/],
    ['with a property nobody knows', (d) => (d.extra = 1), '$.extra', /not known/],
    [
      'with an override longer than 90 days',
      (d) => (d.overrideMaxHoldDays = 91),
      '$.overrideMaxHoldDays',
      /90/,
    ],
    [
      'with a level of service for a class that is not there',
      (d) => (d.classification.serviceLevelByClass['3'] = 'golden'),
      '$.classification.serviceLevelByClass.3',
      /no level of service is called golden/,
    ],
    [
      'with two levels of one name',
      (d) => (d.serviceLevels[1].level = 'basic'),
      '$.serviceLevels[1].level',
      /two levels/,
    ],
    [
      'with a move the stage table forbids',
      (d) => d.roleSets[0].exits.contact.push({ to: 'intimacy', guard: 'G2' }),
      '$.roleSets[0].exits.contact[3].to',
      /no move leads from contact to intimacy/,
    ],
    [
      'with an exit to a guard that is not there',
      (d) => (d.roleSets[0].exits.contact[0].guard = 'G99'),
      '$.roleSets[0].exits.contact[0].guard',
      /no guard is called G99/,
    ],
    [
      'with an unknown predicate',
      (d) => (d.roleSets[0].guards.G1.when = { all: [{ is: 'moonIsFull' }] }),
      '$.roleSets[0].guards.G1.when.all[0].is',
      /no predicate is called "moonIsFull"/,
    ],
    [
      'with a threshold out of range',
      (d) => (d.roleSets[0].guards.G1.when = { is: 'inboundTouchDays', with: { days: 99, withinDays: 90 } }),
      '$.roleSets[0].guards.G1.when.with.days',
      /must be at most 12 .*, for predicate inboundTouchDays/,
    ],
    [
      'with a missing threshold',
      (d) => (d.roleSets[0].guards.G1.when = { is: 'tenureInStage' }),
      '$.roleSets[0].guards.G1.when.with.days',
      /is required/,
    ],
    [
      'with a condition of two forms',
      (d) => (d.roleSets[0].guards.G1.when = { is: 'referred', not: { is: 'referred' } }),
      '$.roleSets[0].guards.G1.when',
      /exactly one of/,
    ],
    [
      'with an empty list of conditions',
      (d) => (d.roleSets[0].guards.G1.when = { any: [] }),
      '$.roleSets[0].guards.G1.when.any',
      /at least one/,
    ],
    [
      'with more needed than there is',
      (d) => (d.roleSets[0].guards.G1.when = { atLeast: 2, of: [{ is: 'referred' }] }),
      '$.roleSets[0].guards.G1.when.atLeast',
      /from 1 to 1/,
    ],
    [
      'with a word too many in a condition',
      (d) => (d.roleSets[0].guards.G1.when = { is: 'referred', whith: {} }),
      '$.roleSets[0].guards.G1.when.whith',
      /not known beside is/,
    ],
    [
      'with a reason that is no code',
      (d) => (d.roleSets[0].guards.G1.when = { is: 'referred', reason: 'told us' }),
      '$.roleSets[0].guards.G1.when.reason',
      /code/,
    ],
    [
      'with days that no window holds',
      (d) => (d.roleSets[0].guards.G1.when = { is: 'inboundTouchDays', with: { days: 5, withinDays: 3 } }),
      '$.roleSets[0].guards.G1.when.with.days',
      /no period of 3 days/,
    ],
    [
      'with a trait nobody knows',
      (d) => (d.roleSets[0].guards.G1.when = { is: 'traitsAtLeast', with: { traits: ['mood'], score: 5 } }),
      '$.roleSets[0].guards.G1.when.with.traits[0]',
      /must be one of adaptation, trust/,
    ],
    [
      'with a goodbye for no known reason',
      (d) => (d.roleSets[0].guards.G1.when = { is: 'goodbyeSaid', with: { reasons: ['boredom'] } }),
      '$.roleSets[0].guards.G1.when.with.reasons[0]',
      /must be one of customerLeft/,
    ],
    [
      'with a guard by a name that is none',
      (d) => (d.roleSets[0].guards['g one'] = d.roleSets[0].guards.G1),
      '$.roleSets[0].guards["g one"]',
      /not known/,
    ],
    [
      'with less time for the lesser case',
      (d) => (d.slaHoursBySeverity['3'] = 47),
      '$.slaHoursBySeverity.3',
      /shorter than the 48 hours of severity 2/,
    ],
    [
      'with a role in two sets',
      (d) => d.roleSets[2].appliesTo.push('agent'),
      '$.roleSets[2].appliesTo[3]',
      /the set partner applies to agent already/,
    ],
    ['with two sets of one name', (d) => d.roleSets.push(d.roleSets[0]), '$.roleSets[4].name', /two sets/],
    [
      'with a set that builds on one that is not there',
      (d) => (d.roleSets[1].extends = 'nobody'),
      '$.roleSets[1].extends',
      /nobody/,
    ],
    [
      'without the guard of a win-back',
      (d) => delete d.roleSets[0].guards.G8WinBack,
      '$.roleSets[0].guards',
      /G8WinBack/,
    ],
  ])('%s is refused, naming the place and the reason', (_title, change, path, reason) => {
    const error = errorOf(changed(change));
    expect(error.path).toBe(path);
    expect(error.reason).toMatch(reason);
  });

  it('refuses what is no object, and conditions without an end', () => {
    expect(errorOf('rules').path).toBe('$');
    const deep = changed((d) => {
      let condition: Loose = { is: 'referred' };
      for (let level = 0; level < 50; level += 1) condition = { not: condition };
      d.roleSets[0].guards.G1.when = condition;
    });
    expect(errorOf(deep).reason).toMatch(/nest at most 12/);
  });

  it('gains a guard by composition alone', () => {
    const rules = compileRuleBook(
      changed((d) => {
        d.version = 'strict-1';
        d.roleSets[0].guards.G1.when = {
          all: [
            { is: 'purchaseDaysAtLeast', with: { days: 2 }, reason: 'boughtTwice' },
            { not: { is: 'fraudSignalOpen', with: { scoreAtLeast: 1 } } },
          ],
        };
        d.offers.stages.involvement.crossSell.needs.push({
          rule: 'crossSellNeedsReferral',
          sentence: 'The customer has not recommended us.',
          suppressedBy: 'rule',
          when: { is: 'referred' },
        });
      }),
    );
    const story = new Scenario(rules).given(0, register(), purchase());
    expect(story.stage).toBe('contact');
    story.given(1, purchase());
    expect(story.moves).toEqual(['contact>involvement/boughtTwice@1']);
    expect(story.refusalOf(2, offer())).toMatchObject({
      code: 'OFFER_NOT_PERMITTED',
      sentence: 'The customer has not recommended us.',
      ruleBookVersion: 'strict-1',
      wayOut: [{ rule: 'crossSellNeedsReferral', fact: { eventType: 'ReferralMade' } }],
    });
  });

  it('whose guards chase each other in a circle does not hold a decision for ever', () => {
    const now = { sentence: 'At once.', when: { is: 'tenureInStage', with: { days: 0 } } };
    const rules = compileRuleBook(
      changed((d) => {
        d.roleSets[0].guards = { ...d.roleSets[0].guards, G1: now, G7: now };
      }),
    );
    const story = new Scenario(rules).given(0, register());
    expect(story.moves.length).toBeLessThanOrEqual(4);
    story.given(10, { type: 'ReviewRelationship' });
    expect(story.recorded.length).toBeLessThan(20);
  });

  it('that is new leaves old moves under the version that made them', () => {
    const story = new Scenario().given(0, register(), purchase());
    const next = new Scenario(compileRuleBook(changed((d) => (d.version = 'next-2'))));
    next.state = story.state;
    next.recorded.push(...story.recorded);
    next.given(200, { type: 'ReviewRelationship' });
    expect(
      next.recorded
        .filter((event) => event.type === 'RelationshipStageMoved')
        .map((event) => (event.data as { ruleBookVersion: string }).ruleBookVersion),
    ).toEqual(['default-1', 'next-2']);
  });
});
