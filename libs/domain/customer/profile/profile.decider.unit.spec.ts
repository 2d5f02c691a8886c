import type { CustomerRequest } from '../customer.commands.js';
import { Scenario, consent, defaultRules, purchase, register } from '../scenario.builder.js';

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
      { type: 'AddIdentifier', identifierId: 'i-2', identifierType: 'phone', value: '+31201234567' },
      remove,
    );
    expect(story.state.profile.identifiers).toEqual({ email: 0, phone: 1 });
    expect(story.lastOf('IdentifierAdded').data).toEqual({
      identifierId: 'i-2',
      type: 'phone',
      value: '+31201234567',
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

  it('is no party of its own, nor is who was merged into it', () => {
    const link = (otherCustomerId: string) =>
      ({ type: 'LinkParty', otherCustomerId, role: 'household', fromDate: '2026-01-05' }) as const;
    const [self, member] = ['1', '2'].map((n) => `00000000-0000-5000-8000-00000000000${n}`) as [string, string]; // prettier-ignore
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, link(self))).toMatchObject({ code: 'SAME_CUSTOMER', wayOut: [{ rule: 'partyIsSomebodyElse' }] }); // prettier-ignore
    story.given(1, { type: 'HoldForMerge', mergeId: 'm-1' }, { type: 'AbsorbCustomers', mergeId: 'm-1', members: [{ member, atRevision: 3 }] }); // prettier-ignore
    expect(story.refusalOf(2, link(member)).code).toBe('SAME_CUSTOMER');
    story.given(3, { type: 'ReleaseMembers', mergeId: 'm-1' }, link(member));
  });

  it('ends a link, after which the party may take the role again', () => {
    const link = {
      type: 'LinkParty',
      otherCustomerId: '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111',
      role: 'champion',
      fromDate: '2026-01-05',
    } as const;
    const { fromDate: _fromDate, ...party } = link;
    const unlink = (toDate: string) => ({ ...party, type: 'UnlinkParty', toDate }) as const;
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, unlink('2026-02-01')).code).toBe('NOTHING_TO_DO');
    story.given(0, link);
    expect(story.refusalOf(0, unlink('2026-01-04')).code).toBe('DATES_OUT_OF_ORDER');
    story.given(0, unlink('2026-02-01'));
    expect(story.refusalOf(0, unlink('2026-02-01')).code).toBe('NOTHING_TO_DO');
    story.given(0, { ...link, fromDate: '2026-03-01', toDate: '2026-03-31' });
    expect(story.refusalOf(0, { ...link, fromDate: '2026-03-31' }).code).toBe('NOTHING_TO_DO');
    story.given(0, { ...link, fromDate: '2026-04-01' });
    expect(story.state.profile.links).toHaveLength(1);
  });

  it('ends also a link that was pushed out of the latest fifty', () => {
    const party = (n: number) => ({ otherCustomerId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, role: 'user' }) as const; // prettier-ignore
    const story = new Scenario().given(0, register());
    for (let n = 0; n <= 50; n += 1)
      story.given(0, { type: 'LinkParty', ...party(n), fromDate: '2026-01-01' });
    expect(story.state.profile.links).toHaveLength(50);
    story.given(1, { type: 'UnlinkParty', ...party(0), toDate: '2026-02-01' });
    expect(story.state.profile.links).toHaveLength(50);
  });

  it('takes on and gives up roles, keeps one, and follows the rules of the new ones', () => {
    const change = (
      added: ('partner' | 'agent')[],
      removed: ('customer' | 'partner')[],
    ): CustomerRequest => ({
      type: 'ChangeRoles',
      added,
      removed,
      reason: 'agreed',
    });
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, change([], ['customer'])).code).toBe('LAST_ROLE');
    expect(story.refusalOf(0, change([], ['partner'])).code).toBe('NOTHING_TO_DO');
    story.given(0, change(['partner'], ['customer']));
    expect(story.lastOf('RolesChanged').data).toEqual({ added: ['partner'], removed: ['customer'], reason: 'agreed' }); // prettier-ignore
    expect(story.state.profile.roles).toEqual(['partner']);
    expect(defaultRules.roleSetFor(story.state.profile.roles).name).toBe('partner');
    expect(story.refusalOf(0, change(['partner'], [])).code).toBe('NOTHING_TO_DO');
  });

  it('records a fact of a special category only with explicit consent, for the channel it came by', () => {
    const fact = {
      type: 'RecordProfileFact',
      category: 'sensitivity',
      key: 'latex',
      value: 'allergic',
      source: 'call',
      confidencePct: 90,
    } as const;
    const explicit = consent({ purpose: 'specialCategories', channelScope: 'web', explicit: true });
    const story = new Scenario().given(0, register(), consent({ purpose: 'profiling' }));
    expect(story.refusalOf(1, fact)).toMatchObject({
      code: 'EXPLICIT_CONSENT_MISSING',
      wayOut: [{ fact: { eventType: 'ConsentGranted', data: { purpose: 'specialCategories' } } }],
    });
    story.given(1, { ...explicit, legalBasis: 'contract' });
    expect(story.refusalOf(1, fact).code).toBe('EXPLICIT_CONSENT_MISSING');
    story.given(1, explicit, fact);
    expect(story.refusalOf(1, fact, 'callCentre').code).toBe('EXPLICIT_CONSENT_MISSING');
    story.given(2, { type: 'RevokeConsent', purpose: 'specialCategories', channelScope: 'web' });
    expect(story.refusalOf(3, fact).code).toBe('EXPLICIT_CONSENT_MISSING');
  });

  it('notes values of a wrong form as they are recorded, since the log holds tokens', () => {
    const story = new Scenario().given(
      0,
      register({
        identifiers: [
          { type: 'customerNo', value: '42' },
          { type: 'email', value: 'ada at example' },
        ],
      }),
      { type: 'AddIdentifier', identifierId: 'i-1', identifierType: 'phone', value: '12' },
      {
        type: 'CorrectCustomerDetails',
        changes: [
          { field: 'country', value: 'Holland', source: 'web', confidencePct: 100 },
          { field: 'language', value: 'nl-NL', source: 'web', confidencePct: 100 },
          { field: 'birthDate', value: '2031-02-30', source: 'web', confidencePct: 100 },
          { field: 'postalCode', value: null, source: 'web', confidencePct: 100 },
        ],
      },
    );
    expect(story.lastOf('CustomerRegistered').data).toMatchObject({ malformedIdentifiers: [1] });
    expect(story.lastOf('IdentifierAdded').data).toMatchObject({ malformed: true });
    expect(story.lastOf('CustomerDetailsCorrected').data).toMatchObject({ malformedFields: ['country', 'birthDate'] }); // prettier-ignore
    story.given(1, { type: 'AddIdentifier', identifierId: 'i-2', identifierType: 'phone', value: '+31 (20) 123-4567' }); // prettier-ignore
    expect(story.lastOf('IdentifierAdded').data).not.toHaveProperty('malformed');
  });

  it('has a data steward who answers for assessments', () => {
    const assess = { type: 'AssessDataQuality', completenessPct: 80, validityPct: 90, uniquenessPct: 100, timelinessDays: 3 } as const; // prettier-ignore
    const appoint = (stewardId: string) => ({ type: 'AppointDataSteward', stewardId }) as const;
    const story = new Scenario().given(0, register(), assess);
    expect(story.lastOf('DataQualityAssessed').data).toMatchObject({ stewardId: 'am-1' });
    story.given(1, appoint('steward-1'), appoint('steward-2'), assess);
    expect(story.lastOf('DataStewardAppointed').data).toEqual({ stewardId: 'steward-2', previousStewardId: 'steward-1' }); // prettier-ignore
    expect(story.lastOf('DataQualityAssessed').data).toMatchObject({ stewardId: 'steward-2' });
    expect(story.refusalOf(2, appoint('steward-2')).code).toBe('NOTHING_TO_DO');
  });

  it('keeps components of commitment apart from the trait itself', () => {
    const trait = { type: 'RecordRelationTrait', trait: 'commitment', side: 'customer', score: 80, method: 'survey' } as const; // prettier-ignore
    const story = new Scenario().given(0, register(), trait, {
      ...trait,
      component: 'continuity',
      score: 10,
    });
    expect(story.state.relationship.traits['commitment']?.score).toBe(80);
    expect(story.state.relationship.traits['commitment.continuity']?.score).toBe(10);
    expect(story.refusalOf(1, { ...trait, trait: 'trust', component: 'affective' }).code).toBe('TRAIT_HAS_NO_COMPONENTS'); // prettier-ignore
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
