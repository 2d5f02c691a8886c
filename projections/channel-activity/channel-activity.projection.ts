import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { ownerOf } from '../_parts/owner.js';
import { directionOf, isSelfService, TOUCH_TYPES } from '../_parts/touch-types.js';
import type { TouchType } from '../_parts/touch-types.js';
import type { ChannelActivityRow, CorrectedTouch } from './channel-activity.model.js';
import { byPeriod, customer } from './channel-activity.queries.js';

type ContactType = {
  [T in TouchType]: (typeof TOUCH_TYPES)[T]['direction'] extends 'internal' ? never : T;
}[TouchType];
const CONTACTS = (Object.keys(TOUCH_TYPES) as TouchType[]).filter(
  (type): type is ContactType => TOUCH_TYPES[type].direction !== 'internal',
);

const EVENTS = [...CONTACTS, 'TouchPointCorrected'] as const;

const MONTH_LENGTH = 'yyyy-mm'.length;

/** Which channels do customers and we use, month by month, and what do customers do without us? (S2, S5) */
export const channelActivity: ProjectionDefinition<ChannelActivityRow, ContactType | 'TouchPointCorrected'> =
  {
    name: 'channel-activity',
    version: 2,
    question: 'Which channels do customers and we use, month by month, and what do customers do without us?',
    events: EVENTS,
    keys: (event) => {
      if (event.type === 'TouchPointCorrected') {
        const { original } = event.data;
        return original === undefined ? [] : [keyOf(ownerOf(event), original.occurredAt, original.channel)];
      }
      return directionOf(event) === 'internal'
        ? []
        : [keyOf(ownerOf(event), event.metadata.occurredAt, event.metadata.channel)];
    },
    initial: (key) => {
      const [, month = '', channel = 'external'] = key.split('/');
      return {
        month,
        channel: channel as ChannelActivityRow['channel'],
        inbound: 0,
        outbound: 0,
        selfService: 0,
        durationS: 0,
        timed: 0,
        sentimentSum: 0,
        judged: 0,
      };
    },
    evolve: (row, event) => {
      if (event.type === 'TouchPointCorrected') return corrected(row, event);
      if (directionOf(event) === 'in') {
        row.inbound += 1;
        if (isSelfService('in', event.metadata.actor)) row.selfService += 1;
      } else row.outbound += 1;
      if (event.type === 'TouchPointRecorded') {
        const { durationS = null, sentiment = null } = event.data;
        count(row, { durationS, sentiment }, 1);
      }
      return row;
    },
    sortedBy: ['month'],
    indexes: {
      month: (row) => row.month,
      channel: (row) => row.channel,
      inbound: (row) => row.inbound,
      outbound: (row) => row.outbound,
      selfService: (row) => row.selfService,
      durationS: (row) => row.durationS,
      timed: (row) => row.timed,
      sentimentSum: (row) => row.sentimentSum,
      judged: (row) => row.judged,
    },
    /** Two customers who are one were in touch as often as both of them. */
    combine: (rows) =>
      rows.reduce((a, b) => ({
        ...a,
        inbound: a.inbound + b.inbound,
        outbound: a.outbound + b.outbound,
        selfService: a.selfService + b.selfService,
        durationS: a.durationS + b.durationS,
        timed: a.timed + b.timed,
        sentimentSum: a.sentimentSum + b.sentimentSum,
        judged: a.judged + b.judged,
        ...(a.corrected || b.corrected ? { corrected: { ...a.corrected, ...b.corrected } } : {}),
      })),
    queries: [byPeriod, customer],
  };

const keyOf = (owner: string, occurredAt: string, channel: string): string =>
  `${owner}/${occurredAt.slice(0, MONTH_LENGTH)}/${channel}`;

/** Adds (1) or takes away (-1) what is known of the length and the mood of a touch. */
function count(
  row: ChannelActivityRow,
  { durationS, sentiment }: Omit<CorrectedTouch, 'direction'>,
  sign: 1 | -1,
): void {
  if (durationS !== null) {
    row.durationS += sign * durationS;
    row.timed += sign;
  }
  if (sentiment !== null) {
    row.sentimentSum += sign * sentiment;
    row.judged += sign;
  }
}

/** The touch counts as it is known now: what it counted for before is taken away. */
function corrected(
  row: ChannelActivityRow,
  event: EventFor<'TouchPointCorrected'>,
): ChannelActivityRow | null {
  if (row.inbound + row.outbound === 0) return null;
  const { original, changes, targetEventId } = event.data;
  const { direction, durationS = null, sentiment = null, actorKind } = original!;
  const before = row.corrected?.[targetEventId] ?? { direction, durationS, sentiment };
  const now: CorrectedTouch = {
    direction: changes.direction ?? before.direction,
    durationS: changes.durationS ?? before.durationS,
    sentiment: changes.sentiment ?? before.sentiment,
  };
  count(row, before, -1);
  count(row, now, 1);
  if (now.direction !== before.direction) {
    const toUs = now.direction === 'in' ? 1 : -1;
    row.inbound += toUs;
    row.outbound -= toUs;
    if (isSelfService('in', { kind: actorKind })) row.selfService += toUs;
  }
  row.corrected = { ...row.corrected, [targetEventId]: now };
  return row;
}
