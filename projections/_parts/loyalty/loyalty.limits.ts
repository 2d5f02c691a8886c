import type { ContractHeld } from './loyalty.model.js';

/** Enough gaps for a median; the first day stays, because it tells how long they have been coming. */
export const PURCHASE_DAYS_KEPT = 60;
/** More contracts than that run at once with hardly anybody; those that ended first go first. */
export const CONTRACTS_KEPT = 20;

/** The sorted days with another one, each once; of too many the first and the latest. */
export function withDay(days: readonly number[], day: number): number[] {
  if (days.includes(day)) return [...days];
  const sorted = [...days, day].sort((a, b) => a - b);
  return sorted.length <= PURCHASE_DAYS_KEPT ? sorted : [sorted[0]!, ...sorted.slice(2)];
}

/** The contracts that end last. */
export function keepContracts(contracts: readonly ContractHeld[]): ContractHeld[] {
  if (contracts.length <= CONTRACTS_KEPT) return [...contracts];
  return [...contracts]
    .sort(
      (a, b) =>
        (a.endDay ?? Infinity) - (b.endDay ?? Infinity) ||
        a.startDay - b.startDay ||
        (a.contractId < b.contractId ? -1 : 1),
    )
    .slice(-CONTRACTS_KEPT);
}
