import { Scenario, consent, isoOnDay, offer, purchase, register } from '../scenario.builder.js';

const requestErasure = { type: 'RequestErasure', requestId: 'er-1', basis: 'objection' } as const;
const restrict = (scope: 'all' | 'marketing' | 'profiling') =>
  ({ type: 'RestrictProcessing', scope, basis: 'accuracyContested' }) as const;
const lift = (scope: 'all' | 'marketing' | 'profiling') =>
  ({ type: 'LiftRestriction', scope, reasonCode: 'dataCorrected' }) as const;
const erase = { type: 'EraseCustomer', basis: 'request', keptForLaw: [] as string[] } as const;
const evidence = { type: 'NoteModelEvidence', pAlive: 0.5, modelRunId: 'm', asOf: isoOnDay(0) } as const;
const exportData = { type: 'ExportCustomerData', exportId: 'ex-1', basis: 'access' } as const;

const willing = () => new Scenario().given(0, register(), consent());

describe('A request to be forgotten', () => {
  it('is to be answered within 30 days, and made once', () => {
    const story = willing().given(1, requestErasure);
    expect(story.lastOf('ErasureRequested').data).toMatchObject({ dueAt: isoOnDay(31) });
    expect(story.refusalOf(2, requestErasure).code).toBe('ID_ALREADY_USED');
  });

  it('keeps us from beginning anything until it is closed, and what happens is recorded all the same', () => {
    const story = willing().given(1, requestErasure);
    const refusal = story.refusalOf(2, offer());
    expect(refusal).toMatchObject({
      code: 'PROCESSING_RESTRICTED',
      wayOut: [{ fact: { eventType: 'ErasureRequestClosed', data: { requestId: 'er-1' } } }],
    });
    expect(story.types.at(-1)).toBe('OfferSuppressed');
    story.given(3, purchase());
    const close = {
      type: 'CloseErasureRequest',
      requestId: 'er-1',
      outcome: 'declined',
      reasonCode: 'legalClaims',
    } as const;
    story.given(4, close);
    expect(story.refusalOf(4, close).code).toBe('NOTHING_TO_DO');
    expect(story.when(5, offer({ productId: 'beans' })).kind).toBe('accepted');
  });

  it('ends in being erased, after which only what is left can be handed out', () => {
    const story = willing().given(1, requestErasure).given(2, erase);
    for (const command of [requestErasure, erase])
      expect(story.refusalOf(3, command).code).toBe('NOTHING_TO_DO');
    for (const command of [purchase(), restrict('all'), consent()])
      expect(story.refusalOf(3, command).code).toBe('CUSTOMER_ERASED');
    story.given(400, exportData);
    expect(story.types.slice(-2)).toEqual(['CustomerErased', 'CustomerDataExported']);
  });
});

describe('Restricted processing', () => {
  it('of all holds back our offers and our scores, and does what the person asks for', () => {
    const story = willing().given(1, restrict('all'));
    expect(story.refusalOf(1, restrict('all')).code).toBe('NOTHING_TO_DO');
    expect(story.refusalOf(2, offer())).toMatchObject({
      code: 'PROCESSING_RESTRICTED',
      wayOut: [{ fact: { eventType: 'RestrictionLifted', data: { scope: 'all' } } }],
    });
    expect(story.refusalOf(2, evidence).code).toBe('PROCESSING_RESTRICTED');
    expect(story.when(2, offer({ initiative: 'customer' })).kind).toBe('accepted');
    story.given(3, lift('all'), evidence);
    expect(story.when(3, offer()).kind).toBe('accepted');
    expect(story.refusalOf(3, lift('all')).code).toBe('NOTHING_TO_DO');
  });

  it('of one scope leaves the other alone', () => {
    const noMarketing = willing().given(1, restrict('marketing'), evidence);
    expect(noMarketing.refusalOf(1, offer()).code).toBe('PROCESSING_RESTRICTED');
    const noProfiling = willing().given(1, restrict('profiling'));
    expect(noProfiling.when(1, offer()).kind).toBe('accepted');
    expect(noProfiling.refusalOf(1, evidence).code).toBe('PROCESSING_RESTRICTED');
  });

  it('holds back an opportunity and a win-back of ours', () => {
    const story = willing().given(1, restrict('marketing'));
    const open = {
      type: 'OpenOpportunity',
      opportunityId: 'op-1',
      kind: 'new',
      initiative: 'firm',
      expected: { amountMinor: 100, currency: 'EUR' },
      probabilityPct: 10,
    } as const;
    expect(story.refusalOf(1, open).code).toBe('PROCESSING_RESTRICTED');
    story.given(2, { type: 'RecordGoodbye', reasonCode: 'customerLeft' });
    expect(
      story.refusalOf(90, { type: 'StartWinBack', winBackId: 'w', channel: 'email', reason: 'x' }).code,
    ).toBe('PROCESSING_RESTRICTED');
  });
});
