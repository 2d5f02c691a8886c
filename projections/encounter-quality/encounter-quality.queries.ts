import { Type } from '@sinclair/typebox';
import { CHANNELS, isoOf } from '@rapport/contracts';
import type { Channel } from '@rapport/contracts';
import type { GroupRow, NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { rowsOfCustomer } from '../_parts/rows-of-customer.js';
import { asked, monthParam, oneOfParam } from '../_parts/query-params.js';
import { shareOf } from '../_parts/share-of.js';
import { ENCOUNTER_RULES } from './encounter-quality.model.js';
import type {
  EncounterDocument,
  EncounterEntry,
  EncounterFigures,
  RuleFigures,
} from './encounter-quality.model.js';

function entryOf(key: string, { steps, stepCount, quality: judged }: EncounterDocument): EncounterEntry {
  const slash = key.indexOf('/');
  const times = steps.map(({ atMs }) => atMs);
  return {
    customerId: key.slice(0, slash),
    encounterId: key.slice(slash + 1),
    startedAt: isoOf(Math.min(...times)),
    endedAt: isoOf(Math.max(...times)),
    channels: [...new Set(steps.map(({ channel }) => channel))],
    stepCount,
    quality: judged,
    steps: steps.map(({ atMs, ...step }) => ({ ...step, at: isoOf(atMs) })),
  };
}

const span = {
  from: monthParam('begun in this month or later'),
  to: monthParam('begun in this month or earlier'),
  channel: oneOfParam(CHANNELS, 'only encounters that began on this channel'),
};
const conditions = (params: { from?: string; to?: string; channel?: string }) =>
  asked(['month', '>=', params.from], ['month', '<=', params.to], ['channel', '=', params.channel]);

function figuresOf(rows: readonly GroupRow[]): EncounterFigures {
  const encounters = rows.reduce((sum, { count }) => sum + count, 0);
  const sumOf = (name: string): number => rows.reduce((sum, { sums }) => sum + (sums[name] ?? 0), 0);
  const felt = sumOf('felt');
  return {
    encounters,
    rules: ENCOUNTER_RULES.map((rule): RuleFigures => {
      const countOf = (value: number): number =>
        rows.filter(({ group }) => group[rule] === value).reduce((sum, { count }) => sum + count, 0);
      const [kept, broken] = [countOf(1), countOf(0)];
      return {
        rule,
        kept,
        broken,
        unknown: encounters - kept - broken,
        keptShare: shareOf(kept, kept + broken),
      };
    }),
    meanPeak: shareOf(sumOf('peak'), felt),
    meanEnd: shareOf(sumOf('end'), felt),
    meanPeakEnd: shareOf(sumOf('peakEnd'), felt),
    withRitual: sumOf('ritual'),
  };
}

const QualityParams = Type.Object(span, { additionalProperties: false });

/** How did encounters feel, and which rules did they keep, on which channel? */
export const quality: NamedQuery<
  EncounterDocument,
  typeof QualityParams,
  EncounterFigures & {
    readonly byChannel: readonly (EncounterFigures & { readonly channel: Channel })[];
  }
> = {
  name: 'quality',
  question: 'How did encounters feel at their peak and end, and how often was each rule kept?',
  scope: 'figures',
  params: QualityParams,
  run: async (reader, params) => {
    const rows = await reader.group({
      groupBy: ['channel', ...ENCOUNTER_RULES],
      where: conditions(params),
      sum: ['felt', 'peak', 'end', 'peakEnd', 'ritual'],
    });
    return {
      ...figuresOf(rows),
      byChannel: CHANNELS.flatMap((channel) => {
        const own = rows.filter(({ group }) => group['channel'] === channel);
        return own.length === 0 ? [] : [{ channel, ...figuresOf(own) }];
      }),
    };
  },
};

const WeakestParams = Type.Object(
  { ...span, broken: oneOfParam(ENCOUNTER_RULES, 'only encounters that broke this rule') },
  { additionalProperties: false },
);

/** Which encounters will be remembered worst? */
export const weakest: NamedQuery<EncounterDocument, typeof WeakestParams, Page<EncounterEntry>> = {
  name: 'weakest',
  question: 'Which encounters will be remembered worst?',
  scope: 'list',
  params: WeakestParams,
  run: (reader, params) =>
    pageOf(
      reader,
      {
        where: [
          ...conditions(params),
          ...asked(['felt', '=', 1]),
          ...(params.broken ? asked([params.broken, '=', 0]) : []),
        ],
        orderBy: [{ index: 'peakEnd', direction: 'asc' }],
      },
      params,
      ({ key, document }) => entryOf(key, document),
    ),
};

/** Which encounters had this customer with us, step by step, the latest first? */
export const customer = rowsOfCustomer<EncounterDocument, EncounterEntry>(
  'Which encounters had this customer with us, step by step, the latest first?',
  ['startedAtMs', 'desc'],
  ({ key, document }) => entryOf(key, document),
);
