import {
  Scenario,
  campaignContact,
  complaint,
  consent,
  euro,
  isoOnDay,
  offer,
  purchase,
  register,
} from '../scenario.builder.js';
import type { CustomerCommandOf } from '../customer.commands.js';

type Response = CustomerCommandOf<'RecordCampaignResponse'>;
const outcome = (name: Response['outcome'], fields: Partial<Response> = {}): Response => ({
  type: 'RecordCampaignResponse',
  campaignId: 'spring',
  outcome: name,
  ...fields,
});
const agreed = () => new Scenario().given(0, register(), consent());
const conversions = (story: Scenario) =>
  story.recorded.filter(({ type }) => type === 'CampaignConverted').map(({ data }) => data);

describe('A campaign contact', () => {
  it('needs a campaign that runs', () => {
    const story = agreed();
    expect(story.refusalOf(1, campaignContact('nobodyPlanned'))).toMatchObject({
      code: 'UNKNOWN_CAMPAIGN',
      wayOut: [{ fact: { eventType: 'CampaignPlanned', data: { campaignId: 'nobodyPlanned' } } }],
    });
    expect(story.refusalOf(1, campaignContact('planned'))).toMatchObject({
      code: 'CAMPAIGN_NOT_RUNNING',
      wayOut: [{ fact: { eventType: 'CampaignLaunched' } }],
    });
    expect(story.refusalOf(1, campaignContact('closed'))).toMatchObject({ code: 'CAMPAIGN_NOT_RUNNING', wayOut: [] }); // prettier-ignore
    expect(story.types).toEqual(['CustomerRegistered', 'ConsentGranted']);
  });

  it('needs the consent for its purpose and channel, at every stage', () => {
    const story = new Scenario().given(0, register(), purchase());
    expect(story.stage).toBe('involvement');
    const refusal = story.refusalOf(1, campaignContact('research'));
    expect(refusal).toMatchObject({
      code: 'CONSENT_MISSING',
      wayOut: [
        { fact: { eventType: 'ConsentGranted', data: { purpose: 'research', channelScope: 'email' } } },
      ],
    });
    story.given(1, consent({ purpose: 'research', expiresAt: isoOnDay(10) }), campaignContact('research'));
    expect(story.refusalOf(11, campaignContact('research')).code).toBe('CONSENT_MISSING');
    expect(story.lastOf('CampaignContactSent').data).toMatchObject({ purpose: 'research', variant: 'a' });
  });

  it('obeys the stage, and one way out names what stage and consent ask for', () => {
    const story = new Scenario()
      .given(0, register(), purchase(), complaint('c-1', 2))
      .given(3, { type: 'ReviewRelationship' });
    const refusal = story.refusalOf(4, campaignContact('accessories'));
    expect(refusal.code).toBe('STAGE_FORBIDS_CROSS_SELL');
    expect(refusal.wayOut.map((way) => way.fact?.eventType)).toEqual(expect.arrayContaining(['RepairStarted', 'ConsentGranted'])); // prettier-ignore
    expect(story.types).not.toContain('CampaignContactSent');
  });

  it('is counted in the currency of the campaign and has an id of its own', () => {
    const story = agreed();
    const usd = { amountMinor: 5, currency: 'USD' };
    expect(story.refusalOf(1, campaignContact('spring', { cost: usd })).code).toBe('CAMPAIGN_CURRENCY');
    story.given(1, campaignContact('spring', { contactId: 'x' }));
    expect(story.refusalOf(1, campaignContact('spring', { contactId: 'x' })).code).toBe('ID_ALREADY_USED');
  });

  it('reaches only whom the campaign is meant for, and says what would make it so', () => {
    const story = agreed().given(
      0,
      purchase({ lines: [{ productId: 'em-1', qty: 1, unitPrice: euro(100) }] }),
    );
    const refusal = story.refusalOf(1, campaignContact('machineOwners'));
    expect(refusal).toMatchObject({
      code: 'OFFER_NOT_PERMITTED',
      wayOut: [
        { rule: 'campaignIsMeantFor: inGroup', fact: { eventType: 'CustomerGrouped', data: { groupCode: 'consumer' } } },
      ],
    }); // prettier-ignore
    story.given(2, { type: 'AssignCustomerGroup', groupCode: 'consumer' }, campaignContact('machineOwners'));
    expect(story.types).toContain('CampaignContactSent');
  });

  it('counts in the frequency caps, for contacts and offers alike', () => {
    const story = agreed();
    for (const day of [1, 2, 3, 4]) story.given(day, campaignContact('spring'));
    const refusal = story.refusalOf(5, offer());
    expect(refusal).toMatchObject({ code: 'OFFER_NOT_PERMITTED', earliestAt: isoOnDay(31) });
    expect(story.lastOf('OfferSuppressed').data).toMatchObject({ suppressedBy: ['frequencyCap'] });
    expect(story.refusalOf(5, campaignContact('spring')).code).toBe('OFFER_NOT_PERMITTED');
    story.given(31, offer());
  });

  it('never reaches the hold-out group, whose members are recorded once', () => {
    const story = agreed();
    expect(story.refusalOf(1, campaignContact('leftOut'))).toMatchObject({ code: 'CAMPAIGN_HOLD_OUT', wayOut: [] }); // prettier-ignore
    expect(story.refusalOf(2, campaignContact('leftOut')).code).toBe('CAMPAIGN_HOLD_OUT');
    expect(story.types.filter((type) => type === 'CampaignHeldOut')).toHaveLength(1);
    expect(story.types).not.toContain('CampaignContactSent');
  });

  it('leaves out only whom it would have reached, so that the groups can be compared', () => {
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(1, campaignContact('leftOut')).code).toBe('CONSENT_MISSING');
    expect(story.types).toEqual(['CustomerRegistered']);
  });
});

describe('What a customer does with a campaign', () => {
  it('needs a contact where it speaks of one', () => {
    const story = agreed();
    for (const name of ['delivered', 'opened', 'clicked', 'bounced'] as const)
      expect(story.refusalOf(1, outcome(name)).code).toBe('UNKNOWN_CAMPAIGN_CONTACT');
    story.given(1, campaignContact('spring'));
    story.given(2, outcome('delivered'), outcome('opened'), outcome('clicked'), outcome('bounced', { reasonCode: 'full' })); // prettier-ignore
    expect(story.lastOf('CampaignContactClicked').data).toEqual({ campaignId: 'spring', variant: 'a', channel: 'email' }); // prettier-ignore
  });

  it('may be a response to something they were not contacted for, from anybody', () => {
    const story = new Scenario().given(0, {
      ...outcome('responded', { responseKind: 'visit', channel: 'branch', value: euro(10) }),
      registerFirst: { identifiers: [{ type: 'phone', value: '+31612345678' }] },
    });
    expect(story.types).toEqual(['CustomerRegistered', 'CampaignResponded']);
    expect(story.lastOf('CampaignResponded').data).toEqual({ campaignId: 'spring', channel: 'branch', responseKind: 'visit', value: euro(10) }); // prettier-ignore
  });

  it('that opts out revokes the consent for the channel it came by', () => {
    const story = agreed().given(1, campaignContact('spring'), outcome('optedOut'));
    expect(story.lastOf('ConsentRevoked').data).toEqual({ purpose: 'marketing', channelScope: 'email' });
    expect(story.refusalOf(2, campaignContact('spring')).code).toBe('CONSENT_MISSING');
    story.given(2, campaignContact('spring', { channel: 'mail' }));
  });
});

describe('A sale', () => {
  it('counts for the campaigns in whose time it falls, for both groups alike', () => {
    const story = agreed();
    story.given(1, campaignContact('spring'));
    story.when(1, campaignContact('leftOut'));
    story.given(20, purchase({ orderId: 'o-1', total: euro(50) }));
    expect(conversions(story)).toEqual([
      { campaignId: 'spring', group: 'contacted', variant: 'a', by: 'purchase', reference: 'o-1', value: euro(50) },
      { campaignId: 'leftOut', group: 'heldOut', by: 'purchase', reference: 'o-1', value: euro(50) },
    ]); // prettier-ignore
    story.given(31.5, purchase());
    expect(conversions(story)).toHaveLength(2);
  });

  it('counts from the first contact only, however often the customer is reminded', () => {
    const story = agreed().given(1, campaignContact('spring')).given(25, campaignContact('spring'));
    story.given(40, purchase());
    expect(conversions(story)).toEqual([]);
  });

  it('that is recorded as an order and as a won opportunity counts once, whichever names the other', () => {
    const deal = (opportunityId: string) =>
      ({ type: 'OpenOpportunity', opportunityId, initiative: 'customer', expected: euro(900), probabilityPct: 50 }) as const; // prettier-ignore
    const story = agreed().given(1, campaignContact('spring'), deal('op-1'), deal('op-2'), deal('op-3'));
    story.given(2, purchase({ orderId: 'o-1', total: euro(800), opportunityId: 'op-1' }));
    story.given(3, { type: 'WinOpportunity', opportunityId: 'op-1', amount: euro(800) });
    expect(conversions(story)).toMatchObject([{ by: 'purchase', reference: 'o-1', sameAs: 'op-1' }]);
    story.given(4, { type: 'WinOpportunity', opportunityId: 'op-2', amount: euro(500) });
    story.given(5, purchase({ orderId: 'o-2', total: euro(500), opportunityId: 'op-2' }));
    story.given(6, { type: 'WinOpportunity', opportunityId: 'op-3', amount: euro(300), orderId: 'o-3' });
    story.given(
      7,
      purchase({ orderId: 'o-3', total: euro(300) }),
      purchase({ orderId: 'o-4', total: euro(10) }),
    );
    expect(conversions(story).map((sale) => (sale as { reference: string }).reference)).toEqual([
      'o-1', 'op-2', 'op-3', 'o-4',
    ]); // prettier-ignore
  });

  it('may be a deal that was won', () => {
    const story = agreed().given(1, campaignContact('spring'), { type: 'OpenOpportunity', opportunityId: 'op-1', initiative: 'customer', expected: euro(900), probabilityPct: 50 }); // prettier-ignore
    story.given(3, { type: 'WinOpportunity', opportunityId: 'op-1', amount: euro(800) });
    expect(conversions(story)).toMatchObject([{ by: 'deal', reference: 'op-1', value: euro(800) }]);
  });
});
