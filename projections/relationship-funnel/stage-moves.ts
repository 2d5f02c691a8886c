import { STAGES } from '@rapport/contracts';
import type { Stage } from '@rapport/contracts';

/*
 * The set of different moves a customer ever made as one whole number: bit 6 × from + to, stages in the order of
 * STAGES. One index column then answers "how many customers ever moved from here to there" by grouping.
 */

const COUNT = STAGES.length;
const indexOf = new Map<string, number>(STAGES.map((stage, index) => [stage, index]));

/** `contact>involvement`. */
export const moveName = (from: Stage, to: Stage): string => `${from}>${to}`;

/** The moves as one number, at most 2^36 - 1. */
export function moveSetOf(moves: Readonly<Record<string, number>>): number {
  let set = 0;
  for (const name of Object.keys(moves)) {
    const arrow = name.indexOf('>');
    const from = indexOf.get(name.slice(0, arrow));
    const to = indexOf.get(name.slice(arrow + 1));
    if (from !== undefined && to !== undefined) set += 2 ** (from * COUNT + to);
  }
  return set;
}

/** Is the move in the set? */
export const madeMove = (set: number, from: Stage, to: Stage): boolean =>
  Math.floor(set / 2 ** (indexOf.get(from)! * COUNT + indexOf.get(to)!)) % 2 === 1;

/** Was the customer ever in the stage? Everybody begins at contact. */
export const wasEverIn = (set: number, stage: Stage, now: Stage): boolean =>
  stage === 'contact' ||
  stage === now ||
  STAGES.some((other) => madeMove(set, other, stage) || madeMove(set, stage, other));
