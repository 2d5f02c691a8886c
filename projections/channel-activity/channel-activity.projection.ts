import type { ProjectionDefinition } from '@rapport/projection-engine';
import { ownerOf } from '../_parts/owner.js';
import { directionOf, isSelfService, TOUCH_TYPES } from '../_parts/touch-types.js';
import type { TouchType } from '../_parts/touch-types.js';
import type { ChannelActivityRow } from './channel-activity.model.js';
import { byPeriod, customer } from './channel-activity.queries.js';

type ContactType = {
  [T in TouchType]: (typeof TOUCH_TYPES)[T]['direction'] extends 'internal' ? never : T;
}[TouchType];
const EVENTS = (Object.keys(TOUCH_TYPES) as TouchType[]).filter(
  (type): type is ContactType => TOUCH_TYPES[type].direction !== 'internal',
);

const MONTH_LENGTH = 'yyyy-mm'.length;

/** Which channels do customers and we use, month by month, and what do customers do without us? (S2, S5) */
export const channelActivity: ProjectionDefinition<ChannelActivityRow, ContactType> = {
  name: 'channel-activity',
  version: 1,
  question: 'Which channels do customers and we use, month by month, and what do customers do without us?',
  events: EVENTS,
  keys: (event) =>
    directionOf(event) === 'internal'
      ? []
      : [`${ownerOf(event)}/${event.metadata.occurredAt.slice(0, MONTH_LENGTH)}/${event.metadata.channel}`],
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
    if (directionOf(event) === 'in') {
      row.inbound += 1;
      if (isSelfService(event)) row.selfService += 1;
    } else row.outbound += 1;
    if (event.type === 'TouchPointRecorded') {
      const { durationS, sentiment } = event.data;
      if (durationS !== undefined) {
        row.durationS += durationS;
        row.timed += 1;
      }
      if (sentiment !== undefined) {
        row.sentimentSum += sentiment;
        row.judged += 1;
      }
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
    })),
  queries: [byPeriod, customer],
};
