import { describeProjection } from '@rapport/testing';
import type { Stage } from '@rapport/contracts';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { StrategicAccountsDocument } from './strategic-accounts.model.js';
import { strategicAccounts } from './strategic-accounts.projection.js';
import { accounts, alerts, customer, figures, prospects } from './strategic-accounts.queries.js';

const customerNumber = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const AT = contextAt('2026-03-01T00:00:00.000Z');
const euro = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

const registered = (n: number, needLevel?: number): CustomerEvents => {
  const one = new CustomerEvents(customerNumber(n)).record('CustomerRegistered', { roles: ['customer'], identifiers: [{ type: 'customerNo', value: 'pv1.x' }], acquisitionChannel: 'web' }); // prettier-ignore
  return needLevel === undefined
    ? one
    : one.record('NeedLevelAssessed', { level: needLevel, assessorId: 'am-1', reason: 'pv1.r' });
};
const designated = (
  one: CustomerEvents,
  standing: 'candidate' | 'strategic',
  sponsorId: string,
  more: object = {},
): CustomerEvents =>
  one.record('StrategicAccountDesignated', {
    standing,
    needLevel: 6,
    sponsorId,
    jointProblems: [],
    reason: 'pv1.r',
    ruleBookVersion: 'default-1',
    ...more,
  });
const moved = (one: CustomerEvents, from: Stage, to: Stage, at: string): CustomerEvents =>
  one.record('RelationshipStageMoved', { from, to, trigger: 'fact', reasonCode: 'lowNps', evidence: [], ruleBookVersion: 'default-1', daysInStage: 1 }, { at }); // prettier-ignore
const documentsOf = (...customers: CustomerEvents[]): Map<string, StrategicAccountsDocument> =>
  foldAll<StrategicAccountsDocument>(strategicAccounts, customers.flatMap(({ events }) => events)); // prettier-ignore

describe('Strategic accounts', () => {
  it('are listed by level of need, with what was done together, whoever buys most', async () => {
    const reader = await readerOf(
      strategicAccounts,
      documentsOf(
        designated(registered(1, 5), 'candidate', 'board-1'),
        designated(registered(2, 6), 'strategic', 'board-2', {
          jointInvestment: euro(500),
          jointProblems: [{ problemId: 'packaging', solvedOn: '2026-01-01' }, { problemId: 'waste' }],
        }),
        registered(3, 6),
        registered(4),
      ),
    );
    const page = await accounts.run(reader, {}, AT);
    expect(page.rows.map((row) => [row.customerId, row.standing])).toEqual([
      [customerNumber(2), 'strategic'],
      [customerNumber(1), 'candidate'],
    ]);
    expect(page.rows[0]).toMatchObject({ jointInvestment: [euro(500)], problemsSolved: 1, sponsorId: 'board-2' }); // prettier-ignore
    expect((await accounts.run(reader, { standing: 'candidate' }, AT)).rows).toHaveLength(1);
    expect((await prospects.run(reader, {}, AT)).rows.map((row) => row.customerId)).toEqual([customerNumber(3)]); // prettier-ignore
    expect(await figures.run(reader, {}, AT)).toEqual({
      needLevels: [
        { needLevel: 6, customers: 2 },
        { needLevel: 5, customers: 1 },
        { needLevel: null, customers: 1 },
      ],
      standings: [
        { standing: 'strategic', customers: 1, withAlert: 0 },
        { standing: 'candidate', customers: 1, withAlert: 0 },
      ],
      sponsors: [
        { sponsorId: 'board-1', accounts: 1, withAlert: 0 },
        { sponsorId: 'board-2', accounts: 1, withAlert: 0 },
      ],
    });
  });

  it('alert the sponsor when they deteriorate and keep their standing', async () => {
    const one = moved(designated(registered(1, 6), 'strategic', 'board-1'), 'involvement', 'deterioration', '2026-02-20T00:00:00.000Z'); // prettier-ignore
    const unnamed = moved(registered(2, 6), 'involvement', 'deterioration', '2026-02-20T00:00:00.000Z');
    const reader = await readerOf(strategicAccounts, documentsOf(one, unnamed));
    const page = await alerts.run(reader, { sponsorId: 'board-1' }, AT);
    expect(page.rows).toMatchObject([
      {
        customerId: customerNumber(1),
        standing: 'strategic',
        alert: { since: '2026-02-20T00:00:00.000Z', stage: 'deterioration', reasonCode: 'lowNps' },
        daysInStage: 9,
      },
    ]);
    expect((await alerts.run(reader, { sponsorId: 'board-9' }, AT)).rows).toEqual([]);
    moved(one, 'deterioration', 'repair', '2026-02-21T00:00:00.000Z');
    expect((await alerts.run(await readerOf(strategicAccounts, documentsOf(one)), {}, AT)).rows).toHaveLength(1); // prettier-ignore
    moved(one, 'repair', 'involvement', '2026-02-25T00:00:00.000Z');
    const healed = await readerOf(strategicAccounts, documentsOf(one));
    expect((await alerts.run(healed, {}, AT)).rows).toEqual([]);
    const answer = await customer.run(healed, { customerId: customerNumber(1) }, AT);
    expect(answer).toMatchObject({ standing: 'strategic', alerts: [{ from: 'involvement', endedAt: '2026-02-25T00:00:00.000Z' }] }); // prettier-ignore
  });

  it('show joint projects with the return of the customer', async () => {
    const one = designated(registered(1, 6), 'strategic', 'board-1')
      .record('CoCreationStarted', { projectId: 'p-1', role: 'coInvestor', rightsSharePct: 20 })
      .record('CoCreationContributed', { projectId: 'p-1', kind: 'investment', value: euro(1_000) })
      .record('CoCreationContributed', { projectId: 'p-1', kind: 'problemSolved', hours: 5 })
      .record('CoCreationStarted', { projectId: 'p-2', role: 'betaTester' })
      .record('CoCreationEnded', { projectId: 'p-1', outcome: 'launched', customerReturn: euro(3_000) });
    const answer = await customer.run(await readerOf(strategicAccounts, documentsOf(one)), { customerId: customerNumber(1) }, AT); // prettier-ignore
    expect(answer).toMatchObject({
      runningProjects: 1,
      problemsSolved: 1,
      customerReturn: [euro(3_000)],
      projects: [
        {
          projectId: 'p-1',
          status: 'ended',
          outcome: 'launched',
          rightsSharePct: 20,
          contributions: 2,
          hours: 5,
          contributed: [euro(1_000)],
          customerReturn: [euro(3_000)],
        },
        { projectId: 'p-2', status: 'running', customerReturn: [] },
      ],
    });
  });

  it('of a merged customer keep the higher standing and add up what was made together, in any order', () => {
    const documents = [
      ...documentsOf(
        designated(registered(1, 5), 'candidate', 'board-1', { jointInvestment: euro(1) }),
        designated(registered(2, 6), 'strategic', 'board-2', { jointInvestment: euro(2) }).record(
          'CoCreationContributed',
          { projectId: 'p-1', kind: 'idea' },
        ),
        registered(3).record('CoCreationContributed', { projectId: 'p-1', kind: 'test', hours: 2 }),
      ).values(),
    ];
    const combined = strategicAccounts.combine!(documents);
    expect(combined).toMatchObject({
      designation: { standing: 'strategic', sponsorId: 'board-2' },
      jointInvestmentMinor: { EUR: 3 },
      projects: [{ projectId: 'p-1', contributions: 2, hours: 2 }],
    });
    expect(strategicAccounts.combine!([...documents].reverse())).toEqual(combined);
  });
});

describeProjection(strategicAccounts, [
  {
    it: 'loses the standing only when a person withdraws it',
    given: (history) =>
      history
        .type('StrategicAccountDesignated')
        .type('RelationshipStageMoved', { from: 'involvement', to: 'dissolution' })
        .type('StrategicAccountWithdrawn'),
    then: { ada: { designation: null, alerts: [{ to: 'dissolution' }] } },
  },
]);
