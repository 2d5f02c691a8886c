import { Type } from '@sinclair/typebox';
import { CHANNELS, isoOf, MS_PER_DAY } from '@rapport/contracts';
import type { Channel } from '@rapport/contracts';
import type { GroupRow, NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { asked, customerParam, instantParam, msOf, oneOfParam } from '../_parts/query-params.js';
import { shareOf } from '../_parts/share-of.js';
import type {
  AbandonedStep,
  JourneyDocument,
  JourneyEntry,
  JourneyFigures,
  JourneyPath,
  JourneyStep,
} from './journeys.model.js';

/** A month without a sign: longer than people usually think about a purchase, shorter than it takes to forget it. */
const ABANDONED_AFTER_DAYS = 30;
const abandonedAfterDays = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 3_650,
    description: `days without a sign after which a journey counts as abandoned; default ${ABANDONED_AFTER_DAYS}`,
  }),
);
const quietSinceMs = (asOfMs: number, days = ABANDONED_AFTER_DAYS): number => asOfMs - days * MS_PER_DAY;

function entryOf(
  key: string,
  { journey, purchases, returnedAtMs }: JourneyDocument,
  asOfMs: number,
  quietMs: number,
): JourneyEntry {
  const slash = key.indexOf('/');
  return {
    customerId: key.slice(0, slash),
    productId: key.slice(slash + 1),
    reached: journey.reached,
    abandoned: journey.reached !== 'use' && journey.lastAtMs < quietMs,
    startedAt: isoOf(journey.startedAtMs),
    lastAt: isoOf(journey.lastAtMs),
    quietDays: Math.max(0, Math.floor((asOfMs - journey.lastAtMs) / MS_PER_DAY)),
    startChannel: journey.startChannel,
    selectChannel: journey.selectChannel,
    buyChannel: journey.buyChannel,
    useChannel: journey.useChannel,
    daysToBuy: journey.daysToBuy,
    purchases: purchases.length,
    returnedAt: returnedAtMs === null ? null : isoOf(returnedAtMs),
  };
}

const counted = (rows: readonly GroupRow[], isMeant: (group: GroupRow['group']) => boolean): number =>
  rows.filter(({ group }) => isMeant(group)).reduce((sum, { count }) => sum + count, 0);

const PathsParams = Type.Object(
  {
    from: instantParam('begun at or after'),
    to: instantParam('begun at or before'),
    abandonedAfterDays,
  },
  { additionalProperties: false },
);

/** How do journeys go from selecting to buying to using, and where do they end before? */
export const paths: NamedQuery<JourneyDocument, typeof PathsParams, JourneyFigures> = {
  name: 'paths',
  question:
    'Over which channels do journeys go from selecting to buying to using, and where are they abandoned?',
  scope: 'figures',
  params: PathsParams,
  run: async (reader, params, { asOfMs }) => {
    const where = asked(['startedAtMs', '>=', msOf(params.from)], ['startedAtMs', '<=', msOf(params.to)]);
    const quietMs = quietSinceMs(asOfMs, params.abandonedAfterDays);
    const [all, quiet] = await Promise.all([
      reader.group({
        groupBy: ['reached', 'selectChannel', 'buyChannel', 'useChannel'],
        where,
        sum: ['daysToBuy', 'daysKnown'],
      }),
      reader.group({
        groupBy: ['reached', 'selectChannel', 'buyChannel'],
        where: [...where, ...asked(['reached', '!=', 'use'], ['lastAtMs', '<', quietMs])],
      }),
    ]);
    const total = counted(all, () => true);
    const reached = (step: JourneyStep): number => counted(all, (group) => group['reached'] === step);
    const bought = total - reached('select');
    const selectedAndBought = (group: GroupRow['group']): boolean =>
      group['selectChannel'] !== null && group['buyChannel'] !== null;
    const sumOf = (name: string): number => all.reduce((sum, { sums }) => sum + (sums[name] ?? 0), 0);
    return {
      asOf: isoOf(asOfMs),
      abandonedAfterDays: params.abandonedAfterDays ?? ABANDONED_AFTER_DAYS,
      journeys: total,
      reached: { select: reached('select'), buy: reached('buy'), use: reached('use') },
      boughtShare: shareOf(bought, total),
      channelSwitchShare: shareOf(
        counted(all, (group) => selectedAndBought(group) && group['selectChannel'] !== group['buyChannel']),
        counted(all, selectedAndBought),
      ),
      meanDaysToBuy: shareOf(sumOf('daysToBuy'), sumOf('daysKnown')),
      paths: all
        .map(({ group, count }): JourneyPath => ({
          select: group['selectChannel'] as Channel | null,
          buy: group['buyChannel'] as Channel | null,
          use: group['useChannel'] as Channel | null,
          journeys: count,
        }))
        .sort((a, b) => b.journeys - a.journeys || (nameOf(a) < nameOf(b) ? -1 : 1)),
      abandoned: (['select', 'buy'] as const)
        .flatMap((step) => abandonedAt(step, all, quiet))
        .sort((a, b) => b.journeys - a.journeys || (placeOf(a) < placeOf(b) ? -1 : 1)),
    };
  },
};

/** Selecting comes before buying, channels by name. */
const placeOf = ({ step, channel }: AbandonedStep): string => `${step === 'select' ? 0 : 1} ${channel}`;
const nameOf = ({ select, buy, use }: JourneyPath): string => [select, buy, use].join();

/** Journeys that went no further than a step, by channel, and their share of those that came to it there. */
function abandonedAt(
  step: AbandonedStep['step'],
  all: readonly GroupRow[],
  quiet: readonly GroupRow[],
): AbandonedStep[] {
  const index = step === 'select' ? 'selectChannel' : 'buyChannel';
  const stopped = quiet.filter(({ group }) => group['reached'] === step);
  const channels = [...new Set(stopped.map(({ group }) => group[index] as Channel | null))];
  return channels.map((channel) => {
    const stoppedHere = counted(stopped, (group) => group[index] === channel);
    const cameHere = counted(all, (group) => group[index] === channel);
    return { step, channel, journeys: stoppedHere, share: shareOf(stoppedHere, cameHere) };
  });
}

const AbandonedParams = Type.Object(
  {
    step: oneOfParam(['select', 'buy'], 'where it stopped: select (default) or bought and never used'),
    channel: oneOfParam(CHANNELS, 'only journeys that stopped on this channel'),
    abandonedAfterDays,
  },
  { additionalProperties: false },
);

/** Whose journey was abandoned, the latest first? */
export const abandoned: NamedQuery<JourneyDocument, typeof AbandonedParams, Page<JourneyEntry>> = {
  name: 'abandoned',
  question: 'Whose journey was abandoned, the latest first?',
  scope: 'list',
  params: AbandonedParams,
  run: (reader, params, { asOfMs }) => {
    const step = params.step ?? 'select';
    const quietMs = quietSinceMs(asOfMs, params.abandonedAfterDays);
    return pageOf(
      reader,
      {
        where: asked(
          ['reached', '=', step],
          [step === 'select' ? 'selectChannel' : 'buyChannel', '=', params.channel],
          ['lastAtMs', '<', quietMs],
        ),
        orderBy: [{ index: 'lastAtMs', direction: 'desc' }],
      },
      params,
      ({ key, document }) => entryOf(key, document, asOfMs, quietMs),
    );
  },
};

const CustomerParams = Type.Object(
  { customerId: customerParam, abandonedAfterDays },
  { additionalProperties: false },
);

/** Which journeys has this customer begun, the latest first? */
export const customer: NamedQuery<JourneyDocument, typeof CustomerParams, Page<JourneyEntry>> = {
  name: 'customer',
  question: 'Which journeys has this customer begun, and how far did they come, the latest first?',
  scope: 'customer',
  paged: true,
  params: CustomerParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      { owner: params.customerId, orderBy: [{ index: 'lastAtMs', direction: 'desc' }] },
      params,
      ({ key, document }) => entryOf(key, document, asOfMs, quietSinceMs(asOfMs, params.abandonedAfterDays)),
    ),
};
