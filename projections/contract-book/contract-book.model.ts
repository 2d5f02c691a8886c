import type { ContractCancelled, ContractExpired, DataOf } from '@rapport/contracts';

/** One contract. Key: `<customerId>/<contractId>`. Days are days since 1970-01-01 UTC. */
export interface ContractRow {
  customerId: string;
  contractId: string;
  productId: string | null;
  startDay: number;
  /** First day it runs; null = it awaits its activation. */
  activeFromDay: number | null;
  /** Last day of the term; null = open-ended. */
  endDay: number | null;
  periodMonths: number;
  /** Of one period, minor units. */
  recurringMinor: number;
  currency: string | null;
  autoRenew: boolean;
  noticeDays: number;
  notice: {
    lastDay: number;
    byCustomer: boolean;
    reasonCode: DataOf<typeof ContractCancelled>['reasonCode'];
  } | null;
  ended: { lastDay: number; how: DataOf<typeof ContractExpired>['cause'] | 'terminated' } | null;
  /** Prolonged by the customer, and by itself. */
  renewals: number;
  automaticRenewals: number;
  amendments: number;
}

export const CONTRACT_STATES = ['signed', 'running', 'noticeGiven', 'ended'] as const;
export type ContractState = (typeof CONTRACT_STATES)[number];

export interface ContractAnswer {
  readonly customerId: string;
  readonly contractId: string;
  readonly productId: string | null;
  /** On the day asked for. */
  readonly state: ContractState;
  /** yyyy-mm-dd. */
  readonly startDate: string;
  readonly activeFrom: string | null;
  /** Last day by notice, end or term; null = none is known. */
  readonly lastDate: string | null;
  readonly autoRenew: boolean;
  readonly noticeDays: number;
  /** Last day on which notice can be given before it renews itself; null where it does not. */
  readonly noticeUntil: string | null;
  /** Minor units a year; null where nothing recurs. */
  readonly annual: { readonly amountMinor: number; readonly currency: string } | null;
  readonly notice: { readonly byCustomer: boolean; readonly reasonCode: string } | null;
  readonly endedBy: NonNullable<ContractRow['ended']>['how'] | null;
  readonly renewals: number;
  readonly automaticRenewals: number;
  readonly amendments: number;
}

/** Contracts of one product and currency on the day asked for. */
export interface BookLine {
  readonly productId: string | null;
  readonly currency: string | null;
  /** Signed and not running yet. */
  readonly signed: number;
  /** Running, with or without notice. */
  readonly running: number;
  /** Of the running ones: notice was given. */
  readonly noticeGiven: number;
  readonly ended: number;
  /** Minor units a year of the running ones, and of those under notice. */
  readonly annualMinor: number;
  readonly annualUnderNoticeMinor: number;
  /** Prolonged by the customer, over all contracts. */
  readonly renewals: number;
  readonly automaticRenewals: number;
  /** Terms prolonged by the customer of all that came to an end or were prolonged by them, 0 to 1; null without one. */
  readonly renewalRate: number | null;
}
