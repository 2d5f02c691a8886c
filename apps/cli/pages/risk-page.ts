import { formatAmount, type Painter } from '../terminal/format.js';
import { tableLines } from '../terminal/table.js';

/** Row of `GET /v1/lists/by-risk`. */
export interface AtRiskRow {
  readonly customerId: string;
  readonly displayName?: string | null;
  readonly stage: string;
  readonly band: string;
  readonly churnProbability: number | null;
  readonly currency: string | null;
  readonly valueAtRiskMinor: number;
  readonly suggestedAction: string;
  readonly drivers: readonly {
    readonly name: string;
    readonly contribution: number;
    readonly explanation: string;
  }[];
}

/** Who has most value at risk and why: a line for the customer, a line for the reasons. */
export function atRiskLines(
  rows: readonly AtRiskRow[],
  names: ReadonlyMap<string, string>,
  paint: Painter,
): string[] {
  if (rows.length === 0) return ['nobody was scored yet: run `rapport score`'];
  const table = tableLines(
    [
      { title: '#', align: 'right' },
      { title: 'customer' },
      { title: 'stage' },
      { title: 'churn', align: 'right' },
      { title: 'value at risk', align: 'right' },
      { title: 'suggested' },
    ],
    rows.map((row, index) => [
      String(index + 1),
      names.get(row.customerId) ?? row.customerId,
      row.stage,
      row.churnProbability === null ? row.band : `${Math.round(row.churnProbability * 100)} %`,
      row.currency === null
        ? '–'
        : formatAmount({ amountMinor: row.valueAtRiskMinor, currency: row.currency }),
      actionInWords(row.suggestedAction),
    ]),
  );
  return [
    table[0]!,
    ...rows.flatMap((row, index) => [table[index + 1]!, paint.dim(`     why: ${whyLine(row.drivers)}`)]),
  ];
}

/** Only what speaks for leaving, strongest first; the contribution is a difference in log-odds. */
export const whyLine = (drivers: AtRiskRow['drivers']): string =>
  drivers
    .filter(({ contribution }) => contribution > 0)
    .slice(0, 3)
    .map(({ explanation, contribution }) => `${explanation} (+${contribution.toFixed(2)})`)
    .join('; ') || 'no single reason stands out';

export const actionInWords = (action: string): string =>
  action.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
