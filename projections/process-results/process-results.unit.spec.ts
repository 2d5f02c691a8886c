import type { EventMetadata } from '@rapport/contracts';
import { describeProjection, eventBuilder, testCustomerId } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { ProcessName, ProcessResultsDocument } from './process-results.model.js';
import { processResults } from './process-results.projection.js';
import { customersOf, results } from './process-results.queries.js';

const by = (process: string): Partial<EventMetadata> => ({
  actor: { kind: 'system', id: `process-${process}` },
});
const ada = testCustomerId('ada');
const planned = (activityId: string) => ({ activityId, dueAt: '2026-03-03T00:00:00.000Z' });
const move = (from: 'repair' | 'contact', to: 'involvement' | 'deterioration') => ({ from, to });

describeProjection(processResults, [
  {
    it: 'counts what was done by its time, later, and not at all',
    given: (history) =>
      history
        .type('ActivityPlanned', planned('a-1'), by('enquiry-follow-up'))
        .type('ActivityPlanned', planned('a-2'), by('enquiry-follow-up'))
        .type('ActivityPlanned', planned('a-3'), by('enquiry-follow-up'))
        .type('ActivityPlanned', planned('a-4'), by('enquiry-follow-up'))
        .at('2026-03-02T00:00:00.000Z')
        .type('ActivityCompleted', { activityId: 'a-1' })
        .type('ActivityCancelled', { activityId: 'a-2' })
        .type('ActivityRescheduled', { activityId: 'a-4', dueAt: '2026-03-09T00:00:00.000Z' })
        .at('2026-03-04T00:00:00.000Z')
        .type('ActivityCompleted', { activityId: 'a-3' }),
    then: {
      [`${ada}/enquiry-follow-up`]: {
        acted: 4,
        doneInTime: 1,
        doneLate: 1,
        cancelled: 1,
        open: [{ activityId: 'a-4', dueAtMs: Date.parse('2026-03-09T00:00:00.000Z') }],
      },
      [`${ada}/welcome`]: null,
    },
  },
  {
    it: 'leaves out what people do by themselves',
    given: (history) =>
      history
        .type('ActivityPlanned', planned('a-1'))
        .type('RepairStarted', { repairId: 'r-1' })
        .type('RepairConcluded', { repairId: 'r-1', outcome: 'recovered' }),
    then: (documents) => expect(documents).toEqual({}),
  },
  {
    it: 'knows how a repair ended, by a word or by a move, and counts it once',
    given: (history) =>
      history
        .type('RepairStarted', { repairId: 'r-1' }, by('problem-management'))
        .type('RepairConcluded', { repairId: 'r-1', outcome: 'recovered' })
        .type('RelationshipStageMoved', move('repair', 'involvement'))
        .type('RepairStarted', { repairId: 'r-2' }, by('problem-management'))
        .type('RelationshipStageMoved', move('contact', 'deterioration'))
        .type('RelationshipStageMoved', move('repair', 'deterioration')),
    then: {
      [`${ada}/problem-management`]: { acted: 2, succeeded: 1, failed: 1, running: null },
    },
  },
]);

describe('The metric of a process', () => {
  const events = eventBuilder()
    .customer('ada')
    .at('2026-03-01T00:00:00.000Z')
    .type('ActivityPlanned', planned('welcome'), by('welcome'))
    .type('ActivityCompleted', { activityId: 'welcome' })
    .type('WinBackStarted', { winBackId: 'w-1' }, by('win-back'))
    .type('WinBackConcluded', { winBackId: 'w-1', outcome: 'won' })
    .customer('bob')
    .type('ActivityPlanned', planned('welcome'), by('welcome'))
    .build();
  const at = async (process: ProcessName, asOf: string) => {
    const documents = foldAll<ProcessResultsDocument>(processResults, events);
    const answer = await results.run(await readerOf(processResults, documents), {}, contextAt(asOf));
    return answer.processes.find((one) => one.process === process)!;
  };

  it('is a share of what was planned by its time, and what is overdue has missed it', async () => {
    expect((await at('welcome', '2026-03-02T00:00:00.000Z')).metric).toEqual({ name: 'welcomedInTime', value: 1, of: 1 }); // prettier-ignore
    expect(await at('welcome', '2026-03-04T00:00:00.000Z')).toMatchObject({
      customers: 2,
      open: 1,
      customersOverdue: 1,
      metric: { name: 'welcomedInTime', value: 0.5, of: 2 },
    });
  });

  it('is a share of what was concluded, and unknown before', async () => {
    expect((await at('win-back', '2026-03-04T00:00:00.000Z')).metric).toEqual({ name: 'wonBack', value: 1, of: 1 }); // prettier-ignore
    expect((await at('problem-management', '2026-03-04T00:00:00.000Z')).metric.value).toBeNull();
  });

  it('rests on customers that can be named', async () => {
    const documents = foldAll<ProcessResultsDocument>(processResults, events);
    const { rows } = await customersOf.run(
      await readerOf(processResults, documents),
      { process: 'welcome' },
      contextAt('2026-03-04T00:00:00.000Z'),
    );
    expect(rows.map(({ customerId }) => customerId).sort()).toEqual([ada, testCustomerId('bob')].sort());
  });
});
