import { customerIdFor } from '@rapport/contracts';
import { describeProjection, eventBuilder } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { CampaignResultsDocument, MemberDocument } from './campaign-results.model.js';
import { campaignResults } from './campaign-results.projection.js';
import { campaigns, customer, members, results } from './campaign-results.queries.js';

const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const campaignId = 'spring';
const terms = { currency: 'EUR', attributionDays: 30 };
const sent = (variant: string, costMinor = 10) =>
  ({ contactId: 'c', campaignId, variant, channel: 'email', purpose: 'marketing', cost: eur(costMinor), ...terms }) as const; // prettier-ignore
const sale = (group: 'contacted' | 'heldOut', amountMinor: number, currency = 'EUR') =>
  ({ campaignId, group, by: 'purchase', reference: 'o', value: { amountMinor, currency } }) as const;

describeProjection(campaignResults, [
  {
    it: 'keeps a row a customer, with what became of the contacts',
    given: (history) =>
      history
        .type('CampaignContactSent', sent('a'))
        .type('CampaignContactSent', sent('a', 5))
        .type('CampaignContactDelivered', { campaignId })
        .type('CampaignContactOpened', { campaignId })
        .type('CampaignResponded', { campaignId, responseKind: 'enquiry', value: eur(500) })
        .type('CampaignConverted', sale('contacted', 900))
        .type('CampaignConverted', sale('contacted', 700, 'USD'))
        .type('CampaignOptedOut', { campaignId }),
    then: {
      'ada/spring': {
        group: 'contacted',
        variant: 'a',
        contacts: 2,
        delivered: 1,
        opened: 1,
        clicked: 0,
        responses: 1,
        costMinor: 15,
        responseValueMinor: { EUR: 500 },
        conversions: 2,
        revenueMinor: { EUR: 900, USD: 700 },
        optedOut: true,
      },
    },
  },
  {
    it: 'keeps who was left out, and who responded without having been contacted',
    given: (history) =>
      history
        .type('CampaignHeldOut', { campaignId, channel: 'email', ...terms })
        .customer('bob')
        .type('CampaignResponded', { campaignId, responseKind: 'visit', channel: 'branch' }),
    then: { 'ada/spring': { group: 'heldOut', contacts: 0 }, 'bob/spring': { group: 'uncontacted', responses: 1 } }, // prettier-ignore
  },
  {
    it: 'keeps the campaign, whose last word on its cost counts',
    given: (history) =>
      history
        .stream('campaign-spring')
        .type('CampaignPlanned', { campaignId, name: 'Spring', controlPct: 20, budget: eur(10_000) })
        .type('CampaignLaunched', { campaignId, cost: eur(4_000) })
        .type('CampaignClosed', { campaignId, cost: eur(5_000) }),
    then: (documents) =>
      expect(documents['spring']).toMatchObject({ status: 'closed', costMinor: 5_000, controlPct: 20 }),
  },
]);

describe('The results of a campaign', () => {
  /** 200 customers contacted, 30 of whom buy for 100 euros; 100 left out, 5 of whom do so too. */
  const history = eventBuilder()
    .stream('campaign-spring')
    .type('CampaignPlanned', { campaignId, name: 'Spring', objective: 'crossSell', controlPct: 33, budget: eur(100_000) })
    .type('CampaignLaunched', { campaignId, cost: eur(18_000) }); // prettier-ignore
  for (let i = 0; i < 200; i += 1) {
    history.customer(customerIdFor('test', `contacted-${i}`));
    history.type('CampaignContactSent', sent(i % 2 === 0 ? 'a' : 'b'));
    if (i < 40) history.type('CampaignResponded', { campaignId, responseKind: 'enquiry' });
    if (i < 30) history.type('CampaignConverted', sale('contacted', 10_000));
  }
  for (let i = 0; i < 100; i += 1) {
    history.customer(customerIdFor('test', `left-out-${i}`));
    history.type('CampaignHeldOut', { campaignId, channel: 'email', ...terms });
    if (i < 5) history.type('CampaignConverted', sale('heldOut', 10_000));
  }
  const events = history.build();
  const reader = () => readerOf(campaignResults, foldAll<CampaignResultsDocument>(campaignResults, events));
  const at = contextAt('2026-06-01T00:00:00.000Z');

  it('are incremental: what those contacted did less what those left out did anyway', async () => {
    const answer = (await results.run(await reader(), { campaignId }, at))!;
    expect(answer.contacted).toMatchObject({ customers: 200, contacts: 200, responded: 40, converted: 30, responseRate: 0.2, conversionRate: 0.15, revenue: eur(300_000), revenuePerCustomer: eur(1_500) }); // prettier-ignore
    expect(answer.heldOut).toMatchObject({ customers: 100, contacts: 0, converted: 5, conversionRate: 0.05 });
    expect(answer.cost).toEqual(eur(20_000));
    expect(answer.budgetUsedPct).toBe(20);
    expect(answer.costPerResponse).toEqual(eur(500));
    const effect = answer.effect!;
    expect(effect.lift).toBeCloseTo(0.1, 12);
    expect(effect.incrementalConversions).toBeCloseTo(20, 9);
    // 200 × (15.00 − 5.00) euros, of which 30 % are margin, against 200 euros of cost.
    expect(effect.incrementalRevenue).toEqual(eur(200_000));
    expect(effect.incrementalMargin).toEqual(eur(60_000));
    expect(effect.returnOnInvestment).toBeCloseTo(2, 12);
    expect(effect.costPerIncrementalConversion).toEqual(eur(1_000));
    expect(effect.isSignificant).toBe(true);
    expect(effect.liftLow).toBeGreaterThan(0);
    expect(effect.liftHigh).toBeLessThan(0.2);
  });

  it('tell the variants apart', async () => {
    const answer = (await results.run(await reader(), { campaignId }, at))!;
    expect(answer.variants.map(({ variant, customers, converted }) => [variant, customers, converted])).toEqual([['a', 100, 15], ['b', 100, 15]]); // prettier-ignore
    expect(answer.channels).toMatchObject([{ channel: 'email', customers: 200 }]);
  });

  it('claim no effect without a hold-out group, and know no campaign that nobody planned', async () => {
    const contactedOnly = events.filter(({ type, data }) => type !== 'CampaignHeldOut' && (data as { group?: string }).group !== 'heldOut'); // prettier-ignore
    const alone = await readerOf(campaignResults, foldAll<CampaignResultsDocument>(campaignResults, contactedOnly)); // prettier-ignore
    expect((await results.run(alone, { campaignId }, at))!.effect).toBeNull();
    expect(await results.run(alone, { campaignId: 'autumn' }, at)).toBeNull();
  });

  it('list campaigns, their customers, and the campaigns of a customer', async () => {
    const read = await reader();
    expect((await campaigns.run(read, {}, at)).rows).toMatchObject([{ campaignId, status: 'launched' }]);
    const page = await members.run(read, { campaignId, group: 'heldOut', limit: 10 }, at);
    expect(page.rows).toHaveLength(10);
    expect(page.next).toBeDefined();
    const customerId = customerIdFor('test', 'contacted-0');
    expect((await customer.run(read, { customerId }, at)).rows).toMatchObject([{ customerId, campaignId, group: 'contacted', variant: 'a', responses: 1, conversions: 1 }]); // prettier-ignore
  });

  it('count a merged customer once, as contacted if any of them was', () => {
    const documents = foldAll<CampaignResultsDocument>(campaignResults, events);
    const contacted = documents.get(`${customerIdFor('test', 'contacted-0')}/spring`)!;
    const leftOut = documents.get(`${customerIdFor('test', 'left-out-0')}/spring`)!;
    const both = campaignResults.combine!([leftOut, contacted]) as MemberDocument;
    expect(both).toMatchObject({ group: 'contacted', contacts: 1, conversions: 2, revenueMinor: { EUR: 20_000 } }); // prettier-ignore
    expect(campaignResults.combine!([contacted, leftOut])).toEqual(both);
  });
});
