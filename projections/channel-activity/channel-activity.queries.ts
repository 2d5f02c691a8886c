import { Type } from '@sinclair/typebox';
import { CHANNELS } from '@rapport/contracts';
import type { Channel } from '@rapport/contracts';
import type { NamedQuery } from '@rapport/projection-engine';
import { rowsOfCustomer } from '../_parts/rows-of-customer.js';
import { asked, monthParam, oneOfParam } from '../_parts/query-params.js';
import { shareOf } from '../_parts/share-of.js';
import type {
  Activity,
  ChannelActivityRow,
  ChannelFigures,
  PeriodFigures,
} from './channel-activity.model.js';

const SUMS = ['inbound', 'outbound', 'selfService', 'durationS', 'timed', 'sentimentSum', 'judged'] as const;
type Sums = Record<(typeof SUMS)[number], number>;

const added = (rows: readonly Readonly<Record<string, number>>[]): Sums =>
  Object.fromEntries(
    SUMS.map((name) => [name, rows.reduce((sum, row) => sum + (row[name] ?? 0), 0)]),
  ) as Sums;

const activityOf = (sums: Sums): Activity => ({
  contacts: sums.inbound + sums.outbound,
  inbound: sums.inbound,
  outbound: sums.outbound,
  selfService: sums.selfService,
  selfServiceShare: shareOf(sums.selfService, sums.inbound),
  meanDurationS: shareOf(sums.durationS, sums.timed),
  meanSentiment: shareOf(sums.sentimentSum, sums.judged),
});

const PERIODS = ['month', 'quarter', 'year'] as const;
const periodOf = (month: string, period: (typeof PERIODS)[number]): string => {
  if (period === 'month') return month;
  const year = month.slice(0, 4);
  return period === 'year' ? year : `${year}-Q${Math.ceil(Number(month.slice(5)) / 3)}`;
};

const PeriodParams = Type.Object(
  {
    from: monthParam('first month'),
    to: monthParam('last month'),
    channel: oneOfParam(CHANNELS, 'only this channel'),
    period: oneOfParam(PERIODS, 'length of a period; default month'),
  },
  { additionalProperties: false },
);

/** What goes on on which channel, period by period, and how much of it without any of our people? */
export const byPeriod: NamedQuery<
  ChannelActivityRow,
  typeof PeriodParams,
  { readonly total: Activity; readonly periods: readonly PeriodFigures[] }
> = {
  name: 'by-period',
  question: 'What goes on on which channel, period by period, and how much of it without any of our people?',
  scope: 'figures',
  params: PeriodParams,
  run: async (reader, params) => {
    const rows = await reader.group({
      groupBy: ['month', 'channel'],
      where: asked(
        ['month', '>=', params.from],
        ['month', '<=', params.to],
        ['channel', '=', params.channel],
      ),
      sum: SUMS,
    });
    const placed = rows.map(({ group, sums }) => ({
      period: periodOf(String(group['month']), params.period ?? 'month'),
      channel: group['channel'] as Channel,
      sums,
    }));
    const periods = [...new Set(placed.map(({ period }) => period))].sort();
    return {
      total: activityOf(added(rows.map(({ sums }) => sums))),
      periods: periods.map((period): PeriodFigures => {
        const within = placed.filter((row) => row.period === period);
        const all = activityOf(added(within.map(({ sums }) => sums)));
        const channels = CHANNELS.flatMap((channel): ChannelFigures[] => {
          const own = within.filter((row) => row.channel === channel);
          if (own.length === 0) return [];
          const activity = activityOf(added(own.map(({ sums }) => sums)));
          return [{ channel, ...activity, shareOfContacts: shareOf(activity.contacts, all.contacts) }];
        });
        return {
          period,
          ...all,
          channels: channels.sort((a, b) => b.contacts - a.contacts || (a.channel < b.channel ? -1 : 1)),
        };
      }),
    };
  },
};

/** Which channels does this customer use, month by month, the latest first? */
export const customer = rowsOfCustomer<
  ChannelActivityRow,
  Activity & { readonly month: string; readonly channel: Channel }
>(
  'Which channels does this customer use, month by month, the latest first?',
  ['month', 'desc'],
  ({ document: { month, channel, ...sums } }) => ({ month, channel, ...activityOf(sums) }),
);
