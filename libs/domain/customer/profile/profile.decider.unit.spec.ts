import type { CustomerRequest } from '../customer.commands.js';
import { Scenario, purchase, register } from '../scenario.builder.js';

describe('The profile of a customer', () => {
  it('is registered once', () => {
    const story = new Scenario().given(0, register());
    expect(story.types).toEqual(['CustomerRegistered']);
    expect(story.lastOf('CustomerRegistered').data).toMatchObject({ acquisitionChannel: 'web' });
    expect(story.refusalOf(1, register()).code).toBe('ALREADY_REGISTERED');
  });

  it('is registered at contact by a fact about an unknown identifier, in the same decision', () => {
    const story = new Scenario();
    const decision = story.when(0, {
      ...purchase(),
      registerFirst: { identifiers: [{ type: 'customerNo', value: '42' }] },
    });
    expect(decision.kind).toBe('accepted');
    expect(story.types).toEqual(['CustomerRegistered', 'PurchaseRecorded', 'RelationshipStageMoved']);
    expect(story.lastOf('CustomerRegistered').data).toMatchObject({ implicit: true, roles: ['customer'] });
    expect(story.lastOf('PurchaseRecorded').data).not.toHaveProperty('registerFirst');
  });

  it.each([
    ['a fact without a registration', purchase()],
    [
      'a command that is no fact',
      {
        type: 'LoseOpportunity',
        opportunityId: 'x',
        lossReasonCode: 'y',
        registerFirst: { identifiers: [] },
      },
    ],
    ['a review', { type: 'ReviewRelationship' }],
  ] as const)('is not registered by %s', (_title, command) => {
    expect(new Scenario().refusalOf(0, command as never).code).toBe('NOT_REGISTERED');
  });

  it('states the group openly when a correction of details names it, since rules need it', () => {
    const story = new Scenario().given(0, register(), {
      type: 'CorrectCustomerDetails',
      changes: [{ field: 'groupCode', value: 'corporation', source: 'web', confidencePct: 90 }],
    });
    expect(story.types).toEqual(['CustomerRegistered', 'CustomerDetailsCorrected', 'CustomerGrouped']);
    expect(story.state.profile.groupCode).toBe('corporation');
  });

  it('keeps at least one identifier', () => {
    const remove = {
      type: 'RemoveIdentifier',
      identifierType: 'email',
      value: 'ada@example.com',
      reason: 'left',
    } as const;
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, remove).code).toBe('LAST_IDENTIFIER');
    expect(story.refusalOf(0, { ...remove, identifierType: 'phone' }).code).toBe('NOTHING_TO_DO');
    story.given(
      1,
      { type: 'AddIdentifier', identifierId: 'i-2', identifierType: 'phone', value: '+31' },
      remove,
    );
    expect(story.state.profile.identifiers).toEqual({ email: 0, phone: 1 });
    expect(story.lastOf('IdentifierAdded').data).toEqual({
      identifierId: 'i-2',
      type: 'phone',
      value: '+31',
    });
  });

  it('names the previous account manager and refuses to assign or release in vain', () => {
    const assign = (managerId: string) =>
      ({ type: 'AssignAccountManager', managerId, fromDate: '2026-01-01', basis: 'manual' }) as const;
    const story = new Scenario().given(0, register(), assign('am-1'), assign('am-2'));
    expect(story.lastOf('AccountManagerAssigned').data).toMatchObject({ previousManagerId: 'am-1' });
    expect(story.refusalOf(1, assign('am-2')).code).toBe('NOTHING_TO_DO');
    const release = (managerId: string) =>
      ({ type: 'ReleaseAccountManager', managerId, reason: 'moved' }) as const;
    expect(story.refusalOf(1, release('am-1')).code).toBe('NOTHING_TO_DO');
    story.given(1, release('am-2'));
    expect(story.state.profile.managerId).toBeNull();
  });

  it('cites the level of need held before and who assessed it', () => {
    const assess = (level: number) => ({ type: 'SetNeedLevel', level, reason: 'seen' }) as const;
    const story = new Scenario().given(0, register(), assess(3), assess(5));
    expect(story.lastOf('NeedLevelAssessed').data).toEqual({
      level: 5,
      reason: 'seen',
      previousLevel: 3,
      assessorId: 'am-1',
    });
  });

  it('links another party once per role, in order of dates', () => {
    const link = {
      type: 'LinkParty',
      otherCustomerId: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111',
      role: 'champion',
      fromDate: '2026-01-05',
    } as const;
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, { ...link, toDate: '2026-01-04' }).code).toBe('DATES_OUT_OF_ORDER');
    story.given(0, link);
    expect(story.refusalOf(0, link).code).toBe('NOTHING_TO_DO');
  });

  it('records group, preferences and profile facts', () => {
    const story = new Scenario().given(
      0,
      register(),
      { type: 'AssignCustomerGroup', groupCode: 'smallBusiness', regionCode: 'north' },
      { type: 'RecordPreference', kind: 'channel', key: 'contact', value: 'email', source: 'web' },
      {
        type: 'RecordProfileFact',
        category: 'taste',
        key: 'coffee',
        value: 'espresso',
        source: 'survey',
        confidencePct: 80,
      },
    );
    expect(story.types.slice(1)).toEqual(['CustomerGrouped', 'PreferenceSet', 'ProfileFactRecorded']);
  });

  it('accepts nothing after erasure', () => {
    const erase: CustomerRequest = { type: 'EraseCustomer', basis: 'request', keptForLaw: [] };
    const story = new Scenario().given(0, register(), purchase(), erase);
    expect(story.refusalOf(1, purchase()).code).toBe('CUSTOMER_ERASED');
    expect(story.refusalOf(1, { type: 'ReviewRelationship' }).code).toBe('CUSTOMER_ERASED');
    expect(story.refusalOf(1, erase).code).toBe('NOTHING_TO_DO');
  });

  it('keeps no personal value in the state that decides', () => {
    const canary = 'canary-7f3a';
    const story = new Scenario().given(
      0,
      register({ displayName: canary, identifiers: [{ type: 'email', value: canary }] }),
      { type: 'AddIdentifier', identifierId: 'i-2', identifierType: 'phone', value: canary },
      {
        type: 'RecordProfileFact',
        category: 'taste',
        key: 'k',
        value: canary,
        source: 's',
        confidencePct: 1,
      },
      { type: 'RecordTouchPoint', direction: 'in', kind: 'message', subject: canary, body: canary },
      { type: 'RecordSurveyResponse', instrument: 'NPS', score: 9, comment: canary },
      { type: 'RaiseComplaint', caseId: 'c-1', reasonCode: 'late', severity: 3, wanted: canary },
      { type: 'OpenCase', caseId: 'c-2', kind: 'question', severity: 3, subject: canary },
      { type: 'ReplyToCase', caseId: 'c-2', handlerId: 'h', text: canary },
    );
    expect(JSON.stringify(story.state)).not.toContain(canary);
  });
});
