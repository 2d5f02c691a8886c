import { describeProjection } from '@rapport/testing';
import { contextAt, CustomerEvents, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { ContractRow } from './contract-book.model.js';
import { contractBook } from './contract-book.projection.js';
import { book, customer, ending } from './contract-book.queries.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const signed = (contractId: string, fields: object = {}) => ({
  contractId,
  productId: 'care',
  startDate: '2026-01-01',
  endDate: '2026-12-31',
  periodMonths: 1,
  recurring: EUR(100),
  autoRenew: false,
  noticeDays: 30,
  ...fields,
});
const on = (day: string) => contextAt(`${day}T12:00:00.000Z`);

describeProjection(contractBook, [
  {
    it: 'follows a contract from its signature to its end',
    given: (history) =>
      history
        .type('ContractSigned', signed('k-1', { awaitsActivation: true }))
        .type('ContractActivated', { contractId: 'k-1', activeFrom: '2026-01-15' })
        .type('ContractAmended', {
          contractId: 'k-1',
          effectiveDate: '2026-02-01',
          recurring: EUR(120),
          reasonCode: 'more',
        })
        .type('ContractRenewed', { contractId: 'k-1', newEndDate: '2027-12-31' })
        .type('ContractTerminated', {
          contractId: 'k-1',
          effectiveDate: '2027-03-01',
          reasonCode: 'breach',
          byCustomer: false,
        }),
    then: {
      'ada/k-1': { recurringMinor: 120, amendments: 1, renewals: 1, ended: { how: 'terminated' } },
    },
  },
]);

describe('The contract book', () => {
  const ada = new CustomerEvents('00000000-0000-5000-8000-00000000000a')
    .record('ContractSigned', signed('k-1'))
    .record('ContractSigned', signed('k-2', { startDate: '2026-06-01', endDate: undefined }))
    .record('ContractSigned', signed('k-3', { autoRenew: true }))
    .record('ContractSigned', signed('k-4', { awaitsActivation: true, endDate: undefined }))
    .record('ContractCancelled', {
      contractId: 'k-3',
      effectiveDate: '2026-08-31',
      reasonCode: 'price',
      byCustomer: true,
    }) // prettier-ignore
    .record('ContractRenewed', { contractId: 'k-1', newEndDate: '2027-06-30' });
  const reader = () => readerOf(contractBook, foldAll<ContractRow>(contractBook, ada.events));
  const statesOn = async (day: string): Promise<Record<string, string>> => {
    const { rows } = await customer.run(await reader(), { customerId: ada.customerId }, on(day));
    return Object.fromEntries(rows.map(({ contractId, state }) => [contractId, state]));
  };

  it('tells the state of each contract on the day asked for', async () => {
    expect(await statesOn('2026-03-01')).toEqual({
      'k-1': 'running',
      'k-2': 'signed',
      'k-3': 'noticeGiven',
      'k-4': 'signed',
    });
    expect(await statesOn('2027-07-01')).toEqual({
      'k-1': 'ended',
      'k-2': 'running',
      'k-3': 'ended',
      'k-4': 'signed',
    });
  });

  it('tells until when notice can be given of a contract that renews itself', async () => {
    const renewing = new CustomerEvents(ada.customerId).record('ContractSigned', signed('k-9', { autoRenew: true })); // prettier-ignore
    const { rows } = await customer.run(
      await readerOf(contractBook, foldAll<ContractRow>(contractBook, renewing.events)),
      { customerId: ada.customerId },
      on('2026-03-01'),
    );
    expect(rows).toEqual([
      expect.objectContaining({ noticeUntil: '2026-12-01', lastDate: null, annual: EUR(1_200) }),
    ]);
  });

  it('lists what ends soon, first to end first', async () => {
    const page = await ending.run(await reader(), { withinDays: 400 }, on('2026-08-01'));
    expect(page.rows.map(({ contractId, lastDate }) => [contractId, lastDate])).toEqual([
      ['k-3', '2026-08-31'],
      ['k-1', '2027-06-30'],
    ]);
    expect((await ending.run(await reader(), { withinDays: 10 }, on('2026-08-01'))).rows).toEqual([]);
  });

  it('adds up what runs, is under notice and was prolonged', async () => {
    expect((await book.run(await reader(), {}, on('2026-07-01'))).lines).toEqual([
      {
        productId: 'care',
        currency: 'EUR',
        signed: 1,
        running: 3,
        noticeGiven: 1,
        ended: 0,
        annualMinor: 3_600,
        annualUnderNoticeMinor: 1_200,
        renewals: 1,
        automaticRenewals: 0,
        renewalRate: 1,
      },
    ]);
    const later = await book.run(await reader(), {}, on('2026-10-01'));
    expect(later.lines[0]).toMatchObject({ running: 2, ended: 1, renewalRate: 0.5 });
  });
});
