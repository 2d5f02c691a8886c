import type { Draft } from '../draft.js';
import type { PromiseState, TouchPointsState } from './touch-points.state.js';

/** The reason code of a promise that nobody called broken: its time and the days of grace passed. */
export const OVERDUE = 'overdue';

/** An open promise of ours that the calendar breaks next, and when (epoch ms). */
export interface PromiseEnd {
  readonly promise: PromiseState;
  readonly atMs: number;
}

/**
 * The promise of ours that counts as broken first unless it is kept before; null when none is open. What a customer
 * promised is never broken by the calendar: that we know of nothing does not say that they did not keep it.
 */
export function nextPromiseEnd(state: TouchPointsState, graceMs: number): PromiseEnd | null {
  let first: PromiseEnd | null = null;
  for (const promise of state.promises) {
    if (promise.by !== 'firm' || promise.broken !== null) continue;
    // One that was due before it was made was broken when it was made.
    const atMs = Math.max(promise.atMs, promise.dueAtMs + graceMs);
    if (first === null || atMs < first.atMs) first = { promise, atMs };
  }
  return first;
}

/** Records that a promise of ours was not kept in its time. */
export const breakPromise = (draft: Draft, { promise, atMs }: PromiseEnd): void =>
  draft.record(
    'PromiseBroken',
    { promiseId: promise.promiseId, reasonCode: OVERDUE },
    { atMs, byRuleBook: true },
  );
