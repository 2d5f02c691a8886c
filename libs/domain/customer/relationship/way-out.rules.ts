import { MS_PER_DAY } from '@rapport/contracts';
import type { Stage, WayOut } from '@rapport/contracts';
import type { Exit, RuleBook } from '../../rule-book/rule-book.js';
import type { CustomerState } from '../customer.state.js';
import { exitsOf, targetOf } from './relationship.rules.js';
import { isPositive } from './relationship.state.js';

/** The instant from which time alone has satisfied everything; absent when a fact is needed too. */
export function earliestOf(wayOut: readonly WayOut[]): { readonly earliestAt?: string } {
  if (wayOut.length === 0 || wayOut.some((way) => way.fact !== undefined || way.earliestAt === undefined))
    return {};
  return {
    earliestAt: wayOut
      .map((way) => way.earliestAt!)
      .sort()
      .at(-1)!,
  };
}

/** A fact that two rules ask for is named once, by the first. */
export function eachOnce(wayOut: readonly WayOut[]): readonly WayOut[] {
  const seen = new Set<string>();
  return wayOut.filter((way) => {
    if (way.fact?.data === undefined || way.choice !== undefined) {
      if (way.fact?.data !== undefined) seen.add(JSON.stringify(way.fact));
      return true;
    }
    const fact = JSON.stringify(way.fact);
    return !seen.has(fact) && seen.add(fact);
  });
}

/** The customer as they would be on entering a stage now: what the next guards on the way are asked about. */
export function onEntering(state: CustomerState, stage: Stage, nowMs: number): CustomerState {
  const { relationship } = state;
  const here = { atMs: nowMs, seq: state.seq };
  const fromRepair = relationship.stage === 'repair' && isPositive(stage);
  return {
    ...state,
    relationship: {
      ...relationship,
      stage,
      sinceMs: nowMs,
      reasonCode: '',
      countingFrom: here,
      settled: fromRepair || relationship.stage === 'dissolution' ? here : relationship.settled,
      recoveredAtMs: fromRepair ? nowMs : relationship.recoveredAtMs,
      repair:
        stage !== 'repair'
          ? null
          : (relationship.repair ?? {
              atMs: nowMs,
              seq: state.seq,
              id: '',
              repairId: '',
              ownerId: '',
              caseIds: state.service.cases
                .filter((known) => known.resolved === null && known.status !== 'accepted')
                .map((known) => known.caseId),
              contactAttempts: [],
              dueAtMs: nowMs + 30 * MS_PER_DAY,
            }),
    },
  };
}

/** Damage that would undo the arrival at once: what ends it. Named first, since it has to be over on arrival. */
export function endOfDamage(arrived: CustomerState, ruleBook: RuleBook, nowMs: number): readonly WayOut[] {
  return exitsOf(arrived, ruleBook)
    .filter(
      (exit) => targetOf(exit, arrived) === 'deterioration' && exit.guard.when.isMet(arrived, nowMs, {}),
    )
    .flatMap((exit) =>
      exit.guard.when
        .toEnd(arrived, nowMs, {})
        .map((way) => ({ ...way, rule: `no ${exit.guard.name}: ${way.rule}` })),
    );
}

interface Hop {
  readonly from: CustomerState;
  readonly exit: Exit;
}

/** Shortest way through the stages that does not lead through damage or an ending; undefined when there is none. */
export function pathTo(
  state: CustomerState,
  ruleBook: RuleBook,
  isGoal: (stage: Stage) => boolean,
  nowMs: number,
): { readonly hops: readonly Hop[]; readonly goal: CustomerState } | undefined {
  let paths: { readonly hops: readonly Hop[]; readonly goal: CustomerState }[] = [{ hops: [], goal: state }];
  const seen = new Set<Stage>([state.relationship.stage]);
  while (paths.length > 0) {
    const next: typeof paths = [];
    for (const path of paths)
      for (const exit of exitsOf(path.goal, ruleBook)) {
        const to = targetOf(exit, path.goal);
        if (seen.has(to) || to === 'deterioration' || to === 'dissolution') continue;
        seen.add(to);
        const hops = [...path.hops, { from: path.goal, exit }];
        const found = { hops, goal: onEntering(path.goal, to, nowMs) };
        if (isGoal(to)) return found;
        next.push(found);
      }
    paths = next;
  }
  return undefined;
}
