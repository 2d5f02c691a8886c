import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { isoOf } from '@rapport/contracts';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import { ENCOUNTER_RULES } from './encounter-quality.model.js';
import type { EncounterDocument, EncounterRule, EncounterStep } from './encounter-quality.model.js';
import { customer, quality, weakest } from './encounter-quality.queries.js';
import { qualityOf } from './encounter-rules.js';

const EVENTS = ['TouchPointRecorded', 'TouchPointCorrected'] as const;

/** The first and the last steps of a long encounter that are kept: what lies between them is counted and let go. */
export const MAX_ENDS = 50;

/** How did encounters feel, at their peak and their end, and which rules of good encounters did they keep? (S16) */
export const encounterQuality: ProjectionDefinition<EncounterDocument, (typeof EVENTS)[number]> = {
  name: 'encounter-quality',
  version: 1,
  question:
    'How did encounters feel at their peak and end, and which rules of good encounters did they keep?',
  events: EVENTS,
  keys: (event) =>
    event.data.encounterId === undefined ? [] : [`${ownerOf(event)}/${event.data.encounterId}`],
  initial: () => ({ steps: [], stepCount: 0, quality: qualityOf([]) }),
  evolve: (document, event) => {
    if (event.type === 'TouchPointCorrected') {
      // A correction of something that is no step of this encounter corrects nothing here.
      if (document.stepCount === 0) return null;
      const step = document.steps.find(({ eventId }) => eventId === event.data.targetEventId);
      if (!step || event.data.changes.sentiment === undefined) return document;
      step.sentiment = event.data.changes.sentiment;
    } else {
      document.steps = kept([...document.steps, stepOf(event)]);
      document.stepCount += 1;
    }
    document.quality = qualityOf(document.steps);
    return document;
  },
  sortedBy: ['peakEnd'],
  indexes: {
    month: ({ steps }) => isoOf(startOf(steps)).slice(0, 'yyyy-mm'.length),
    channel: ({ steps }) => steps[0]?.channel ?? null,
    startedAtMs: ({ steps }) => startOf(steps),
    ...(Object.fromEntries(ENCOUNTER_RULES.map((rule) => [rule, ruleIndex(rule)])) as Record<
      EncounterRule,
      ReturnType<typeof ruleIndex>
    >),
    ritual: (document) => (document.quality.rituals.length > 0 ? 1 : 0),
    felt: (document) => (document.quality.peakEnd === null ? 0 : 1),
    peak: ({ quality: { peak, peakEnd } }) => (peakEnd === null ? null : peak),
    end: ({ quality: { end, peakEnd } }) => (peakEnd === null ? null : end),
    peakEnd: (document) => document.quality.peakEnd,
  },
  /** An encounter under one key of merged customers is one encounter with the steps of both. */
  combine: (documents) => {
    const steps = documents.flatMap((document) => document.steps);
    const once = kept(
      steps.filter((step, i) => steps.findIndex(({ eventId }) => eventId === step.eventId) === i),
    );
    const stepCount = documents.reduce((sum, document) => sum + document.stepCount, 0);
    return {
      steps: once,
      stepCount: stepCount - (steps.length - new Set(steps.map(({ eventId }) => eventId)).size),
      quality: qualityOf(once),
    };
  },
  queries: [quality, weakest, customer],
};

function ruleIndex(rule: EncounterRule) {
  return ({ quality: judged }: EncounterDocument): number | null =>
    judged[rule] === null ? null : judged[rule] ? 1 : 0;
}

const startOf = (steps: readonly EncounterStep[]): number =>
  steps.length === 0 ? 0 : Math.min(...steps.map(({ atMs }) => atMs));

function stepOf(event: EventFor<'TouchPointRecorded'>): EncounterStep {
  const { stepIndex, sentiment, effort, unpleasant, pleasant, choiceOffered, ritualId } = event.data;
  return {
    eventId: event.eventId,
    index: stepIndex ?? null,
    atMs: occurredAtMsOf(event),
    channel: event.metadata.channel,
    sentiment: sentiment ?? null,
    effort: effort ?? null,
    unpleasant: unpleasant ?? null,
    pleasant: pleasant ?? null,
    choiceOffered: choiceOffered ?? null,
    ritualId: ritualId ?? null,
  };
}

/** By the place the sender gave; steps without one come last, by time: late steps find their place. */
const inOrder = (a: EncounterStep, b: EncounterStep): number =>
  (a.index ?? Number.MAX_SAFE_INTEGER) - (b.index ?? Number.MAX_SAFE_INTEGER) ||
  a.atMs - b.atMs ||
  (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0);

/** The steps in order; of too many the first and the last. */
function kept(steps: readonly EncounterStep[]): EncounterStep[] {
  const sorted = [...steps].sort(inOrder);
  return sorted.length <= 2 * MAX_ENDS ? sorted : [...sorted.slice(0, MAX_ENDS), ...sorted.slice(-MAX_ENDS)];
}
