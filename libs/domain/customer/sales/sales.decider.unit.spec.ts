import {
  Scenario,
  call,
  complaint,
  consent,
  contract,
  euro,
  isoOnDay,
  nps,
  offer,
  purchase,
  register,
  repair,
} from '../scenario.builder.js';

const machine = (tier: number) =>
  purchase({
    lines: [{ productId: `em-${tier}`, qty: 1, unitPrice: euro(100) }],
  });
const opportunity = (
  opportunityId: string,
  kind: 'new' | 'crossSell' = 'new',
  initiative: 'firm' | 'customer' = 'customer',
) =>
  ({
    type: 'OpenOpportunity',
    opportunityId,
    kind,
    initiative,
    expected: euro(1000),
    probabilityPct: 50,
  }) as const;
const deteriorated = () =>
  new Scenario()
    .given(0, register(), machine(1), complaint('c-1', 2))
    .given(3, { type: 'ReviewRelationship' });
/** Recovered on day 6, the complaint of day 0 accepted. */
const recovered = () =>
  deteriorated()
    .given(4, repair('r-1', ['c-1'], 40))
    .given(5, { type: 'ResolveCase', caseId: 'c-1', resolutionCode: 'replaced' })
    .given(6, { type: 'AcceptResolution', caseId: 'c-1', satisfaction: 4 });

describe('An offer', () => {
  const kindFor = (story: Scenario, productId: string) => {
    story.given(50, offer({ productId }));
    return (story.lastOf('OfferMade').data as { kind: string }).kind;
  };

  it('gets its kind from what the customer holds', () => {
    const holder = () => new Scenario().given(0, register(), machine(2));
    expect(kindFor(new Scenario().given(0, register(), consent()), 'em-1')).toBe('firstSale');
    expect(kindFor(holder(), 'em-3')).toBe('upSell');
    expect(kindFor(holder(), 'em-2')).toBe('retain');
    expect(kindFor(holder(), 'grinder')).toBe('crossSell');
    expect(
      kindFor(new Scenario().given(0, register(), contract('k-1', { productId: 'care-1' })), 'care-2'),
    ).toBe('upSell');
    expect(kindFor(new Scenario().given(0, register(), purchase()), 'grinder')).toBe('crossSell');
  });

  it('keeps what its kind was derived from', () => {
    const story = new Scenario().given(0, register(), machine(2), offer({ productId: 'em-3' }));
    expect(story.lastOf('OfferMade').data).toMatchObject({
      kind: 'upSell',
      productFamily: 'machines',
      productTier: 3,
      heldTier: 2,
    });
  });

  it('of a consumable that was bought before is no cross-sell', () => {
    const beans = purchase({ lines: [{ productId: 'beans', qty: 1, unitPrice: euro(10) }] });
    expect(kindFor(new Scenario().given(0, register(), beans), 'beans')).toBe('retain');
  });

  it('of a product nobody defined is refused, says what to do, and leaves nothing behind', () => {
    const story = new Scenario().given(0, register(), consent());
    expect(story.refusalOf(1, offer({ productId: 'unheard-of' }))).toMatchObject({
      code: 'UNKNOWN_PRODUCT',
      wayOut: [{ fact: { eventType: 'ProductDefined', data: { productId: 'unheard-of' } } }],
    });
    expect(story.types).toEqual(['CustomerRegistered', 'ConsentGranted']);
  });

  it('at contact needs consent for its channel', () => {
    const story = new Scenario().given(0, register());
    const refusal = story.refusalOf(1, offer());
    expect(refusal).toMatchObject({
      code: 'CONSENT_MISSING',
      ruleBookVersion: 'default-1',
      wayOut: [
        { rule: 'offerNeedsConsent', fact: { eventType: 'ConsentGranted', data: { channelScope: 'email' } } },
      ],
    });
    expect(story.lastOf('OfferSuppressed').data).toMatchObject({
      suppressedBy: ['consent'],
      refusalCode: 'CONSENT_MISSING',
      ruleBookVersion: 'default-1',
    });
    story.given(2, consent({ channelScope: 'email' }), offer());
  });

  it('at no stage reaches a customer who refused marketing on the channel', () => {
    const story = new Scenario().given(0, register(), machine(1), {
      type: 'RevokeConsent',
      purpose: 'marketing',
      channelScope: 'email',
    });
    expect(story.refusalOf(1, offer()).code).toBe('CONSENT_MISSING');
    story.given(1, offer({ channel: 'branch' }));
  });

  it('of another product is refused while the relationship is damaged, and says the way out', () => {
    const story = deteriorated();
    const refusal = story.refusalOf(4, offer());
    expect(refusal.code).toBe('STAGE_FORBIDS_CROSS_SELL');
    expect(refusal.wayOut.map((way) => way.fact?.eventType ?? way.earliestAt)).toEqual([
      'CaseResolved',
      'RepairStarted',
      'ResolutionAccepted',
      isoOnDay(34),
    ]);
    expect(story.types.at(-1)).toBe('OfferSuppressed');
  });

  it('to keep the customer is welcome while the relationship is damaged', () => {
    deteriorated().given(4, offer({ purpose: 'retain' }), offer({ productId: 'em-1' }));
  });

  it('of another product waits 30 days after a repair', () => {
    const story = recovered();
    expect(story.stage).toBe('involvement');
    expect(story.refusalOf(35.9, offer())).toMatchObject({
      code: 'OFFER_NOT_PERMITTED',
      earliestAt: isoOnDay(36),
      wayOut: [{ rule: 'crossSellNeedsCoolingOff', earliestAt: isoOnDay(36) }],
    });
    expect(story.lastOf('OfferSuppressed').data).toMatchObject({ suppressedBy: ['coolingOff'] });
    story.given(36, offer());
  });

  it('of another product comes one at a time while the relationship builds up', () => {
    const story = new Scenario().given(
      0,
      register(),
      machine(1),
      offer({ offerId: 'first', productId: 'mill' }),
    );
    expect(story.refusalOf(1, offer())).toMatchObject({
      code: 'OFFER_NOT_PERMITTED',
      wayOut: [
        { rule: 'crossSellOneAtATime', fact: { eventType: 'OfferDeclined', data: { offerId: 'first' } } },
      ],
    });
    story.given(2, { type: 'RecordOfferAnswer', offerId: 'first', answer: 'declined' }, offer());
  });

  it('of a product that waits for its answer, or was declined, rests: another product may be offered', () => {
    const story = new Scenario().given(0, register(), machine(1), offer({ offerId: 'first' }));
    expect(story.refusalOf(1, offer())).toMatchObject({
      code: 'OFFER_NOT_PERMITTED',
      earliestAt: isoOnDay(30),
    });
    story.given(2, { type: 'RecordOfferAnswer', offerId: 'first', answer: 'declined' });
    expect(story.refusalOf(61.9, offer())).toMatchObject({
      code: 'OFFER_NOT_PERMITTED',
      earliestAt: isoOnDay(62),
      wayOut: [{ rule: 'declinedProductRests', earliestAt: isoOnDay(62) }],
    });
    expect(story.lastOf('OfferSuppressed').data).toMatchObject({ suppressedBy: ['coolingOff'] });
    story.given(61.9, offer({ productId: 'mill' }));
    new Scenario()
      .given(0, register(), machine(1), offer({ offerId: 'first' }))
      .given(2, { type: 'RecordOfferAnswer', offerId: 'first', answer: 'declined' })
      .given(62, offer());
  });

  it('by call or by mail has caps of its own', () => {
    const story = new Scenario().given(0, register(), machine(1));
    for (const channel of ['callCentre', 'fieldSales'] as const)
      story.given(1, offer({ purpose: 'retain', channel }));
    expect(story.refusalOf(2, offer({ purpose: 'retain', channel: 'callCentre' }))).toMatchObject({
      wayOut: [{ rule: 'callsStayFew', earliestAt: isoOnDay(31) }],
    });
    story.given(
      2,
      offer({ purpose: 'retain', channel: 'email' }),
      offer({ purpose: 'retain', channel: 'mail' }),
    );
  });

  it('while the relationship builds up needs a last experience that was not bad and no open case', () => {
    const story = new Scenario().given(0, register(), machine(1), call('in', { sentiment: -30 }));
    expect(story.refusalOf(1, offer()).wayOut).toMatchObject([{ rule: 'offerNeedsGoodLastExperience' }]);
    story.given(2, nps(8), { type: 'OpenCase', caseId: 'c-9', kind: 'question', severity: 4 });
    const refusal = story.refusalOf(2, offer({ productId: 'em-9' }));
    expect(refusal.wayOut).toMatchObject([
      { rule: 'offerNeedsNoOpenCase', fact: { eventType: 'CaseResolved', data: { caseId: 'c-9' } } },
    ]);
    expect(story.lastOf('OfferSuppressed').data).toMatchObject({
      kind: 'upSell',
      suppressedBy: ['openCase'],
    });
  });

  it('comes at most four times in 30 days', () => {
    const story = new Scenario().given(0, register(), machine(1));
    for (const day of [1, 2, 3, 4]) story.given(day, offer({ purpose: 'retain' }));
    expect(story.refusalOf(5, offer({ purpose: 'retain' }))).toMatchObject({
      code: 'OFFER_NOT_PERMITTED',
      earliestAt: isoOnDay(31),
    });
    story.given(31, offer({ purpose: 'retain' }));
  });

  it('that the customer asked for is refused for fraud only', () => {
    const story = deteriorated().given(4, offer({ initiative: 'customer' }));
    story.given(4, { type: 'RecordFraudSignal', signalId: 'f-1', ruleId: 'velocity', score: 90 });
    expect(story.refusalOf(4, offer({ initiative: 'customer' }))).toMatchObject({
      code: 'OFFER_NOT_PERMITTED',
      wayOut: [{ fact: { eventType: 'FraudSignalCleared', data: { signalId: 'f-1' } } }],
    });
  });

  it('to win back is for relationships that ended, with consent, time and a reason that allows it', () => {
    const winBack = () => offer({ purpose: 'winBack' });
    expect(new Scenario().given(0, register()).refusalOf(0, winBack()).code).toBe('STAGE_FORBIDS_INITIATIVE');
    const story = new Scenario().given(0, register(), purchase(), {
      type: 'RecordGoodbye',
      reasonCode: 'firmEnded',
    });
    expect(story.refusalOf(1, offer()).code).toBe('STAGE_FORBIDS_CROSS_SELL');
    expect(story.refusalOf(1, winBack()).wayOut).toMatchObject([
      { rule: 'offerNeedsConsent' },
      { rule: 'winBackNeedsTime', earliestAt: isoOnDay(30) },
    ]);
    story.given(30, consent(), winBack());
    const dead = new Scenario().given(0, register(), purchase(), consent(), {
      type: 'RecordGoodbye',
      reasonCode: 'death',
    });
    expect(dead.refusalOf(60, winBack()).code).toBe('OFFER_NOT_PERMITTED');
  });

  it('is made once and answered once', () => {
    const story = new Scenario().given(0, register(), machine(1), offer({ offerId: 'of-x' }));
    expect(story.refusalOf(0, offer({ offerId: 'of-x' })).code).toBe('ID_ALREADY_USED');
    const answer = { type: 'RecordOfferAnswer', offerId: 'of-x', answer: 'accepted' } as const;
    story.given(1, answer);
    expect(story.refusalOf(1, answer).code).toBe('UNKNOWN_OFFER');
  });
});

describe('An opportunity', () => {
  it('is opened once and decided once', () => {
    const win = { type: 'WinOpportunity', opportunityId: 'op-1', amount: euro(900) } as const;
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, win).code).toBe('UNKNOWN_OPPORTUNITY');
    story.given(0, opportunity('op-1'));
    expect(story.refusalOf(0, opportunity('op-1')).code).toBe('ID_ALREADY_USED');
    story.given(1, win);
    expect(story.moves).toEqual(['contact>involvement/dealWon@1']);
    expect(
      story.refusalOf(1, { type: 'LoseOpportunity', opportunityId: 'op-1', lossReasonCode: 'price' }).code,
    ).toBe('OPPORTUNITY_STATE_FORBIDS');
    expect(story.refusalOf(1, opportunity('op-1')).code).toBe('ID_ALREADY_USED');
  });

  it('of our own making obeys the stage, without consent since nobody is contacted', () => {
    new Scenario().given(0, register(), opportunity('op-1', 'new', 'firm'));
    const story = deteriorated();
    expect(story.refusalOf(4, opportunity('op-2', 'crossSell', 'firm')).code).toBe(
      'STAGE_FORBIDS_CROSS_SELL',
    );
    expect(story.types).not.toContain('OfferSuppressed');
    story.given(4, opportunity('op-2', 'crossSell', 'customer'));
  });
});
