import { Scenario, complaint, contract, euro, purchase, register } from '../scenario.builder.js';
import type { CustomerCommandOf } from '../customer.commands.js';

const opportunity = (
  fields: Partial<CustomerCommandOf<'OpenOpportunity'>> = {},
): CustomerCommandOf<'OpenOpportunity'> => ({
  type: 'OpenOpportunity',
  opportunityId: 'op-1',
  initiative: 'customer',
  expected: euro(1000),
  probabilityPct: 50,
  ...fields,
});
const lead = { type: 'IdentifyLead', leadId: 'lead-1', source: 'fair' } as const;
const qualify = { type: 'QualifyLead', leadId: 'lead-1', score: 70 } as const;
const disqualify = { type: 'DisqualifyLead', leadId: 'lead-1', reasonCode: 'noBudget' } as const;
const advance = (to: 'identified' | 'qualified' | 'proposed' | 'negotiated') =>
  ({ type: 'AdvanceOpportunity', opportunityId: 'op-1', to }) as const;
const lose = { type: 'LoseOpportunity', opportunityId: 'op-1', lossReasonCode: 'price' } as const;
const win = { type: 'WinOpportunity', opportunityId: 'op-1', amount: euro(900) } as const;
const reopen = { type: 'ReopenOpportunity', opportunityId: 'op-1', initiative: 'customer' } as const;

describe('A lead', () => {
  it('is identified once, qualified once, and becomes an opportunity', () => {
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, qualify).code).toBe('UNKNOWN_LEAD');
    story.given(0, lead);
    expect(story.refusalOf(0, lead).code).toBe('ID_ALREADY_USED');
    expect(story.refusalOf(1, opportunity({ leadId: 'lead-1' }))).toMatchObject({
      code: 'LEAD_STATE_FORBIDS',
      wayOut: [{ fact: { eventType: 'LeadQualified', data: { leadId: 'lead-1' } } }],
    });
    story.given(1, qualify);
    expect(story.refusalOf(1, qualify).code).toBe('NOTHING_TO_DO');
    story.given(1, opportunity({ leadId: 'lead-1' }));
    expect(story.refusalOf(2, disqualify).code).toBe('LEAD_STATE_FORBIDS');
  });

  it('that was disqualified stays so', () => {
    const story = new Scenario().given(0, register(), lead, disqualify);
    expect(story.refusalOf(1, disqualify).code).toBe('NOTHING_TO_DO');
    expect(story.refusalOf(1, qualify)).toMatchObject({
      code: 'LEAD_STATE_FORBIDS',
      wayOut: [{ fact: { eventType: 'LeadIdentified' } }],
    });
    expect(story.refusalOf(1, opportunity({ leadId: 'lead-1' })).code).toBe('LEAD_STATE_FORBIDS');
    expect(story.refusalOf(1, opportunity({ leadId: 'other' })).code).toBe('UNKNOWN_LEAD');
  });

  it('of somebody unknown registers them at contact', () => {
    const identifiers = [{ type: 'email', value: 'new@example.com' }] as const;
    const story = new Scenario().given(0, { ...lead, registerFirst: { identifiers: [...identifiers] } });
    expect(story.types).toEqual(['CustomerRegistered', 'LeadIdentified']);
    expect(story.stage).toBe('contact');
  });

  it('is pursued by the account manager unless somebody else is named', () => {
    const story = new Scenario().given(0, register(), { type: 'AssignAccountManager', managerId: 'am-7', basis: 'manual', fromDate: '2026-01-01' }, lead); // prettier-ignore
    expect(story.lastOf('LeadIdentified').data).toMatchObject({ ownerId: 'am-7' });
    story.given(0, opportunity({ ownerId: 'am-8' }));
    expect(story.lastOf('OpportunityOpened').data).toMatchObject({ ownerId: 'am-8' });
  });
});

describe('An opportunity', () => {
  it('goes forward step by step', () => {
    const story = new Scenario().given(0, register(), opportunity());
    expect(story.refusalOf(1, advance('negotiated'))).toMatchObject({
      code: 'OPPORTUNITY_STATE_FORBIDS',
      wayOut: [
        { fact: { eventType: 'OpportunityAdvanced', data: { from: 'identified', to: 'qualified' } } },
        { fact: { eventType: 'OpportunityAdvanced', data: { from: 'qualified', to: 'proposed' } } },
      ],
    });
    story.given(1, advance('qualified'), advance('proposed'));
    expect(story.lastOf('OpportunityAdvanced').data).toMatchObject({ from: 'qualified', to: 'proposed' });
    expect(story.refusalOf(1, advance('proposed')).wayOut).toEqual([]);
    expect(story.refusalOf(1, advance('identified')).code).toBe('OPPORTUNITY_STATE_FORBIDS');
    story.given(1, advance('negotiated'), win);
    expect(story.refusalOf(1, advance('qualified')).code).toBe('OPPORTUNITY_STATE_FORBIDS');
  });

  it('is revised while it is open, and only where something changes', () => {
    const story = new Scenario().given(0, register(), opportunity());
    const revise = { type: 'ReviseOpportunity', opportunityId: 'op-1' } as const;
    expect(story.refusalOf(0, revise).code).toBe('NOTHING_TO_DO');
    story.given(0, { ...revise, probabilityPct: 80 }, lose);
    expect(story.refusalOf(0, { ...revise, probabilityPct: 90 })).toMatchObject({
      code: 'OPPORTUNITY_STATE_FORBIDS',
      wayOut: [{ fact: { eventType: 'OpportunityReopened', data: { at: 'identified' } } }],
    });
  });

  it('is reopened only when it was lost, and goes on where it was', () => {
    const story = new Scenario().given(0, register());
    expect(story.refusalOf(0, reopen).code).toBe('UNKNOWN_OPPORTUNITY');
    story.given(0, opportunity(), advance('qualified'));
    expect(story.refusalOf(0, reopen).code).toBe('OPPORTUNITY_STATE_FORBIDS');
    story.given(1, lose, reopen);
    expect(story.lastOf('OpportunityReopened').data).toMatchObject({ at: 'qualified' });
    story.given(2, advance('proposed'), win);
    expect(story.refusalOf(3, reopen).code).toBe('OPPORTUNITY_STATE_FORBIDS');
  });

  it('is reopened on our initiative only where the stage allows its kind', () => {
    const story = new Scenario()
      .given(0, register(), purchase(), opportunity({ kind: 'crossSell' }), lose, complaint('c-1', 2))
      .given(3, { type: 'ReviewRelationship' });
    expect(story.stage).toBe('deterioration');
    expect(story.refusalOf(4, { ...reopen, initiative: 'firm' }).code).toBe('STAGE_FORBIDS_CROSS_SELL');
    story.given(4, reopen);
  });

  it('says its kind by what the customer holds where no product tells it', () => {
    const kindOf = (story: Scenario, fields: Partial<CustomerCommandOf<'OpenOpportunity'>> = {}) => {
      story.given(1, opportunity(fields));
      return (story.lastOf('OpportunityOpened').data as { kind: string }).kind;
    };
    expect(kindOf(new Scenario().given(0, register()))).toBe('new');
    expect(kindOf(new Scenario().given(0, register(), contract('k-1')))).toBe('crossSell');
    expect(kindOf(new Scenario().given(0, register(), contract('k-1')), { kind: 'renewal' })).toBe('renewal');
  });

  it('gets its kind from its products, the most demanding one, whatever the caller says', () => {
    const products = [
      { productId: 'care-2', qty: 1 },
      { productId: 'em-2', qty: 1 },
    ];
    const story = new Scenario().given(0, register(), contract('k-1', { productId: 'care-1' }));
    story.given(1, opportunity({ kind: 'new', products }));
    expect(story.lastOf('OpportunityOpened').data).toMatchObject({ kind: 'crossSell' });
    story.given(1, opportunity({ opportunityId: 'op-2', products: products.slice(0, 1) }));
    expect(story.lastOf('OpportunityOpened').data).toMatchObject({ kind: 'upSell' });
  });
});
