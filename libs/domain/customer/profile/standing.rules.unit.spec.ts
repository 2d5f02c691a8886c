import { compileRuleBook, defaultRuleBookDocument } from '../../rule-book/rule-book.loader.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import { euro, isoOnDay, nps, register, Scenario } from '../scenario.builder.js';

const classifyAs = (
  value: number,
  potential: number,
  serviceGradeWanted: 'low' | 'high',
): CustomerCommandOf<'ClassifyCustomer'> => ({
  type: 'ClassifyCustomer',
  value: euro(value),
  potentialValue: euro(potential),
  serviceGradeWanted,
});

describe('The class of a customer (S10)', () => {
  it.each([
    ['high value wanting high grade', 1_000, 0, 'high', 3],
    ['high value needing low grade', 1_000, 5_000, 'low', 4],
    ['low value with potential', 999, 2_000, 'low', 2],
    ['low value with potential that wants high grade', 999, 2_000, 'high', 2],
    ['low value wanting high grade', 999, 1_999, 'high', 1],
    ['low value that wants little', 0, 0, 'low', undefined],
  ] as const)('of %s', (_who, value, potential, grade, customerClass) => {
    const story = new Scenario().given(0, register(), classifyAs(value, potential, grade));
    const { data, metadata } = story.lastOf('CustomerClassified');
    expect(metadata.actor.id).toBe('am-1');
    expect((data as { class?: number }).class).toBe(customerClass);
    expect(data).toMatchObject({ highValueFrom: euro(1_000), ruleBookVersion: 'default-1' });
    expect(story.state.profile.customerClass).toBe(customerClass ?? null);
  });

  it('needs thresholds in the currency, and both amounts in one currency', () => {
    const story = new Scenario().given(0, register());
    const inRand = { amountMinor: 1, currency: 'ZAR' };
    expect(story.refusalOf(1, { ...classifyAs(1, 1, 'low'), value: inRand, potentialValue: inRand })).toMatchObject({ code: 'NO_VALUE_THRESHOLDS', ruleBookVersion: 'default-1' }); // prettier-ignore
    expect(story.refusalOf(1, { ...classifyAs(1, 1, 'low'), value: inRand }).code).toBe('CURRENCIES_DIFFER');
  });

  it('follows the thresholds of the rule book and says what they were', () => {
    const book = compileRuleBook({
      ...structuredClone(defaultRuleBookDocument),
      version: 'rich-1',
      classification: {
        ...defaultRuleBookDocument.classification,
        highValueMinorPerYear: { EUR: 10 },
      },
    });
    const story = new Scenario(book).given(0, register(), classifyAs(1, 0, 'low'));
    expect(story.lastOf('CustomerClassified').data).toMatchObject({ class: 4, ruleBookVersion: 'rich-1', highValueFrom: { amountMinor: 10, currency: 'EUR' } }); // prettier-ignore
  });

  it('brings the service level of the class, once, and cites the class before', () => {
    const story = new Scenario().given(0, register(), classifyAs(1_000, 0, 'high'));
    expect(story.lastOf('ServiceLevelSet').data).toEqual({ level: 'premium', slaHours: 24, reason: 'class', ruleBookVersion: 'default-1' }); // prettier-ignore
    story.given(1, classifyAs(2_000, 0, 'high'));
    expect(story.lastOf('CustomerClassified').data).toMatchObject({ previousClass: 3 });
    expect(story.types.filter((type) => type === 'ServiceLevelSet')).toHaveLength(1);
    story.given(2, classifyAs(2_000, 0, 'low'));
    expect(story.lastOf('ServiceLevelSet').data).toMatchObject({
      level: 'basic',
      previousLevel: 'premium',
    });
  });

  it('leaves a level alone that was set for another reason', () => {
    const manual = { type: 'SetServiceLevel', level: 'premium', reason: 'manual' } as const;
    const story = new Scenario().given(0, register(), manual, classifyAs(0, 0, 'high'));
    expect(story.state.profile.serviceLevel).toEqual({ level: 'premium', slaHours: 24, reason: 'manual' });
  });
});

describe('The service level', () => {
  it('takes its hours from the rule book, or says its own', () => {
    const story = new Scenario().given(0, register());
    const set = (level: string, slaHours?: number) =>
      ({ type: 'SetServiceLevel', level, reason: 'risk', ...(slaHours ? { slaHours } : {}) }) as const;
    expect(story.refusalOf(0, set('gold'))).toMatchObject({ code: 'UNKNOWN_SERVICE_LEVEL' });
    story.given(0, set('gold', 4), set('premium'));
    expect(story.lastOf('ServiceLevelSet').data).toMatchObject({ slaHours: 24, previousLevel: 'gold' });
    expect(story.refusalOf(1, set('premium')).code).toBe('NOTHING_TO_DO');
  });
});

describe('The time to resolve a case', () => {
  it('follows the service level where it is stricter than the severity', () => {
    const open = (caseId: string, severity: number) => ({ type: 'OpenCase', caseId, kind: 'question', severity }) as const; // prettier-ignore
    const story = new Scenario().given(0, register(), classifyAs(1_000, 0, 'high'), open('c-1', 4));
    expect(story.lastOf('CaseOpened').data).toMatchObject({ slaDueAt: isoOnDay(1) });
    story.given(0, { type: 'SetServiceLevel', level: 'basic', reason: 'manual' }, open('c-2', 1));
    expect(story.lastOf('CaseOpened').data).toMatchObject({ slaDueAt: isoOnDay(1) });
  });
});

describe('A strategic account (S7)', () => {
  const designate = (
    standing: 'candidate' | 'strategic',
    fields: Partial<CustomerCommandOf<'DesignateStrategicAccount'>> = {},
  ): CustomerCommandOf<'DesignateStrategicAccount'> => ({
    type: 'DesignateStrategicAccount',
    standing,
    sponsorId: 'board-1',
    jointProblems: [],
    reason: 'shapes our product',
    ...fields,
  });
  const needLevel = (level: number) => ({ type: 'SetNeedLevel', level, reason: 'seen' }) as const;

  it('is a candidate from need level 5, whatever the revenue', () => {
    const story = new Scenario().given(0, register(), needLevel(4), classifyAs(1_000_000, 1_000_000, 'high'));
    expect(story.refusalOf(1, designate('candidate'))).toMatchObject({
      code: 'NEED_LEVEL_TOO_LOW',
      wayOut: [{ rule: 'candidateNeedsNeedLevel', fact: { eventType: 'NeedLevelAssessed', data: { level: 5 } } }],
    }); // prettier-ignore
    story.given(1, needLevel(5), designate('candidate'));
    expect(story.state.profile.strategic).toEqual({
      standing: 'candidate',
      sponsorId: 'board-1',
      planId: null,
    });
    expect(story.refusalOf(1, designate('candidate')).code).toBe('NOTHING_TO_DO');
    story.given(1, designate('candidate', { sponsorId: 'board-2' }));
    expect(story.lastOf('StrategicAccountDesignated').data).toMatchObject({ previousStanding: 'candidate', needLevel: 5 }); // prettier-ignore
  });

  it('is strategic with need level 6 and something done together', () => {
    const story = new Scenario().given(0, register(), needLevel(6));
    const refusal = story.refusalOf(
      1,
      designate('strategic', { jointProblems: [{ problemId: 'packaging' }] }),
    );
    expect(refusal).toMatchObject({ code: 'STRATEGIC_EVIDENCE_MISSING', wayOut: [{ fact: { eventType: 'CoCreationStarted' } }, { fact: { eventType: 'CoCreationContributed' } }] }); // prettier-ignore
    for (const together of [
      { jointInvestment: euro(1) },
      { jointProblems: [{ problemId: 'packaging', solvedOn: '2026-01-01' }] },
    ])
      expect(
        new Scenario().given(0, register(), needLevel(6), designate('strategic', together)).state.profile
          .strategic?.standing,
      ).toBe('strategic');
  });

  it.each([0, 1])(
    'becomes strategic by the same command once what the refusal names is recorded (way %i)',
    (option) => {
      const story = new Scenario().given(0, register());
      const { wayOut } = story.refusalOf(1, designate('strategic'));
      expect(wayOut.map((way) => way.fact?.eventType)).toEqual(['NeedLevelAssessed', 'CoCreationStarted', 'CoCreationContributed']); // prettier-ignore
      for (const { fact, choice } of wayOut) {
        if (choice !== undefined && choice.option !== option) continue;
        const data = fact!.data as never;
        if (fact!.eventType === 'NeedLevelAssessed') story.given(2, { type: 'SetNeedLevel', reason: 'seen', ...(data as { level: number }) }); // prettier-ignore
      else if (fact!.eventType === 'CoCreationStarted') story.given(2, { type: 'StartCoCreation', projectId: 'p-1', ...(data as { role: 'coInvestor' }) }); // prettier-ignore
      else story.given(2, { type: 'StartCoCreation', projectId: 'p-1', role: 'betaTester' }, { type: 'RecordContribution', projectId: 'p-1', ...(data as { kind: 'problemSolved' }) }); // prettier-ignore
      }
      story.given(3, designate('strategic'));
      expect(story.state.profile.strategic?.standing).toBe('strategic');
    },
  );

  it('stays strategic through deterioration; only a person withdraws it', () => {
    const story = new Scenario().given(0, register(), needLevel(6), designate('strategic', { jointInvestment: euro(1) })); // prettier-ignore
    story.given(1, { type: 'RecordPurchase', orderId: 'o-1', total: euro(1) });
    story.given(2, nps(3));
    expect(story.stage).toBe('deterioration');
    expect(story.state.profile.strategic?.standing).toBe('strategic');
    story.given(3, { type: 'WithdrawStrategicAccount', reason: 'programme ended' });
    expect(story.lastOf('StrategicAccountWithdrawn').data).toMatchObject({ previousStanding: 'strategic' });
    expect(story.refusalOf(4, { type: 'WithdrawStrategicAccount', reason: 'again' }).code).toBe(
      'NOTHING_TO_DO',
    );
  });
});

describe('Strategic accounts in a rule book', () => {
  const errorOf = (change: object): string => {
    try {
      compileRuleBook({ ...structuredClone(defaultRuleBookDocument), ...change });
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('the rule book was accepted');
  };

  it('names the place of a wrong rule', () => {
    expect(errorOf({ strategicAccounts: { candidateFromNeedLevel: 6, strategicFromNeedLevel: 5, evidence: ['solvedProblem'] } })).toContain('$.strategicAccounts.strategicFromNeedLevel'); // prettier-ignore
  });

  it('may ask for a solved problem alone', () => {
    const book = compileRuleBook({
      ...structuredClone(defaultRuleBookDocument),
      strategicAccounts: {
        candidateFromNeedLevel: 1,
        strategicFromNeedLevel: 1,
        evidence: ['solvedProblem'],
      },
    });
    const story = new Scenario(book).given(0, register(), { type: 'SetNeedLevel', level: 1, reason: 'seen' });
    const strategic: CustomerCommandOf<'DesignateStrategicAccount'> = { type: 'DesignateStrategicAccount', standing: 'strategic', sponsorId: 's', jointProblems: [], jointInvestment: euro(5), reason: 'r' }; // prettier-ignore
    expect(story.refusalOf(1, strategic).wayOut[0]!.rule).toBe('strategicAccountNeedsSolvedProblem');
    story.given(1, { ...strategic, jointProblems: [{ problemId: 'p', solvedOn: '2026-01-01' }] });
  });
});
