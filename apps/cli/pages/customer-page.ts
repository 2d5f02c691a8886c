import { formatAmount, formatCount, printable, type Painter } from '../terminal/format.js';
import { tableLines } from '../terminal/table.js';
import { arrowOf, shown, wordsOf } from './words.js';
import { actionInWords } from './risk-page.js';
import { termsLine, type ModelReference, type ValueTermsShown } from './value-terms.js';

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

/** What the page of one customer is made from: answers of the API, personal values opened or masked by it. */
export interface CustomerPageData {
  readonly overview: Readonly<Record<string, unknown>>;
  readonly value: ValueData | null;
  readonly risk: RiskData | null;
  readonly history: readonly {
    readonly occurredAt: string;
    readonly type: string;
    readonly channel: string;
    readonly direction: string;
    readonly details: Readonly<Record<string, unknown>>;
  }[];
  readonly meta: Readonly<Record<string, unknown>>;
}

export interface ValueData {
  readonly status: string;
  readonly terms: ValueTermsShown & { readonly purchaseModel: ModelReference | null };
  readonly historicNumberOfOrders: number;
  readonly predictedNumberOfOrders: number | null;
  readonly averageDaysBetweenOrders: number | null;
  readonly expectedDateOfNextOrder: string | null;
  readonly lastOrderDate: string | null;
  readonly currencies: readonly {
    readonly currency: string;
    readonly historicRevenueMinor: number;
    readonly historicClvMinor: number;
    readonly predictedClvMinor: number | null;
    readonly totalClvMinor: number | null;
    readonly averageOrderValueMinor: number | null;
  }[];
}

export interface RiskData {
  readonly status: string;
  readonly score: {
    readonly churnProbability: number | null;
    readonly band: string;
    readonly logOdds: number;
    readonly baselineLogOdds: number;
    readonly drivers: readonly {
      readonly name: string;
      readonly contribution: number;
      readonly explanation: string;
    }[];
    readonly valueAtRisk: readonly {
      readonly currency: string;
      readonly amountMinor: number;
      readonly basis: string;
    }[];
    readonly suggestedAction: string;
  } | null;
}

type Record_ = Readonly<Record<string, unknown>>;
const list = (value: unknown): readonly Record_[] => (Array.isArray(value) ? (value as Record_[]) : []);
const record = (value: unknown): Record_ =>
  typeof value === 'object' && value !== null ? (value as Record_) : {};
const day = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 10) : '–');
const money = (amountMinor: number, currency: string): string => formatAmount({ amountMinor, currency });

/** One customer as a page: who, where in the relationship, worth, at risk, open, said. */
export function customerPageLines(page: CustomerPageData, paint: Painter): string[] {
  const { overview } = page;
  const relationship = record(overview.relationship);
  const name =
    overview.erased === true
      ? 'erased'
      : overview.displayName == null
        ? 'name unknown'
        : shown(overview.displayName);
  const lines = [
    paint.bold(printable(name)) + paint.dim(`   ${String(overview.customerId)}`),
    [
      shown(overview.groupCode),
      shown(overview.country),
      list(overview.roles as unknown).length > 0 ? (overview.roles as string[]).join(', ') : undefined,
      `known since ${day(overview.registeredAt)}`,
    ]
      .filter((part) => part !== undefined && part !== '–')
      .join(' · '),
    ...identifierLines(overview),
    '',
    `${paint.bold('stage')}      ${paint.cyan(String(relationship.stage))} since ${day(relationship.since)} (${formatCount(Number(relationship.daysInStage ?? 0))} days)`,
    `           ${stagePath(relationship)}`,
  ];
  if (record(overview.manager).managerId !== undefined)
    lines.push(`${paint.bold('manager')}    ${shown(record(overview.manager).managerId)}`);
  lines.push(
    '',
    ...valueLines(page.value, paint),
    ...riskLines(page.risk, paint),
    ...openLines(overview, paint),
    ...contactLines(overview, paint),
  );
  lines.push('', paint.bold('latest'), ...historyLines(page));
  return lines;
}

function identifierLines(overview: Record_): string[] {
  const identifiers = list(overview.identifiers).map(
    ({ type, value }) => `${String(type)} ${printable(shown(value))}`,
  );
  return identifiers.length === 0 ? [] : [identifiers.join(' · ')];
}

function stagePath(relationship: Record_): string {
  const steps = list(relationship.history).map(
    (step) => `${String(step.stage ?? step.to)} ${day(step.since)}`,
  );
  return steps.length <= 1 ? 'no move so far' : steps.slice(-6).join(' → ');
}

function valueLines(value: ValueData | null, paint: Painter): string[] {
  if (!value) return [];
  const lines = value.currencies.map(
    (one) =>
      `${paint.bold('value')}      ${clvLine(one)}; bought ${money(one.historicRevenueMinor, one.currency)}`,
  );
  const { terms } = value;
  return [
    ...(lines.length === 0 ? [`${paint.bold('value')}      nothing bought yet`] : lines),
    `           ${formatCount(value.historicNumberOfOrders)} orders${value.averageDaysBetweenOrders === null ? '' : ` every ${Math.round(value.averageDaysBetweenOrders)} days`}, last ${day(value.lastOrderDate)}, next expected ${day(value.expectedDateOfNextOrder)}`,
    paint.dim(`           ${termsLine(terms, terms.purchaseModel)}`),
    '',
  ];
}

function clvLine({
  currency,
  historicClvMinor,
  predictedClvMinor,
  totalClvMinor,
}: ValueData['currencies'][number]): string {
  const soFar = `${money(historicClvMinor, currency)} so far`;
  return predictedClvMinor === null || totalClvMinor === null
    ? `${soFar}; what is expected is not modelled`
    : `${money(totalClvMinor, currency)} lifetime = ${soFar} + ${money(predictedClvMinor, currency)} expected`;
}

function riskLines(risk: RiskData | null, paint: Painter): string[] {
  if (!risk) return [];
  const { score } = risk;
  if (!score) return [`${paint.bold('risk')}       ${wordsOf(risk.status)}`, ''];
  const atRisk = score.valueAtRisk.map((one) => formatAmount(one as Money)).join(', ');
  return [
    `${paint.bold('risk')}       ${score.churnProbability === null ? score.band : `${(score.churnProbability * 100).toFixed(0)} % will leave (${score.band})`}${atRisk === '' ? '' : `, ${atRisk} at risk`}; suggested: ${actionInWords(score.suggestedAction)}`,
    ...score.drivers
      .filter(({ contribution }) => Math.abs(contribution) >= 0.05)
      .slice(0, 5)
      .map(
        ({ contribution, explanation }) =>
          `           ${contribution >= 0 ? '+' : '−'}${Math.abs(contribution).toFixed(2)}  ${explanation}`,
      ),
    paint.dim(
      `           log-odds ${score.logOdds.toFixed(2)} = baseline ${score.baselineLogOdds.toFixed(2)} + contributions`,
    ),
    '',
  ];
}

function openLines(overview: Record_, paint: Painter): string[] {
  const cases = list(overview.openCases).map(
    (one) =>
      `${shown(one.kind ?? 'case')} ${shown(one.caseId)} severity ${shown(one.severity)}, ${shown(one.status)}${one.beyondSla === true ? paint.red(' beyond its time') : `, due ${day(one.slaDueAt)}`}`,
  );
  const contracts = list(overview.contracts).map(
    (one) =>
      `contract ${shown(one.contractId)} ${shown(one.productId)} ${shown(one.status)} until ${shown(one.endDate ?? 'open end')}`,
  );
  const opportunities = list(overview.opportunities)
    .filter(({ status }) => status === undefined || status === 'open')
    .map((one) => `opportunity ${shown(one.opportunityId)} ${shown(one.expected)}`);
  const offers = list(overview.openOffers).map(
    (one) => `offer ${shown(one.offerId)} ${shown(one.productId)} (${shown(one.kind)})`,
  );
  const open = [...cases, ...contracts, ...opportunities, ...offers].slice(0, 8);
  return open.map((line, index) => `${index === 0 ? paint.bold('open') : '    '}       ${line}`);
}

function contactLines(overview: Record_, paint: Painter): string[] {
  const contact = record(overview.contact);
  if (typeof contact.contacts !== 'number' || contact.contacts === 0) return [];
  const channels = list(contact.byChannel)
    .slice(0, 4)
    .map((one) => `${String(one.channel)} ${formatCount(Number(one.contacts))}`);
  const surveys = list(overview.satisfaction).map((one) => `${String(one.instrument)} ${shown(one.score)}`);
  return [
    `${paint.bold('contact')}    ${formatCount(contact.contacts)} contacts (${channels.join(', ')}), last ${day(contact.lastAt)}${surveys.length > 0 ? ` · ${surveys.join(', ')}` : ''}`,
  ];
}

function historyLines({ history }: CustomerPageData): string[] {
  if (history.length === 0) return ['nothing yet'];
  return tableLines(
    [{ title: '' }, { title: '' }, { title: '' }, { title: '' }],
    history.map(({ occurredAt, type, channel, direction, details }) => [
      occurredAt.slice(0, 10),
      wordsOf(type),
      `${arrowOf(direction)} ${channel}`,
      ['total', 'score', 'reasonCode', 'kind', 'to', 'productId', 'amount', 'caseId']
        .filter((field) => details[field] !== undefined)
        .slice(0, 3)
        .map((field) => shown(details[field]))
        .join(' · '),
    ]),
  ).slice(1);
}
