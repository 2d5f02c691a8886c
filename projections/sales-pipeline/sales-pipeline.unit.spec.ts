import { epochMsOf, isoOf, MS_PER_DAY } from '@rapport/contracts';
import { describeProjection, eventBuilder, testCustomerId } from '@rapport/testing';
import type { RecordedEvent } from '@rapport/contracts';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { SalesPipelineDocument } from './sales-pipeline.model.js';
import { salesPipeline } from './sales-pipeline.projection.js';
import { forecast, leadSources, leads, opportunities, pipeline, winRate } from './sales-pipeline.queries.js';

const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const day = (n: number): string => isoOf(epochMsOf('2026-01-01T00:00:00.000Z') + n * MS_PER_DAY);
const opened = (opportunityId: string, expectedMinor: number, probabilityPct: number, fields = {}) =>
  ({ opportunityId, kind: 'new', initiative: 'firm', expected: eur(expectedMinor), probabilityPct, ...fields }) as const; // prettier-ignore

describeProjection(salesPipeline, [
  {
    it: 'keeps a row an opportunity, as it was last revised and advanced',
    given: (history) =>
      history
        .type('OpportunityOpened', opened('op-1', 1_000, 40, { ownerId: 'am-1' }))
        .type('OpportunityAdvanced', { opportunityId: 'op-1', from: 'identified', to: 'qualified' })
        .type('OpportunityRevised', { opportunityId: 'op-1', probabilityPct: 60, expectedCloseDate: '2026-03-31' }), // prettier-ignore
    then: {
      'ada/o:op-1': { stage: 'qualified', status: 'open', expectedMinor: 1_000, probabilityPct: 60, expectedCloseDate: '2026-03-31', ownerId: 'am-1' },
    }, // prettier-ignore
  },
  {
    it: 'keeps a row a lead, which knows that an opportunity came of it',
    given: (history) =>
      history
        .type('LeadIdentified', { leadId: 'l-1', source: 'fair', score: 40 })
        .type('LeadQualified', { leadId: 'l-1', score: 70 })
        .type('OpportunityOpened', opened('op-1', 1_000, 40, { leadId: 'l-1' })),
    then: {
      'ada/l:l-1': { status: 'opened', source: 'fair', score: 70 },
      'ada/o:op-1': { leadId: 'l-1', status: 'open' },
    },
  },
  {
    it: 'forgets why it was lost when it is reopened',
    given: (history) =>
      history
        .type('OpportunityOpened', opened('op-1', 1_000, 40))
        .type('OpportunityLost', { opportunityId: 'op-1', lossReasonCode: 'price', competitor: 'acme' })
        .type('OpportunityReopened', { opportunityId: 'op-1', initiative: 'customer', at: 'proposed' }),
    then: {
      'ada/o:op-1': { status: 'open', stage: 'proposed', decidedMs: null, lossReasonCode: null, competitor: null, reopened: 1 },
    }, // prettier-ignore
  },
]);

describe('The questions of the sales pipeline', () => {
  const events = eventBuilder()
    .customer('ada')
    .at(day(0))
    .type('OpportunityOpened', opened('op-1', 1_000, 50, { ownerId: 'am-1', expectedCloseDate: '2026-03-10' }))
    .type('OpportunityOpened', opened('op-2', 3_000, 10, { ownerId: 'am-2', expectedCloseDate: '2026-03-20' }))
    .type('OpportunityAdvanced', { opportunityId: 'op-2', from: 'identified', to: 'qualified' })
    .type('OpportunityOpened', opened('op-3', 700, 100, { ownerId: 'am-1', kind: 'crossSell' }))
    .at(day(10))
    .type('OpportunityWon', { opportunityId: 'op-3', amount: eur(650), margin: eur(200) })
    .customer('bob')
    .at(day(1))
    .type('OpportunityOpened', opened('op-1', 400, 20, { ownerId: 'am-1' }))
    .at(day(3))
    .type('OpportunityLost', { opportunityId: 'op-1', lossReasonCode: 'price', competitor: 'acme' })
    .type('OpportunityOpened', opened('op-2', 500, 20, { ownerId: 'am-2' }))
    .at(day(5))
    .type('OpportunityLost', { opportunityId: 'op-2', lossReasonCode: 'noBudget' })
    .type('OpportunityOpened', opened('op-4', 100, 20, { ownerId: 'am-2' }))
    .at(day(25))
    .type('OpportunityWon', { opportunityId: 'op-4', amount: eur(90) })
    .at(day(2))
    .type('LeadIdentified', { leadId: 'l-1', source: 'fair', score: 10 })
    .type('LeadIdentified', { leadId: 'l-2', source: 'fair', score: 20 })
    .type('LeadDisqualified', { leadId: 'l-2', reasonCode: 'noNeed' })
    .type('LeadIdentified', { leadId: 'l-3', source: 'website', score: 30 })
    .type('LeadQualified', { leadId: 'l-3' })
    .type('OpportunityOpened', opened('op-5', 100, 20, { leadId: 'l-3' }))
    .build(); // prettier-ignore
  const reader = (given: readonly RecordedEvent[] = events) =>
    readerOf(salesPipeline, foldAll<SalesPipelineDocument>(salesPipeline, given));
  const at = contextAt('2026-03-15T00:00:00.000Z');

  it('say what is open by stage and owner, and what it is worth weighted', async () => {
    const answer = await pipeline.run(await reader(), {}, at);
    expect(answer.rows).toEqual([
      { stage: 'identified', ownerId: 'am-1', opportunities: 1, expected: eur(1_000), weighted: eur(500) },
      { stage: 'identified', ownerId: null, opportunities: 1, expected: eur(100), weighted: eur(20) },
      { stage: 'qualified', ownerId: 'am-2', opportunities: 1, expected: eur(3_000), weighted: eur(300) },
    ]);
    expect(answer.totals).toEqual([{ opportunities: 3, expected: eur(4_100), weighted: eur(820) }]);
    const own = await pipeline.run(await reader(), { ownerId: 'am-2' }, at);
    expect(own.totals).toEqual([{ opportunities: 1, expected: eur(3_000), weighted: eur(300) }]);
  });

  it('forecast by month of the expected decision, beside what was won, and name what is overdue', async () => {
    const answer = await forecast.run(await reader(), {}, at);
    expect(answer.months).toEqual([
      { month: '2026-01', currency: 'EUR', open: 0, expected: eur(0), weighted: eur(0), won: 2, wonAmount: eur(740) },
      { month: '2026-03', currency: 'EUR', open: 2, expected: eur(4_000), weighted: eur(800), won: 0, wonAmount: eur(0) },
      { month: null, currency: 'EUR', open: 1, expected: eur(100), weighted: eur(20), won: 0, wonAmount: eur(0) },
    ]); // prettier-ignore
    expect(answer.overdue).toEqual([{ opportunities: 1, expected: eur(1_000) }]);
  });

  it('tell the win rate, how long winning takes, and why the others were lost', async () => {
    const answer = await winRate.run(await reader(), {}, at);
    expect(answer.all).toEqual({ won: 2, lost: 2, winRate: 0.5, meanDaysToWin: 15, medianDaysToWin: 15 });
    expect(answer.byOwner.map(({ ownerId, winRate }) => [ownerId, winRate])).toEqual([['am-1', 0.5], ['am-2', 0.5]]); // prettier-ignore
    expect(answer.byKind.map(({ kind, won, lost }) => [kind, won, lost])).toEqual([['crossSell', 1, 0], ['new', 1, 2]]); // prettier-ignore
    expect(answer.won).toEqual([{ opportunities: 2, amount: eur(740), margin: eur(200) }]);
    expect(answer.lossReasons.map(({ share }) => share)).toEqual([0.5, 0.5]);
    expect(answer.competitors).toEqual([{ competitor: 'acme', opportunities: 1 }]);
    const later = await winRate.run(await reader(), { from: '2026-01-20', to: '2026-01-31' }, at);
    expect(later.all).toMatchObject({ won: 1, lost: 0, winRate: 1, medianDaysToWin: 20 });
    const never = await winRate.run(await reader(), { from: '2027-01-01' }, at);
    expect(never.all).toEqual({ won: 0, lost: 0, winRate: null, meanDaysToWin: null, medianDaysToWin: null });
  });

  it('list what is open with the next decision first', async () => {
    const { rows } = await opportunities.run(await reader(), { ownerId: 'am-1' }, at);
    expect(rows).toMatchObject([
      { customerId: testCustomerId('ada'), opportunityId: 'op-1', overdue: true, daysInStage: 73 },
    ]);
    const lost = await opportunities.run(await reader(), { status: 'lost' }, at);
    expect(lost.rows).toHaveLength(2);
  });

  it('compare the sources of leads, and list those that wait', async () => {
    const { sources } = await leadSources.run(await reader(), {}, at);
    expect(sources).toMatchObject([
      { source: 'fair', leads: 2, identified: 1, disqualified: 1, opened: 0, conversionRate: 0 },
      { source: 'website', leads: 1, opened: 1, conversionRate: 1 },
    ]);
    const { rows } = await leads.run(await reader(), {}, at);
    expect(rows).toMatchObject([{ leadId: 'l-1', source: 'fair', daysWaiting: 71 }]);
  });
});
