import { MS_PER_DAY } from '@rapport/contracts';
import type { Journey, Moment } from './journeys.model.js';

/** Moments of one kind that are kept: the first one and the latest. */
export const MOMENTS_KEPT = 40;

/** By time; the event id breaks ties, so that late facts find the same place. */
const inOrder = (a: Moment, b: Moment): number => a[0] - b[0] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0);

/** The moments with another one, each once; of too many the first and the latest. */
export function withMoment(moments: readonly Moment[], moment: Moment): Moment[] {
  if (moments.some((known) => known[2] === moment[2])) return [...moments];
  const sorted = [...moments, moment].sort(inOrder);
  return sorted.length <= MOMENTS_KEPT ? sorted : [sorted[0]!, ...sorted.slice(2)];
}

/** Where a journey stands: what came before the first purchase was selecting, what came after it is using. */
export function journeyOf(contacts: readonly Moment[], purchases: readonly Moment[]): Journey {
  const bought = purchases[0];
  const select = bought ? contacts.filter(([atMs]) => atMs < bought[0]) : contacts;
  const use = bought ? contacts.filter(([atMs]) => atMs >= bought[0]) : [];
  const all = [...contacts, ...purchases].sort(inOrder);
  const first = all[0];
  return {
    reached: use.length > 0 ? 'use' : bought ? 'buy' : 'select',
    startedAtMs: first?.[0] ?? 0,
    lastAtMs: all.at(-1)?.[0] ?? 0,
    startChannel: first?.[1] ?? null,
    selectChannel: select.at(-1)?.[1] ?? null,
    buyChannel: bought?.[1] ?? null,
    useChannel: use[0]?.[1] ?? null,
    daysToBuy:
      bought === undefined || select.length === 0
        ? null
        : Math.floor((bought[0] - select[0]![0]) / MS_PER_DAY),
    selectChannels: new Set(select.map(([, channel]) => channel)).size,
  };
}
