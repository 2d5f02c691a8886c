import { bar, formatCount, formatShare, type Painter } from '../terminal/format.js';
import { tableLines } from '../terminal/table.js';

/** Answer of `GET /v1/funnel`. */
export interface FunnelData {
  readonly asOf: string;
  readonly customers: number;
  readonly stages: readonly {
    readonly stage: string;
    readonly customers: number;
    readonly share: number;
    readonly medianDaysInStage: number | null;
  }[];
  readonly conversions: readonly {
    readonly from: string;
    readonly to: string;
    readonly customersMoved: number;
    readonly rate: number;
  }[];
}

const BAR_WIDTH = 36;

/** How many customers stand in which stage, as bars. */
export function funnelLines(data: FunnelData, paint: Painter): string[] {
  const widest = Math.max(...data.stages.map(({ share }) => share), Number.EPSILON);
  const lines = tableLines(
    [
      { title: 'stage' },
      { title: 'customers', align: 'right' },
      { title: 'share', align: 'right' },
      { title: 'median days', align: 'right' },
      { title: '' },
    ],
    data.stages.map(({ stage, customers, share, medianDaysInStage }) => [
      stage,
      formatCount(customers),
      formatShare(share),
      medianDaysInStage === null ? '–' : formatCount(Math.round(medianDaysInStage)),
      bar(share / widest, BAR_WIDTH),
    ]),
  ).map((line) => line.replace(/[█▏▎▍▌▋▊▉]+$/, (cells) => paint.cyan(cells)));
  const moves = [...data.conversions].sort((a, b) => b.customersMoved - a.customersMoved).slice(0, 6);
  return [
    ...lines,
    '',
    `${formatCount(data.customers)} ${data.customers === 1 ? 'customer' : 'customers'} as of ${data.asOf.slice(0, 10)}`,
    ...(moves.length === 0
      ? []
      : [
          `most moves: ${moves.map(({ from, to, customersMoved, rate }) => `${from} → ${to} ${formatCount(customersMoved)} (${formatShare(rate)})`).join(', ')}`,
        ]),
  ];
}
