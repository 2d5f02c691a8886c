import { dayNumberOfIsoDate } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { ownerOf } from '../_parts/owner.js';
import type { ContractRow } from './contract-book.model.js';
import { annualMinorOf, book, customer, ending, FAR_DAY, lastDayOf } from './contract-book.queries.js';

const EVENTS = [
  'ContractSigned',
  'ContractActivated',
  'ContractAmended',
  'ContractRenewed',
  'ContractCancelled',
  'ContractExpired',
  'ContractTerminated',
] as const;

/** Which contracts run, what do they bring a year, which end soon, and how many are prolonged? (S6, S11, S13) */
export const contractBook: ProjectionDefinition<ContractRow, (typeof EVENTS)[number]> = {
  name: 'contract-book',
  version: 1,
  question: 'Which contracts run, what do they bring a year, which end soon, and how many are prolonged?',
  events: EVENTS,
  keys: (event) => [`${ownerOf(event)}/${event.data.contractId}`],
  initial: (key) => {
    const slash = key.indexOf('/');
    return {
      customerId: key.slice(0, slash),
      contractId: key.slice(slash + 1),
      productId: null,
      startDay: 0,
      activeFromDay: null,
      endDay: null,
      periodMonths: 1,
      recurringMinor: 0,
      currency: null,
      autoRenew: false,
      noticeDays: 0,
      notice: null,
      ended: null,
      renewals: 0,
      automaticRenewals: 0,
      amendments: 0,
    };
  },
  evolve: (row, event) => {
    apply(row, event);
    return row;
  },
  sortedBy: ['endingDay'],
  indexes: {
    productId: (row) => row.productId,
    currency: (row) => row.currency,
    /** Far ahead while it awaits its activation. */
    runsFromDay: (row) => row.activeFromDay ?? FAR_DAY,
    /** Far ahead where no end is known: open-ended, or it renews itself. */
    runsToDay: (row) => lastDayOf(row) ?? FAR_DAY,
    /** Last day as things stand, of those that have not ended. */
    endingDay: (row) => (row.ended === null ? lastDayOf(row) : null),
    isUnderNotice: (row) => (row.notice === null ? 0 : 1),
    hasEnded: (row) => (row.ended === null ? 0 : 1),
    annualMinor: annualMinorOf,
    renewals: (row) => row.renewals,
    automaticRenewals: (row) => row.automaticRenewals,
  },
  /** Contracts are kept under their customer; two under one key are the same contract. */
  combine: (rows) => rows.reduce((a, b) => (b.renewals + b.amendments > a.renewals + a.amendments ? b : a)),
  queries: [customer, ending, book],
};

function apply(row: ContractRow, event: EventFor<(typeof EVENTS)[number]>): void {
  switch (event.type) {
    case 'ContractSigned': {
      const { data } = event;
      row.productId = data.productId;
      row.startDay = dayNumberOfIsoDate(data.startDate);
      row.activeFromDay = data.awaitsActivation ? null : row.startDay;
      row.endDay = data.endDate === undefined ? null : dayNumberOfIsoDate(data.endDate);
      row.periodMonths = data.periodMonths;
      row.autoRenew = data.autoRenew;
      row.noticeDays = data.noticeDays;
      return recurring(row, data.recurring);
    }
    case 'ContractActivated':
      row.activeFromDay = dayNumberOfIsoDate(event.data.activeFrom);
      return;
    case 'ContractAmended': {
      const { data } = event;
      row.amendments += 1;
      row.productId = data.productId ?? row.productId;
      if (data.endDate !== undefined) row.endDay = dayNumberOfIsoDate(data.endDate);
      row.periodMonths = data.periodMonths ?? row.periodMonths;
      row.autoRenew = data.autoRenew ?? row.autoRenew;
      row.noticeDays = data.noticeDays ?? row.noticeDays;
      return recurring(row, data.recurring);
    }
    case 'ContractRenewed':
      row.endDay = dayNumberOfIsoDate(event.data.newEndDate);
      row.notice = null;
      if (event.data.automatic) row.automaticRenewals += 1;
      else row.renewals += 1;
      return;
    case 'ContractCancelled': {
      const { effectiveDate, byCustomer, reasonCode } = event.data;
      row.notice = { lastDay: dayNumberOfIsoDate(effectiveDate), byCustomer, reasonCode };
      return;
    }
    case 'ContractExpired':
      row.ended = { lastDay: dayNumberOfIsoDate(event.data.effectiveDate), how: event.data.cause };
      return;
    case 'ContractTerminated':
      row.ended = { lastDay: dayNumberOfIsoDate(event.data.effectiveDate), how: 'terminated' };
      return;
  }
}

function recurring(row: ContractRow, money: { amountMinor: number; currency: string } | undefined): void {
  if (money === undefined) return;
  row.recurringMinor = money.amountMinor;
  row.currency = money.currency;
}
