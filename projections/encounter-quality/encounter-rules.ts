import type { EncounterQuality, EncounterStep } from './encounter-quality.model.js';

/*
 * What the steps of an encounter say about it. Sources: Kahneman et al. 1993 (what is remembered is the mean of the
 * strongest and the last moment), Chase & Dasu 2001 (finish strong, bad experiences early, segment pleasure and combine
 * pain, commitment through choice, rituals). Unknown is never negative: what cannot be judged is null.
 */

/** Strength given to a step that is only said to have been pleasant or unpleasant. */
const SAID_STRENGTH = 50;

/** How a step felt, -100 … 100; null = nothing is known. */
export function feelingOf(step: EncounterStep): number | null {
  if (step.sentiment !== null) return step.sentiment;
  if (step.unpleasant === true) return step.pleasant === true ? 0 : -SAID_STRENGTH;
  return step.pleasant === true ? SAID_STRENGTH : null;
}

const isUnpleasant = (step: EncounterStep): boolean => step.unpleasant ?? (step.sentiment ?? 0) < 0;
const isPleasant = (step: EncounterStep): boolean => step.pleasant ?? (step.sentiment ?? 0) > 0;

/** The quality of an encounter from its steps in order. */
export function qualityOf(steps: readonly EncounterStep[]): EncounterQuality {
  const feelings = steps.map(feelingOf);
  const known = feelings.filter((feeling) => feeling !== null);
  const end = feelings.at(-1) ?? null;
  const peak = known.reduce<number | null>(
    (strongest, feeling) =>
      strongest === null || Math.abs(feeling) >= Math.abs(strongest) ? feeling : strongest,
    null,
  );
  const efforts = steps.flatMap(({ effort }) => (effort === null ? [] : [effort]));
  const choices = steps.flatMap(({ choiceOffered }) => (choiceOffered === null ? [] : [choiceOffered]));
  return {
    peak,
    end,
    peakEnd: peak === null || end === null ? null : (peak + end) / 2,
    mean: meanOf(known),
    effort: efforts.length === 0 ? null : Math.max(...efforts),
    rituals: [...new Set(steps.flatMap(({ ritualId }) => (ritualId === null ? [] : [ritualId])))].sort(),
    finishStrong: finishesStrong(feelings),
    badEarly: isBadEarly(steps),
    painCombined: isTogether(steps.map(isUnpleasant)),
    pleasureSegmented: not(isTogether(steps.map(isPleasant))),
    choiceOffered: choices.length === 0 ? null : choices.includes(true),
  };
}

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

const not = (value: boolean | null): boolean | null => (value === null ? null : !value);

function finishesStrong(feelings: readonly (number | null)[]): boolean | null {
  const end = feelings.at(-1) ?? null;
  const before = meanOf(feelings.slice(0, -1).filter((feeling) => feeling !== null));
  return end === null || before === null ? null : end >= 0 && end >= before;
}

function isBadEarly(steps: readonly EncounterStep[]): boolean | null {
  const last = steps.findLastIndex(isUnpleasant);
  return last < 0 || steps.length < 2 ? null : last < steps.length / 2;
}

/** Do all steps that are so follow each other? null with less than two of them. */
function isTogether(are: readonly boolean[]): boolean | null {
  if (are.filter(Boolean).length < 2) return null;
  return are.slice(are.indexOf(true), are.lastIndexOf(true) + 1).every(Boolean);
}
