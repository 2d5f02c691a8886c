import type { StreamEvent } from '@rapport/contracts';
import { isHeldOut, variantFor } from './campaign-assignment.js';
import { campaignDecider, campaignReferenceOf } from './campaign.decider.js';
import type { CampaignCommand, CampaignState } from './campaign.decider.js';

const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const plan: CampaignCommand = {
  type: 'PlanCampaign',
  campaignId: 'spring',
  name: 'Spring',
  objective: 'crossSell',
  targetRule: 'has a machine',
  budget: eur(100_000),
  controlPct: 20,
  variants: ['a', 'b'],
};
const launch: CampaignCommand = { type: 'LaunchCampaign', campaignId: 'spring', cost: eur(10_000) };
const close: CampaignCommand = { type: 'CloseCampaign', campaignId: 'spring' };

function after(...commands: readonly CampaignCommand[]): CampaignState {
  let state = campaignDecider.initialState();
  for (const command of commands) {
    const decision = campaignDecider.decide(state, command);
    if (decision.kind === 'refused') throw new Error(decision.refusal.code);
    for (const event of decision.events)
      state = campaignDecider.evolve(state, event as unknown as StreamEvent);
  }
  return state;
}
const codeOf = (state: CampaignState, command: CampaignCommand): string | undefined => {
  const decision = campaignDecider.decide(state, command);
  return decision.kind === 'refused' ? decision.refusal.code : undefined;
};

describe('A campaign', () => {
  it('is planned, launched and closed, once each and in this order', () => {
    expect(codeOf(null, launch)).toBe('UNKNOWN_CAMPAIGN');
    const planned = after(plan);
    expect(codeOf(planned, plan)).toBe('ID_ALREADY_USED');
    const launched = after(plan, launch);
    expect(launched?.status).toBe('launched');
    expect(codeOf(launched, launch)).toBe('CAMPAIGN_STATE_FORBIDS');
    const closed = after(plan, launch, close);
    expect(codeOf(closed, launch)).toBe('CAMPAIGN_STATE_FORBIDS');
    expect(codeOf(closed, close)).toBe('CAMPAIGN_STATE_FORBIDS');
  });

  it('may be closed without ever having been launched', () => {
    expect(after(plan, close)?.status).toBe('closed');
  });

  it('counts its costs in the currency of its budget', () => {
    expect(codeOf(after(plan), { ...launch, cost: { amountMinor: 1, currency: 'USD' } })).toBe('CAMPAIGN_CURRENCY'); // prettier-ignore
  });

  it('does not end before it begins', () => {
    expect(codeOf(null, { ...plan, startDate: '2026-03-02', endDate: '2026-03-01' })).toBe('DATES_OUT_OF_ORDER'); // prettier-ignore
  });

  it('says whom it is meant for by rules that can be asked, or is refused with the place and the reason', () => {
    const target = { is: 'atStage', with: { stages: ['intimacy'] } };
    const decision = campaignDecider.decide(null, {
      ...plan,
      target: { all: [target, { is: 'moonIsFull' }] },
    });
    expect(decision).toMatchObject({
      refusal: { code: 'RULE_BOOK_INVALID', sentence: '$.target.all[1].is: no predicate is called "moonIsFull".' },
    }); // prettier-ignore
    expect(campaignReferenceOf('spring', after({ ...plan, target }), 'ada')).toMatchObject({ target });
  });

  it('tells a decision what it is to this customer, and nothing where nobody planned it', () => {
    expect(campaignReferenceOf('spring', after(plan, launch), 'ada')).toMatchObject({
      status: 'launched',
      objective: 'crossSell',
      purpose: 'marketing',
      attributionDays: 30,
      currency: 'EUR',
    });
    expect(campaignReferenceOf('spring', null, 'ada')).toBeUndefined();
  });
});

describe('The hold-out group', () => {
  const customers = Array.from({ length: 20_000 }, (_, index) => `customer-${index}`);

  it('holds the share planned, is the same when asked again, and another one for another campaign', () => {
    const spring = customers.filter((id) => isHeldOut('spring', id, 20));
    expect(spring.length / customers.length).toBeCloseTo(0.2, 1.9);
    expect(customers.filter((id) => isHeldOut('spring', id, 20))).toEqual(spring);
    const both = spring.filter((id) => isHeldOut('autumn', id, 20));
    expect(both.length / spring.length).toBeCloseTo(0.2, 1);
  });

  it('is nobody at 0 % and everybody at 100 %', () => {
    expect(customers.some((id) => isHeldOut('spring', id, 0))).toBe(false);
    expect(customers.every((id) => isHeldOut('spring', id, 100))).toBe(true);
  });

  it('leaves the variants to be shared out evenly among the others', () => {
    const contacted = customers.filter((id) => !isHeldOut('spring', id, 50));
    const a = contacted.filter((id) => variantFor('spring', id, ['a', 'b']) === 'a');
    expect(a.length / contacted.length).toBeCloseTo(0.5, 1.5);
    expect(variantFor('spring', 'ada', [])).toBeUndefined();
  });
});
