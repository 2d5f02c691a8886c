import { Type } from '@sinclair/typebox';
import { MS_PER_DAY, STAGES } from '@rapport/contracts';
import type { PromiseState } from '../../customer/touch-points/touch-points.state.js';
import type { ContractState } from '../../customer/contracts/contracts.decider.js';
import { oneOf } from '../one-of.js';
import { definePredicate } from './predicate.js';
import type { RelationshipView } from './predicate.js';

// Questions of next-best-action rules: they ask when something is worth doing, and nobody waits for them to turn.

const days = (description: string) => Type.Integer({ minimum: 0, maximum: 36_500, description });

export const stageIs = definePredicate({
  name: 'stageIs',
  meaning: 'The relationship stands at one of these stages.',
  params: Type.Object(
    {
      stages: Type.Array(oneOf(STAGES, 'stage'), {
        minItems: 1,
        uniqueItems: true,
        description: 'stages',
      }),
    },
    { additionalProperties: false },
  ),
  isMet: (view, params) => params.stages.includes(view.relationship.stage),
});

const openPromises = (view: RelationshipView, withinDays: number, nowMs: number): readonly PromiseState[] =>
  view.touchPoints.promises.filter(
    ({ by, dueAtMs }) => by === 'firm' && dueAtMs <= nowMs + withinDays * MS_PER_DAY,
  );

export const ourPromiseDue = definePredicate({
  name: 'ourPromiseDue',
  meaning: 'A promise of ours that was not kept yet is due within so many days, or overdue.',
  params: Type.Object({ days: days('days ahead') }, { additionalProperties: false }),
  isMet: (view, params, nowMs) => openPromises(view, params.days, nowMs).length > 0,
  evidence: (view, params, nowMs) => openPromises(view, params.days, nowMs),
});

const ending = (view: RelationshipView, withinDays: number, nowMs: number): readonly ContractState[] =>
  view.contracts.active.filter(
    ({ endDay, noticeDay, autoRenew }) =>
      endDay !== null &&
      noticeDay === null &&
      !autoRenew &&
      (endDay + 1) * MS_PER_DAY <= nowMs + withinDays * MS_PER_DAY,
  );

export const contractEndsWithin = definePredicate({
  name: 'contractEndsWithin',
  meaning: 'A contract that does not renew itself ends within so many days.',
  params: Type.Object({ days: days('days ahead') }, { additionalProperties: false }),
  isMet: (view, params, nowMs) => ending(view, params.days, nowMs).length > 0,
  evidence: (view, params, nowMs) => ending(view, params.days, nowMs),
});

export const needLevelAtLeast = definePredicate({
  name: 'needLevelAtLeast',
  meaning: 'The level of need of the relationship (1 utility … 6 co-creation) is at least this.',
  params: Type.Object(
    { level: Type.Integer({ minimum: 1, maximum: 6, description: 'level 1–6' }) },
    { additionalProperties: false },
  ),
  isMet: (view, params) => (view.profile.needLevel ?? 0) >= params.level,
});

export const hasBought = definePredicate({
  name: 'hasBought',
  meaning: 'The customer bought something or has a contract.',
  params: Type.Object({}, { additionalProperties: false }),
  isMet: (view) => view.ledger.purchases > 0 || view.contracts.active.length > 0,
});

export const initiativePredicates = [
  stageIs, ourPromiseDue, contractEndsWithin, needLevelAtLeast, hasBought,
]; // prettier-ignore
