import { dayNumberOf, epochMsOf, isoOf, STAGES } from '@rapport/contracts';
import type { Stage } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerKeys } from '../_parts/owner.js';
import type { RelationshipFunnelDocument } from './relationship-funnel.model.js';
import { byStage, cohorts, funnel } from './relationship-funnel.queries.js';
import { moveName, moveSetOf } from './stage-moves.js';

const EVENTS = [
  'CustomerRegistered',
  'CustomerGrouped',
  'RelationshipStageMoved',
  'RelationshipStageChosen',
  'RelationshipStageOverridden',
  'CustomerErased',
] as const;

/** How many customers stand in which stage, for how long, and how do they move on? (S8) */
export const relationshipFunnel: ProjectionDefinition<RelationshipFunnelDocument, (typeof EVENTS)[number]> = {
  name: 'relationship-funnel',
  version: 1,
  question: 'How many customers stand in which stage, for how long, and how do they move on?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => ({
    stage: 'contact',
    sinceMs: 0,
    registeredMs: 0,
    groupCode: null,
    timeInStageMs: {},
    moves: {},
    overrides: 0,
    heldUntilMs: null,
    erased: false,
  }),
  evolve: (document, event) => {
    switch (event.type) {
      case 'CustomerRegistered':
        document.registeredMs = occurredAtMsOf(event);
        document.sinceMs = document.registeredMs;
        document.groupCode = event.data.groupCode ?? null;
        return document;
      case 'CustomerGrouped':
        document.groupCode = event.data.groupCode;
        return document;
      case 'CustomerErased':
        document.erased = true;
        return document;
      case 'RelationshipStageOverridden':
        document.overrides += 1;
        enter(document, event.data.from, event.data.to, occurredAtMsOf(event));
        document.heldUntilMs = epochMsOf(event.data.holdUntil);
        return document;
      default:
        enter(document, event.data.from, event.data.to, occurredAtMsOf(event));
        document.heldUntilMs = null;
        return document;
    }
  },
  sortedBy: ['stage', 'sinceMs'],
  indexes: {
    stage: (document) => document.stage,
    sinceMs: (document) => document.sinceMs,
    sinceDay: (document) => dayNumberOf(document.sinceMs),
    cohortMonth: (document) => cohortMonthOf(document),
    groupCode: (document) => document.groupCode,
    madeMoves: (document) => moveSetOf(document.moves),
    overrides: (document) => document.overrides,
  },
  combine: (documents) => documents.reduce(joined),
  queries: [funnel, byStage, cohorts],
};

/** Stages move in stream order: late facts never rewrite a move that was made. */
function enter(document: RelationshipFunnelDocument, from: Stage, to: Stage, atMs: number): void {
  const name = moveName(from, to);
  document.moves[name] = (document.moves[name] ?? 0) + 1;
  document.timeInStageMs[from] = (document.timeInStageMs[from] ?? 0) + Math.max(0, atMs - document.sinceMs);
  document.stage = to;
  document.sinceMs = atMs;
}

export const cohortMonthOf = (document: RelationshipFunnelDocument): string =>
  isoOf(document.registeredMs).slice(0, 7);

/** The relationship of a merged customer: the stage entered last counts, the oldest registration is its age. */
function joined(a: RelationshipFunnelDocument, b: RelationshipFunnelDocument): RelationshipFunnelDocument {
  const later =
    a.sinceMs !== b.sinceMs
      ? a.sinceMs > b.sinceMs
        ? a
        : b
      : STAGES.indexOf(a.stage) >= STAGES.indexOf(b.stage)
        ? a
        : b;
  const oldest = a.registeredMs <= b.registeredMs ? a : b;
  return {
    stage: later.stage,
    sinceMs: later.sinceMs,
    registeredMs: oldest.registeredMs,
    groupCode: oldest.groupCode ?? later.groupCode,
    timeInStageMs: summed(a.timeInStageMs, b.timeInStageMs),
    moves: summed(a.moves, b.moves),
    overrides: a.overrides + b.overrides,
    heldUntilMs: later.heldUntilMs,
    erased: a.erased || b.erased,
  };
}

function summed<K extends string>(
  a: Partial<Record<K, number>>,
  b: Partial<Record<K, number>>,
): Record<K, number> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort() as K[];
  return Object.fromEntries(names.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)])) as Record<
    K,
    number
  >;
}
