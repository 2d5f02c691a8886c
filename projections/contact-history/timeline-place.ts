import { epochMsOf } from '@rapport/contracts';
import type { TouchType } from '../_parts/touch-types.js';

/*
 * A place in a customer's timeline as one text: `<customerId>/<instant>` and, where the sender counts, `/<sequence>`,
 * numbers of fixed width; then what comes first of one instant: being registered, what happened (`-`), what the rules
 * concluded from it (`.`). All of these signs sort before `/` and the digits. Texts sort as the timeline does, first by customer, so one index finds any span of
 * any customer's history and pages through it.
 */

/** Makes every instant of a four-digit year positive. */
const ORIGIN_MS = epochMsOf('0000-01-01T00:00:00.000Z');
/** Digits of the last millisecond of the year 9999. */
const INSTANT_WIDTH = 15;
/** Digits of the largest safe integer. */
const SEQUENCE_WIDTH = 16;

const instant = (atMs: number): string => String(Math.max(0, atMs - ORIGIN_MS)).padStart(INSTANT_WIDTH, '0');

/** Where a touch stands; between touches of one instant and sequence the cause stands before its effect. */
export const timelinePlace = (
  customerId: string,
  occurredAtMs: number,
  sourceSeq: number,
  type: TouchType | null,
): string => {
  const at = `${customerId}/${instant(occurredAtMs)}`;
  const rank = type === 'CustomerRegistered' ? '' : type === 'RelationshipStageMoved' ? '.' : '-';
  return sourceSeq > 0 ? `${at}/${String(sourceSeq).padStart(SEQUENCE_WIDTH, '0')}${rank}` : at + rank;
};

/** First place of a customer's timeline at or after an instant; without one, the first of all. */
export const timelineFrom = (customerId: string, fromMs?: number): string =>
  fromMs === undefined ? `${customerId}/` : `${customerId}/${instant(fromMs)}`;

/** Place after all of a customer's touches up to and including an instant; without one, after all of them. */
export const timelineAfter = (customerId: string, toMs?: number): string =>
  // `0` is the character after `/`.
  toMs === undefined ? `${customerId}0` : `${customerId}/${instant(toMs)}0`;
