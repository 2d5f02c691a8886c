import { MS_PER_DAY, dayNumberOf, dayNumberOfIsoDate, isoDateOfDay, isoOf } from '@rapport/contracts';
import type { Refusal } from '@rapport/contracts';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import { refuse } from '../refuse.js';
import { capped, later, markOf, replacedAt } from '../occurrence.js';
import type { Mark, Occurrence, SliceEvolvers } from '../occurrence.js';

// Events: ContractSigned, ContractActivated, ContractAmended, ContractRenewed, ContractCancelled, ContractExpired,
// ContractTerminated. signed → active → (amended | renewed | notice)* → ended.

/** The mark is the signature. Days are whole UTC days since 1970. */
export interface ContractState extends Mark {
  readonly contractId: string;
  readonly family: string;
  readonly tier: number;
  readonly startDay: number;
  /** First day it runs; null = it awaits its activation. */
  readonly activeFromDay: number | null;
  /** Last day; null = open-ended. */
  readonly endDay: number | null;
  /** By how many days a contract that renews itself is prolonged. */
  readonly termDays: number;
  readonly autoRenew: boolean;
  /** Last day after notice was given. */
  readonly noticeDay: number | null;
}

export interface ContractsState {
  readonly active: readonly ContractState[];
  readonly endedIds: readonly string[];
  readonly endedCount: number;
  readonly lastSigned: Mark | null;
  readonly lastEnded: Mark | null;
  /** Prolonged by the customer's own decision, not by itself. */
  readonly lastRenewed: Mark | null;
  /** Notice given by the customer. */
  readonly lastNotice: Mark | null;
}

export const initialContracts: ContractsState = {
  active: [],
  endedIds: [],
  endedCount: 0,
  lastSigned: null,
  lastEnded: null,
  lastRenewed: null,
  lastNotice: null,
};

const ACTIVE_KEPT = 200;
const ENDED_KEPT = 20;
const DAYS_PER_MONTH = 365.25 / 12;

const at = (state: ContractsState, contractId: string): number =>
  state.active.findIndex((known) => known.contractId === contractId);

const termOf = (startDay: number, endDay: number | null, periodMonths: number): number =>
  endDay === null ? Math.round(periodMonths * DAYS_PER_MONTH) : Math.max(1, endDay - startDay + 1);

const withContract = (
  state: ContractsState,
  contractId: string,
  changes: Partial<ContractState>,
): ContractsState => {
  const index = at(state, contractId);
  if (index < 0) return state;
  return { ...state, active: replacedAt(state.active, index, { ...state.active[index]!, ...changes }) };
};

const ended = (state: ContractsState, contractId: string, occurrence: Occurrence): ContractsState => ({
  ...state,
  active: state.active.filter((known) => known.contractId !== contractId),
  endedIds: capped(state.endedIds, contractId, ENDED_KEPT),
  endedCount: state.endedCount + 1,
  lastEnded: later(state.lastEnded, markOf(occurrence)),
});

export const contractsEvolvers: SliceEvolvers<ContractsState> = {
  ContractSigned: (state, data, occurrence) => {
    const startDay = dayNumberOfIsoDate(data.startDate);
    const endDay = data.endDate === undefined ? null : dayNumberOfIsoDate(data.endDate);
    const contract: ContractState = {
      ...markOf(occurrence),
      contractId: data.contractId,
      family: data.productFamily ?? data.productId,
      tier: data.productTier ?? 0,
      startDay,
      activeFromDay: data.awaitsActivation ? null : startDay,
      endDay,
      termDays: termOf(startDay, endDay, data.periodMonths),
      autoRenew: data.autoRenew,
      noticeDay: null,
    };
    return {
      ...state,
      active: capped(state.active, contract, ACTIVE_KEPT),
      lastSigned: later(state.lastSigned, markOf(occurrence)),
    };
  },
  ContractActivated: (state, data) =>
    withContract(state, data.contractId, { activeFromDay: dayNumberOfIsoDate(data.activeFrom) }),
  ContractAmended: (state, data) =>
    withContract(state, data.contractId, {
      ...(data.productId === undefined
        ? {}
        : { family: data.productFamily ?? data.productId, tier: data.productTier ?? 0 }),
      ...(data.endDate === undefined ? {} : { endDay: dayNumberOfIsoDate(data.endDate) }),
      ...(data.autoRenew === undefined ? {} : { autoRenew: data.autoRenew }),
    }),
  ContractRenewed: (state, data, occurrence) => {
    const index = at(state, data.contractId);
    if (index < 0) return state;
    const endDay = dayNumberOfIsoDate(data.newEndDate);
    const contract = { ...state.active[index]!, endDay, noticeDay: null };
    return {
      ...state,
      active: replacedAt(state.active, index, contract),
      lastRenewed: data.automatic ? state.lastRenewed : later(state.lastRenewed, markOf(occurrence)),
    };
  },
  ContractCancelled: (state, data, occurrence) => {
    const index = at(state, data.contractId);
    const noticeDay = dayNumberOfIsoDate(data.effectiveDate);
    return {
      ...state,
      active:
        index < 0 ? state.active : replacedAt(state.active, index, { ...state.active[index]!, noticeDay }),
      lastNotice: data.byCustomer ? later(state.lastNotice, markOf(occurrence)) : state.lastNotice,
    };
  },
  ContractExpired: (state, data, occurrence) => ended(state, data.contractId, occurrence),
  ContractTerminated: (state, data, occurrence) => {
    const next = ended(state, data.contractId, occurrence);
    return data.byCustomer ? { ...next, lastNotice: later(next.lastNotice, markOf(occurrence)) } : next;
  },
};

/** The instant after the contract's last day (UTC), by notice or by its end; Infinity while it runs on. */
export function endsAtMs(contract: ContractState): number {
  const lastDay =
    contract.noticeDay === null
      ? contract.endDay
      : contract.endDay === null
        ? contract.noticeDay
        : Math.min(contract.noticeDay, contract.endDay);
  return lastDay === null ? Number.POSITIVE_INFINITY : (lastDay + 1) * MS_PER_DAY;
}

/** The contract that ends or renews itself first, and when; null when none ever does. */
export function nextContractEnd(
  state: ContractsState,
): { readonly contract: ContractState; readonly atMs: number } | null {
  let first: ContractState | null = null;
  let firstMs = Number.POSITIVE_INFINITY;
  for (const contract of state.active) {
    const atMs = endsAtMs(contract);
    if (atMs < firstMs) {
      first = contract;
      firstMs = atMs;
    }
  }
  return first === null ? null : { contract: first, atMs: firstMs };
}

/** Records what the calendar did to a contract that reached its last day: it ended, or it renewed itself. */
export function concludeContract(draft: Draft, contract: ContractState, atMs: number): void {
  const { contractId, noticeDay, endDay } = contract;
  if (noticeDay === null && contract.autoRenew && contract.activeFromDay !== null && endDay !== null) {
    const newEndDate = isoDateOfDay(endDay + contract.termDays);
    draft.record('ContractRenewed', { contractId, newEndDate, automatic: true }, { atMs });
    return;
  }
  const byNotice = noticeDay !== null && (endDay === null || noticeDay <= endDay);
  const lastDay = byNotice ? noticeDay : endDay!;
  draft.record(
    'ContractExpired',
    { contractId, effectiveDate: isoDateOfDay(lastDay), cause: byNotice ? 'notice' : 'endDate' },
    { atMs },
  );
}

/** Does the contract run at this instant? Signed ones that begin later or await their activation do not. */
export const isRunning = (contract: ContractState, nowMs: number): boolean =>
  contract.activeFromDay !== null && contract.activeFromDay * MS_PER_DAY <= nowMs;

type ContractCommand = CustomerCommandOf<
  | 'SignContract'
  | 'RenewContract'
  | 'CancelContract'
  | 'ActivateContract'
  | 'AmendContract'
  | 'ExpireContract'
  | 'TerminateContract'
>;

/** A date of the customer's time zone may be a day ahead of the UTC day of the command. */
const ZONE_DAYS = 1;
const inOrder = (sentence: string): Refusal => refuse('DATES_OUT_OF_ORDER', sentence);

/** ID_ALREADY_USED, DATES_OUT_OF_ORDER, UNKNOWN_CONTRACT, CONTRACT_STATE_FORBIDS, NOTHING_TO_DO. */
export function decideContracts(draft: Draft, command: ContractCommand): Refusal | undefined {
  const state = draft.state.contracts;
  const contract = state.active[at(state, command.contractId)];
  const hasEnded = state.endedIds.includes(command.contractId);
  if (command.type === 'SignContract') {
    if (contract !== undefined || hasEnded)
      return refuse('ID_ALREADY_USED', 'The customer has a contract with this id.');
    if (command.endDate !== undefined && command.endDate < command.startDate)
      return inOrder('The contract would end before it begins.');
    const product = draft.context.references?.products?.get(command.productId);
    draft.record('ContractSigned', {
      ...dataOf(command),
      ...(product === undefined ? {} : { productFamily: product.family, productTier: product.tier }),
    });
    return undefined;
  }
  if (contract === undefined) {
    if (!hasEnded) return refuse('UNKNOWN_CONTRACT', 'The customer has no such contract.');
    // The calendar went first: a contract that reached its end has just ended in this very decision.
    if (command.type === 'ExpireContract' && endsHere(draft, command.contractId)) return undefined;
    return refuse('CONTRACT_STATE_FORBIDS', 'The contract has ended.');
  }
  const today = dayNumberOf(draft.context.occurredAtMs);
  switch (command.type) {
    case 'ActivateContract': {
      const day = dayNumberOfIsoDate(command.activeFrom);
      const { activeFromDay, endDay } = contract;
      if (activeFromDay !== null && day >= activeFromDay && activeFromDay * MS_PER_DAY <= draft.clockMs)
        return refuse('CONTRACT_STATE_FORBIDS', `The contract runs since ${isoDateOfDay(activeFromDay)}.`);
      if (day > today + ZONE_DAYS) return inOrder('The contract would begin to run in the future.');
      if (endDay !== null && day > endDay) return inOrder('The contract would begin after its end.');
      draft.record('ContractActivated', dataOf(command));
      return undefined;
    }
    case 'AmendContract':
      return amend(draft, contract, command);
    case 'RenewContract': {
      const newEndDay = dayNumberOfIsoDate(command.newEndDate);
      const lastDay = contract.endDay ?? today;
      if (newEndDay <= lastDay) return inOrder(`The contract already runs until ${isoDateOfDay(lastDay)}.`);
      draft.record('ContractRenewed', dataOf(command));
      return undefined;
    }
    case 'CancelContract':
      if (contract.noticeDay !== null)
        return refuse('CONTRACT_STATE_FORBIDS', 'Notice was already given for the contract.');
      if (dayNumberOfIsoDate(command.effectiveDate) < contract.startDay)
        return inOrder('The contract would end before it begins.');
      draft.record('ContractCancelled', dataOf(command));
      return undefined;
    case 'ExpireContract': {
      const endMs = endsAtMs(contract);
      return endMs === Number.POSITIVE_INFINITY
        ? refuse('CONTRACT_STATE_FORBIDS', 'The contract has no end: give notice or terminate it.')
        : refuse(
            'CONTRACT_STATE_FORBIDS',
            `The contract runs until ${isoDateOfDay(dayNumberOf(endMs) - 1)}.`,
            {
              earliestAt: isoOf(endMs),
            },
          );
    }
    case 'TerminateContract': {
      const day = dayNumberOfIsoDate(command.effectiveDate);
      if (day > today + ZONE_DAYS)
        return inOrder('The contract would end in the future: that is a notice, not a termination.');
      if (day < Math.min(contract.startDay, dayNumberOf(contract.atMs)))
        return inOrder('The contract would end before it was signed.');
      draft.record('ContractTerminated', dataOf(command));
      return undefined;
    }
    default:
      return command satisfies never;
  }
}

const endsHere = ({ events }: Draft, contractId: string): boolean =>
  events.some(
    (event) =>
      event.type === 'ContractExpired' && (event.data as { contractId: string }).contractId === contractId,
  );

function amend(
  draft: Draft,
  contract: ContractState,
  command: CustomerCommandOf<'AmendContract'>,
): Refusal | undefined {
  const { contractId: _id, effectiveDate, reasonCode: _why, ...terms } = dataOf(command);
  if (Object.values(terms).every((term) => term === undefined))
    return refuse('NOTHING_TO_DO', 'The amendment names no term that changes.');
  const effectiveDay = dayNumberOfIsoDate(effectiveDate);
  if (effectiveDay < contract.startDay)
    return inOrder('The amendment would hold before the contract begins.');
  const endDay = terms.endDate === undefined ? contract.endDay : dayNumberOfIsoDate(terms.endDate);
  if (endDay !== null && endDay < effectiveDay)
    return inOrder('The amendment would hold only after the contract ends.');
  draft.record('ContractAmended', dataOf(command));
  return undefined;
}
