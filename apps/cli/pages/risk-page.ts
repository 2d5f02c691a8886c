import { formatAmount, type Painter } from '../terminal/format.js';
import { tableLines } from '../terminal/table.js';
import { termsLine, type ModelReference, type ValueTermsShown } from './value-terms.js';

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

/** Answer of `GET /v1/lists/by-risk` beside its rows. */
export interface AtRiskRun {
  /** Day the scores are for; null when nobody was scored. */
  readonly asOf: string | null;
  readonly modelRun: ModelReference | null;
  readonly terms: ValueTermsShown | null;
}

/** Who has most value at risk and why: a line for the customer, a line for the reasons; what the figures rest on. */
export function atRiskLines(
  rows: readonly AtRiskRow[],
  run: AtRiskRun,
  names: ReadonlyMap<string, string>,
  paint: Painter,
): string[] {
  if (run.asOf === null) return ['nobody was scored yet: run `rapport score`'];
  if (rows.length === 0) return [`nobody had a score as of ${run.asOf.slice(0, 10)}`];
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
    ...rows.flatMap((row, index) => [table[index + 1]!, paint.dim(`     why: ${whyLine(row)}`)]),
    '',
    `scored as of ${run.asOf.slice(0, 10)}; value at risk = churn × margin expected${run.terms ? `: ${termsLine(run.terms, run.modelRun)}` : ''}`,
  ];
}

/** Only what speaks for leaving, strongest first; the contribution is a difference in log-odds. */
export const whyLine = ({ drivers, band }: Pick<AtRiskRow, 'drivers' | 'band'>): string =>
  drivers
    .filter(({ contribution }) => contribution > 0)
    .slice(0, 3)
    .map(({ explanation, contribution }) => `${explanation.replace(/\.$/, '')} (+${contribution.toFixed(2)})`)
    .join('; ') ||
  (band === 'low' ? 'no sign of leaving; much is expected of them' : 'no single reason stands out');

export const actionInWords = (action: string): string =>
  action.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
