import { Type } from '@sinclair/typebox';
import { dayNumberOf, isoDateOfDay } from '@rapport/contracts';
import type { Condition, GroupRow, NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { rowsOfCustomer } from '../_parts/rows-of-customer.js';
import type { BookLine, ContractAnswer, ContractRow, ContractState } from './contract-book.model.js';

/** A day after every contract: the year 9999. */
export const FAR_DAY = 2_932_896;
const MONTHS_PER_YEAR = 12;

/** Last day as things stand: by its end, notice or term; null where none is known. */
export function lastDayOf(row: ContractRow): number | null {
  if (row.ended) return row.ended.lastDay;
  if (row.notice) return row.endDay === null ? row.notice.lastDay : Math.min(row.notice.lastDay, row.endDay);
  return row.autoRenew && row.activeFromDay !== null ? null : row.endDay;
}

/** What recurs in a year, minor units. */
export const annualMinorOf = (row: ContractRow): number =>
  Math.round((row.recurringMinor * MONTHS_PER_YEAR) / row.periodMonths);

/** What the contract is on a day: a review may still have to record its end. */
export function stateOf(row: ContractRow, day: number): ContractState {
  const lastDay = lastDayOf(row);
  if (lastDay !== null && lastDay < day) return 'ended';
  // Terminated on the day itself: it ends with the day, and nobody counts on it any more.
  if (row.ended) return 'ended';
  if (row.activeFromDay === null || row.activeFromDay > day) return 'signed';
  return row.notice ? 'noticeGiven' : 'running';
}

function answerOf(row: ContractRow, day: number): ContractAnswer {
  const lastDay = lastDayOf(row);
  const renewsItself = row.autoRenew && row.notice === null && row.ended === null && row.endDay !== null;
  return {
    customerId: row.customerId,
    contractId: row.contractId,
    productId: row.productId,
    state: stateOf(row, day),
    startDate: isoDateOfDay(row.startDay),
    activeFrom: row.activeFromDay === null ? null : isoDateOfDay(row.activeFromDay),
    lastDate: lastDay === null ? null : isoDateOfDay(lastDay),
    autoRenew: row.autoRenew,
    noticeDays: row.noticeDays,
    noticeUntil: renewsItself ? isoDateOfDay(row.endDay! - row.noticeDays) : null,
    annual: row.currency === null ? null : { amountMinor: annualMinorOf(row), currency: row.currency },
    notice: row.notice && { byCustomer: row.notice.byCustomer, reasonCode: row.notice.reasonCode },
    endedBy: row.ended?.how ?? null,
    renewals: row.renewals,
    automaticRenewals: row.automaticRenewals,
    amendments: row.amendments,
  };
}

/** Which contracts does this customer have, latest end first? */
export const customer = rowsOfCustomer<ContractRow, ContractAnswer>(
  'Which contracts does this customer have, those that run longest first?',
  ['runsToDay', 'desc'],
  ({ document }, { asOfMs }) => answerOf(document, dayNumberOf(asOfMs)),
);

const productParam = Type.Optional(
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description: 'only this product' }),
);
const DEFAULT_WITHIN_DAYS = 90;
const EndingParams = Type.Object(
  {
    withinDays: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 3_650, description: 'days from the day asked for; default 90' }),
    ),
    productId: productParam,
  },
  { additionalProperties: false },
);

const ofProduct = (productId: string | undefined): Condition[] =>
  productId === undefined ? [] : [{ index: 'productId', op: '=', value: productId }];

/** Which contracts end within these days unless somebody prolongs them, first to end first? */
export const ending: NamedQuery<ContractRow, typeof EndingParams, Page<ContractAnswer>> = {
  name: 'ending',
  question: 'Which contracts end within these days unless somebody prolongs them?',
  scope: 'list',
  params: EndingParams,
  run: (reader, params, { asOfMs }) => {
    const today = dayNumberOf(asOfMs);
    const until = today + (params.withinDays ?? DEFAULT_WITHIN_DAYS);
    return pageOf(
      reader,
      {
        where: [
          ...ofProduct(params.productId),
          { index: 'endingDay', op: '>=', value: today },
          { index: 'endingDay', op: '<=', value: until },
        ],
        orderBy: [{ index: 'endingDay', direction: 'asc' }],
      },
      params,
      ({ document }) => answerOf(document, today),
    );
  },
};

const BookParams = Type.Object({ productId: productParam }, { additionalProperties: false });

/** How many contracts run of each product, what do they bring a year, and how many are prolonged? */
export const book: NamedQuery<ContractRow, typeof BookParams, { readonly lines: readonly BookLine[] }> = {
  name: 'book',
  question: 'How many contracts run of each product, what do they bring a year, and how many are prolonged?',
  scope: 'figures',
  params: BookParams,
  run: async (reader, params, { asOfMs }) => {
    const today = dayNumberOf(asOfMs);
    const groupBy = ['productId', 'currency'];
    const where = ofProduct(params.productId);
    const notOver: Condition[] = [
      { index: 'hasEnded', op: '=', value: 0 },
      { index: 'runsToDay', op: '>=', value: today },
    ];
    const begun: Condition = { index: 'runsFromDay', op: '<=', value: today };
    const group = (more: readonly Condition[], by: readonly string[] = groupBy) =>
      reader.group({
        groupBy: by,
        where: [...where, ...more],
        sum: ['annualMinor', 'renewals', 'automaticRenewals'],
      });
    const [all, running, signed] = await Promise.all([
      group([]),
      group([...notOver, begun], [...groupBy, 'isUnderNotice']),
      group([...notOver, { index: 'runsFromDay', op: '>', value: today }]),
    ]);
    const lines = all.map((row): BookLine => {
      const same = (other: GroupRow): boolean =>
        other.group['productId'] === row.group['productId'] &&
        other.group['currency'] === row.group['currency'];
      const ofRow = running.filter(same);
      const underNotice = ofRow.find((one) => one.group['isUnderNotice'] === 1);
      const countRunning = ofRow.reduce((sum, one) => sum + one.count, 0);
      const countSigned = signed.find(same)?.count ?? 0;
      const ended = row.count - countRunning - countSigned;
      const renewals = row.sums['renewals'] ?? 0;
      return {
        productId: row.group['productId'] as string | null,
        currency: row.group['currency'] as string | null,
        signed: countSigned,
        running: countRunning,
        noticeGiven: underNotice?.count ?? 0,
        ended,
        annualMinor: ofRow.reduce((sum, one) => sum + (one.sums['annualMinor'] ?? 0), 0),
        annualUnderNoticeMinor: underNotice?.sums['annualMinor'] ?? 0,
        renewals,
        automaticRenewals: row.sums['automaticRenewals'] ?? 0,
        renewalRate: renewals + ended === 0 ? null : renewals / (renewals + ended),
      };
    });
    const nameOf = (line: BookLine): string => `${line.productId ?? ''} ${line.currency ?? ''}`;
    return { lines: lines.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)) };
  },
};
