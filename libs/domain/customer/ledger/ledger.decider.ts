import { MS_PER_DAY, dayNumberOf, dayNumberOfIsoDate, formatMoney } from '@rapport/contracts';
import type { Money, ProductKind, Refusal } from '@rapport/contracts';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import { refuse } from '../refuse.js';
import { withTrade } from './trade-by-month.js';
import type { TradeByMonth } from './trade-by-month.js';
import { capped, later, markOf, replacedAt } from '../occurrence.js';
import type { DataOfType, Mark, Occurrence, SliceEvolvers } from '../occurrence.js';

// Events: PurchaseRecorded, ReturnRecorded, InvoiceIssued, PaymentReceived, PaymentFailed, DefaultDeclared, DefaultCured,
// WrittenOff, WalletShareReported, ServiceCostRecorded, FraudSignalRaised, FraudSignalConfirmed, FraudSignalCleared.

interface OrderState {
  readonly orderId: string;
  readonly currency: string;
  /** What may still be returned, in minor units. */
  readonly leftMinor: number;
  /** What pieces that can come back cost, where the order says so in its own currency. */
  readonly costs?: readonly PieceCost[];
}

interface PieceCost {
  readonly productId: string;
  /** Minor units a piece. */
  readonly unitMinor: number;
  /** Pieces not returned yet. */
  readonly pieces: number;
}

interface InvoiceState {
  readonly invoiceId: string;
  readonly currency: string;
  /** What the customer owes; a write-off changes nothing about it. */
  readonly openMinor: number;
  /** What we gave up collecting. */
  readonly writtenOffMinor: number;
  readonly dueDay: number;
}

export interface DefaultState extends Mark {
  readonly invoiceId: string;
}

interface PurchaseDay extends Mark {
  readonly day: number;
}

/** What the customer bought: the family, how far up it, and the order it came with. A consumable is had, but not held. */
export interface Holding {
  readonly family: string;
  readonly tier: number;
  readonly kind: ProductKind;
  readonly orderId: string;
}

export interface FraudSignal extends Mark {
  readonly signalId: string;
  /** 0 harmless … 100 certain. */
  readonly score: number;
  readonly confirmed: boolean;
}

export interface LedgerState {
  readonly purchases: number;
  readonly lastPurchase: Mark | null;
  /** Latest distinct days with a purchase, in order of time. */
  readonly purchaseDays: readonly PurchaseDay[];
  /** Median of the gaps between them; null while fewer than two days are known. */
  readonly medianGapMs: number | null;
  readonly orders: readonly OrderState[];
  /** Bought less returned, by currency: the bound for returns of orders the list has let go of. */
  readonly leftMinor: Readonly<Record<string, number>>;
  /** Bought less returned, without tax, of the latest months; and what serving the customer cost in them. */
  readonly netSales: TradeByMonth;
  readonly serviceCosts: TradeByMonth;
  readonly holdings: readonly Holding[];
  readonly invoices: readonly InvoiceState[];
  readonly invoicesForgotten: number;
  readonly defaults: readonly DefaultState[];
  readonly fraudSignals: readonly FraudSignal[];
  readonly lastPaymentFailure: Mark | null;
  readonly lastReturn: Mark | null;
}

export const initialLedger: LedgerState = {
  purchases: 0,
  lastPurchase: null,
  purchaseDays: [],
  medianGapMs: null,
  orders: [],
  leftMinor: {},
  netSales: {},
  serviceCosts: {},
  holdings: [],
  invoices: [],
  invoicesForgotten: 0,
  defaults: [],
  fraudSignals: [],
  lastPaymentFailure: null,
  lastReturn: null,
};

/** The most purchase days a rule may ask for; 15 gaps are plenty for a median. */
export const PURCHASE_DAYS_KEPT = 16;
/** Returns come within months: the latest orders are checked one by one, older ones against the total. */
const ORDERS_KEPT = 60;
const HOLDINGS_KEPT = 60;
const INVOICES_KEPT = 200;
const DEFAULTS_KEPT = 100;
const FRAUD_SIGNALS_KEPT = 50;

const medianOf = (days: readonly PurchaseDay[]): number | null => {
  if (days.length < 2) return null;
  const gaps = days.slice(1).map((day, index) => (day.day - days[index]!.day) * MS_PER_DAY);
  gaps.sort((a, b) => a - b);
  const middle = gaps.length >> 1;
  return gaps.length % 2 === 1 ? gaps[middle]! : (gaps[middle - 1]! + gaps[middle]!) / 2;
};

const withPurchaseDay = (
  { purchaseDays: days, medianGapMs }: LedgerState,
  mark: Mark,
): Pick<LedgerState, 'purchaseDays' | 'medianGapMs'> => {
  const day = dayNumberOf(mark.atMs);
  if (days.some((known) => known.day === day) || (days.length >= PURCHASE_DAYS_KEPT && day < days[0]!.day))
    return { purchaseDays: days, medianGapMs };
  const next = [...days, { ...mark, day }];
  if (days.length > 0 && day < days.at(-1)!.day) next.sort((a, b) => a.day - b.day);
  const purchaseDays = next.length > PURCHASE_DAYS_KEPT ? next.slice(1) : next;
  return { purchaseDays, medianGapMs: medianOf(purchaseDays) };
};

/** What is held after one more, the newest last; one of the same family and tier takes the place of the former. */
const withHolding = (holdings: readonly Holding[], holding: Holding): readonly Holding[] => {
  const rest = holdings.filter(({ family, tier }) => family !== holding.family || tier !== holding.tier);
  return capped(rest, holding, HOLDINGS_KEPT);
};

/** A service cannot be given back: what it cost is spent. */
const costsOf = ({ lines = [], total }: DataOfType<'PurchaseRecorded'>): readonly PieceCost[] =>
  lines.flatMap(({ productId, qty, unitCost, productKind }) =>
    unitCost === undefined || unitCost.currency !== total.currency || productKind === 'service'
      ? []
      : [{ productId, unitMinor: unitCost.amountMinor, pieces: qty }],
  );

/** The pieces taken from an order, in its order: what they cost, and what is left. */
function takenBack(
  costs: readonly PieceCost[],
  productId: string,
  qty: number,
): { readonly costMinor: number | null; readonly left: readonly PieceCost[] } {
  let wanted = qty;
  let costMinor: number | null = null;
  const left = costs.map((piece) => {
    if (piece.productId !== productId || wanted === 0) return piece;
    const taken = Math.min(wanted, piece.pieces);
    wanted -= taken;
    costMinor = (costMinor ?? 0) + taken * piece.unitMinor;
    return { ...piece, pieces: piece.pieces - taken };
  });
  return { costMinor, left };
}

const bought = (
  state: LedgerState,
  data: DataOfType<'PurchaseRecorded'>,
  occurrence: Occurrence,
): LedgerState => {
  const mark = markOf(occurrence);
  const { currency, amountMinor } = data.total;
  const costs = costsOf(data);
  const order = {
    orderId: data.orderId,
    currency,
    leftMinor: amountMinor,
    ...(costs.length > 0 ? { costs } : {}),
  };
  let held = state.holdings;
  for (const line of data.lines ?? [])
    held = withHolding(held, {
      family: line.productFamily ?? line.productId,
      tier: line.productTier ?? 0,
      kind: line.productKind ?? 'durable',
      orderId: data.orderId,
    });
  return {
    ...state,
    purchases: state.purchases + 1,
    lastPurchase: later(state.lastPurchase, mark),
    ...withPurchaseDay(state, mark),
    orders: capped(state.orders, order, ORDERS_KEPT),
    leftMinor: { ...state.leftMinor, [currency]: (state.leftMinor[currency] ?? 0) + amountMinor },
    netSales: withTrade(
      state.netSales,
      { amountMinor: amountMinor - taxIn(data, currency), currency },
      mark.atMs,
    ),
    holdings: held,
  };
};

const withoutReturned = (
  costs: readonly PieceCost[],
  lines: DataOfType<'ReturnRecorded'>['lines'] = [],
): readonly PieceCost[] =>
  lines.reduce<readonly PieceCost[]>(
    (left, { productId, qty }) => takenBack(left, productId, qty).left,
    costs,
  );

const taxIn = ({ tax }: DataOfType<'PurchaseRecorded'>, currency: string): number =>
  tax?.currency === currency ? tax.amountMinor : 0;

const orderAt = (state: LedgerState, orderId: string): number =>
  state.orders.findIndex((order) => order.orderId === orderId);
const invoiceAt = (state: LedgerState, invoiceId: string): number =>
  state.invoices.findIndex((invoice) => invoice.invoiceId === invoiceId);

export const ledgerEvolvers: SliceEvolvers<LedgerState> = {
  PurchaseRecorded: bought,
  ReturnRecorded: (state, data, occurrence) => {
    const { currency, amountMinor } = data.refund;
    const index = orderAt(state, data.orderId);
    const order = state.orders[index];
    const leftMinor = order === undefined ? 1 : order.leftMinor - amountMinor;
    return {
      ...state,
      orders:
        order === undefined
          ? state.orders
          : replacedAt(state.orders, index, {
              ...order,
              leftMinor,
              ...(order.costs === undefined ? {} : { costs: withoutReturned(order.costs, data.lines) }),
            }),
      leftMinor: { ...state.leftMinor, [currency]: (state.leftMinor[currency] ?? 0) - amountMinor },
      netSales: withTrade(state.netSales, { amountMinor: -amountMinor, currency }, occurrence.atMs),
      holdings:
        leftMinor <= 0
          ? state.holdings.filter((holding) => holding.orderId !== data.orderId)
          : state.holdings,
      lastReturn: later(state.lastReturn, markOf(occurrence)),
    };
  },
  ServiceCostRecorded: (state, data, occurrence) => ({
    ...state,
    serviceCosts: withTrade(state.serviceCosts, data.amount, occurrence.atMs),
  }),
  InvoiceIssued: (state, data) => {
    const invoice: InvoiceState = {
      invoiceId: data.invoiceId,
      currency: data.amount.currency,
      openMinor: data.amount.amountMinor,
      writtenOffMinor: 0,
      dueDay: dayNumberOfIsoDate(data.dueDate),
    };
    if (state.invoices.length < INVOICES_KEPT) return { ...state, invoices: [...state.invoices, invoice] };
    // What falls out of a full list is the oldest paid invoice, and only without one the oldest.
    const out = Math.max(
      0,
      state.invoices.findIndex((known) => known.openMinor <= 0),
    );
    return {
      ...state,
      invoices: [...state.invoices.filter((_, index) => index !== out), invoice],
      invoicesForgotten: state.invoicesForgotten + 1,
    };
  },
  PaymentReceived: (state, data) => {
    const index = invoiceAt(state, data.invoiceId);
    if (index < 0) return state;
    const invoice = state.invoices[index]!;
    const openMinor = invoice.openMinor - data.amount.amountMinor;
    return { ...state, invoices: replacedAt(state.invoices, index, { ...invoice, openMinor }) };
  },
  WrittenOff: (state, data) => {
    const index = invoiceAt(state, data.invoiceId);
    if (index < 0) return state;
    const invoice = state.invoices[index]!;
    const writtenOffMinor = invoice.writtenOffMinor + data.amount.amountMinor;
    return { ...state, invoices: replacedAt(state.invoices, index, { ...invoice, writtenOffMinor }) };
  },
  PaymentFailed: (state, _data, occurrence) => ({
    ...state,
    lastPaymentFailure: later(state.lastPaymentFailure, markOf(occurrence)),
  }),
  DefaultDeclared: (state, data, occurrence) => ({
    ...state,
    defaults: capped(state.defaults, { ...markOf(occurrence), invoiceId: data.invoiceId }, DEFAULTS_KEPT),
  }),
  DefaultCured: (state, data) => ({
    ...state,
    defaults: state.defaults.filter((known) => known.invoiceId !== data.invoiceId),
  }),
  FraudSignalRaised: (state, data, occurrence) => ({
    ...state,
    fraudSignals: capped(
      state.fraudSignals,
      { ...markOf(occurrence), signalId: data.signalId, score: data.score, confirmed: false },
      FRAUD_SIGNALS_KEPT,
    ),
  }),
  FraudSignalConfirmed: (state, data) => ({
    ...state,
    fraudSignals: state.fraudSignals.map((signal) =>
      signal.signalId === data.signalId ? { ...signal, confirmed: true } : signal,
    ),
  }),
  FraudSignalCleared: (state, data) => ({
    ...state,
    fraudSignals: state.fraudSignals.filter((signal) => signal.signalId !== data.signalId),
  }),
};

type LedgerCommand = CustomerCommandOf<
  | 'RecordPurchase'
  | 'RecordReturn'
  | 'IssueInvoice'
  | 'RecordPayment'
  | 'RecordPaymentFailure'
  | 'DeclareDefault'
  | 'CureDefault'
  | 'RecordServiceCost'
  | 'RecordFraudSignal'
  | 'ClearFraudSignal'
  | 'ConfirmFraudSignal'
  | 'WriteOff'
  | 'ReportWalletShare'
>;

/**
 * What comes back is worth to us what it cost, as IFRS 15 (B21, B25) has it: the right to recover goods is an asset at their
 * former carrying amount, and the cost of the sale is less by it. Written off, or of unknown cost, it is worth nothing known.
 */
function valued(
  data: DataOfType<'ReturnRecorded'>,
  order: OrderState | undefined,
): DataOfType<'ReturnRecorded'> {
  if (data.lines === undefined || data.goods === 'writtenOff' || order?.costs === undefined) return data;
  let { costs } = order;
  return {
    ...data,
    lines: data.lines.map((line) => {
      const { costMinor, left } = takenBack(costs, line.productId, line.qty);
      costs = left;
      return line.costBack !== undefined || costMinor === null
        ? line
        : { ...line, costBack: { amountMinor: costMinor, currency: order.currency } };
    }),
  };
}

const money = (amountMinor: number, currency: string): string =>
  formatMoney({ amountMinor, currency } as Money);

/**
 * ID_ALREADY_USED, UNKNOWN_ORDER, RETURN_EXCEEDS_PURCHASE, UNKNOWN_INVOICE, PAYMENT_EXCEEDS_INVOICE, DATES_OUT_OF_ORDER,
 * WRITE_OFF_EXCEEDS_INVOICE, WALLET_SHARE_INCONSISTENT, UNKNOWN_FRAUD_SIGNAL, NOTHING_TO_DO. No stage ever refuses a fact of the ledger.
 */
export function decideLedger(draft: Draft, command: LedgerCommand): Refusal | undefined {
  const state = draft.state.ledger;
  switch (command.type) {
    case 'RecordPurchase':
      if (orderAt(state, command.orderId) >= 0)
        return refuse('ID_ALREADY_USED', 'The customer has an order with this id.');
      draft.record('PurchaseRecorded', withCatalogue(draft, dataOf(command)));
      return undefined;
    case 'RecordReturn': {
      const { currency, amountMinor } = command.refund;
      const order = state.orders[orderAt(state, command.orderId)];
      if (order === undefined && state.purchases <= state.orders.length)
        return refuse('UNKNOWN_ORDER', 'The customer has no such order.');
      // An order the list has let go of is bounded by all that was bought in the currency.
      const leftMinor =
        order === undefined
          ? (state.leftMinor[currency] ?? 0)
          : order.currency === currency
            ? order.leftMinor
            : 0;
      if (amountMinor > leftMinor)
        return refuse(
          'RETURN_EXCEEDS_PURCHASE',
          `At most ${money(Math.max(0, leftMinor), currency)} of the order can still be returned.`,
        );
      draft.record('ReturnRecorded', valued(dataOf(command), order));
      return undefined;
    }
    case 'IssueInvoice':
      if (invoiceAt(state, command.invoiceId) >= 0)
        return refuse('ID_ALREADY_USED', 'The customer has an invoice with this id.');
      draft.record('InvoiceIssued', dataOf(command));
      return undefined;
    case 'RecordPayment': {
      const invoice = state.invoices[invoiceAt(state, command.invoiceId)];
      if (invoice === undefined && state.invoicesForgotten === 0) return unknownInvoice();
      if (invoice !== undefined) {
        const open = invoice.currency === command.amount.currency ? invoice.openMinor : 0;
        if (command.amount.amountMinor > open)
          return refuse(
            'PAYMENT_EXCEEDS_INVOICE',
            `Open on the invoice: ${money(open, command.amount.currency)}.`,
          );
      }
      const daysLate = invoice === undefined ? 0 : dayNumberOf(draft.context.occurredAtMs) - invoice.dueDay;
      draft.record('PaymentReceived', { ...dataOf(command), ...(daysLate > 0 ? { daysLate } : {}) });
      const left = draft.state.ledger;
      const paidUp = left.invoices[invoiceAt(left, command.invoiceId)]?.openMinor === 0;
      if (paidUp && left.defaults.some((known) => known.invoiceId === command.invoiceId))
        draft.record('DefaultCured', { invoiceId: command.invoiceId });
      return undefined;
    }
    case 'RecordPaymentFailure':
      if (invoiceAt(state, command.invoiceId) < 0 && state.invoicesForgotten === 0) return unknownInvoice();
      draft.record('PaymentFailed', dataOf(command));
      return undefined;
    case 'DeclareDefault':
      if (invoiceAt(state, command.invoiceId) < 0 && state.invoicesForgotten === 0) return unknownInvoice();
      if (state.defaults.some((known) => known.invoiceId === command.invoiceId))
        return refuse('NOTHING_TO_DO', 'The invoice is already in default.');
      draft.record('DefaultDeclared', dataOf(command));
      return undefined;
    case 'CureDefault':
      if (!state.defaults.some((known) => known.invoiceId === command.invoiceId))
        return refuse('NOTHING_TO_DO', 'The invoice is not in default.');
      draft.record('DefaultCured', dataOf(command));
      return undefined;
    case 'RecordServiceCost':
      draft.record('ServiceCostRecorded', dataOf(command));
      return undefined;
    case 'RecordFraudSignal':
      if (state.fraudSignals.some((signal) => signal.signalId === command.signalId))
        return refuse('ID_ALREADY_USED', 'The customer has a fraud signal with this id.');
      draft.record('FraudSignalRaised', dataOf(command));
      return undefined;
    case 'ClearFraudSignal':
      if (!state.fraudSignals.some((signal) => signal.signalId === command.signalId))
        return refuse('NOTHING_TO_DO', 'The customer has no such open fraud signal.');
      draft.record('FraudSignalCleared', dataOf(command));
      return undefined;
    case 'ConfirmFraudSignal': {
      const signal = state.fraudSignals.find((known) => known.signalId === command.signalId);
      if (signal === undefined)
        return refuse('UNKNOWN_FRAUD_SIGNAL', 'The customer has no such open fraud signal.');
      if (signal.confirmed) return refuse('NOTHING_TO_DO', 'The fraud signal is already confirmed.');
      draft.record('FraudSignalConfirmed', dataOf(command));
      return undefined;
    }
    case 'WriteOff': {
      const invoice = state.invoices[invoiceAt(state, command.invoiceId)];
      if (invoice === undefined && state.invoicesForgotten === 0) return unknownInvoice();
      if (invoice !== undefined) {
        const { currency, amountMinor } = command.amount;
        const left = invoice.currency === currency ? invoice.openMinor - invoice.writtenOffMinor : 0;
        if (amountMinor > left)
          return refuse(
            'WRITE_OFF_EXCEEDS_INVOICE',
            `Open on the invoice and not written off: ${money(Math.max(0, left), currency)}.`,
          );
      }
      draft.record('WrittenOff', dataOf(command));
      return undefined;
    }
    case 'ReportWalletShare': {
      const { ownSpend, totalSpend } = command;
      if (ownSpend.currency !== totalSpend.currency)
        return refuse('WALLET_SHARE_INCONSISTENT', 'The amounts are in different currencies.');
      if (ownSpend.amountMinor > totalSpend.amountMinor)
        return refuse('WALLET_SHARE_INCONSISTENT', 'The customer would spend more with us than in all.');
      draft.record('WalletShareReported', dataOf(command));
      return undefined;
    }
    default:
      return command satisfies never;
  }
}

/** The lines with what the catalogue says of their products, kept for ever: a replay looks nothing up. */
function withCatalogue(
  draft: Draft,
  purchase: DataOfType<'PurchaseRecorded'>,
): DataOfType<'PurchaseRecorded'> {
  const products = draft.context.references?.products;
  if (products === undefined || purchase.lines === undefined) return purchase;
  const lines = purchase.lines.map((line) => {
    const product = products.get(line.productId);
    if (product === undefined) return line;
    return { ...line, productFamily: product.family, productTier: product.tier, productKind: product.kind };
  });
  return { ...purchase, lines };
}

const unknownInvoice = (): Refusal => refuse('UNKNOWN_INVOICE', 'The customer has no such invoice.');
