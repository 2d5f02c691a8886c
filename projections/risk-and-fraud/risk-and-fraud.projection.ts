import { dayNumberOfIsoDate } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import type {
  CustomerRisk,
  FraudSignalRow,
  MoneyAtRisk,
  OpenInvoice,
  OpenSignal,
  RiskDocument,
} from './risk-and-fraud.model.js';
import { byBand, customer, exposure, exposureOf, MIXED, signalsByRule } from './risk-and-fraud.queries.js';
import { judge } from './risk-band.js';

const EVENTS = [
  'CustomerRegistered',
  'CustomerGrouped',
  'InvoiceIssued',
  'PaymentReceived',
  'PaymentFailed',
  'DefaultDeclared',
  'DefaultCured',
  'WrittenOff',
  'FraudSignalRaised',
  'FraudSignalConfirmed',
  'FraudSignalCleared',
  'CustomerErased',
] as const;
type RiskEvent = EventFor<(typeof EVENTS)[number]>;

/** Beyond it the one due last goes: what is due first is at risk first. */
const MAX_INVOICES = 200;
const MAX_SIGNALS = 50;
const MAX_DEFAULTS = 100;

/** Who pays how, what is at risk with whom, and which fraud rules are right? (S6, S15) */
export const riskAndFraud: ProjectionDefinition<RiskDocument, (typeof EVENTS)[number]> = {
  name: 'risk-and-fraud',
  version: 1,
  question: 'Who pays how, what is at risk with whom, and which fraud rules are right?',
  events: EVENTS,
  keys: (event) => {
    const owner = ownerOf(event);
    switch (event.type) {
      case 'FraudSignalRaised':
      case 'FraudSignalConfirmed':
      case 'FraudSignalCleared':
        return [owner, `${owner}/f/${event.data.signalId}`];
      default:
        return [owner];
    }
  },
  initial: (key) => (key.includes('/') ? newSignal() : newCustomer()),
  evolve: (document, event) => {
    if (document.kind === 'customer') applyToCustomer(document, event);
    else applyToSignal(document, event);
    return document;
  },
  sortedBy: ['exposureMinor'],
  indexes: {
    kind: (document) => document.kind,
    /** By events alone; what is overdue is known when asked. */
    band: (document) => (document.kind === 'customer' ? judge(document, 0).band : null),
    groupCode: (document) => (document.kind === 'customer' ? document.groupCode : null),
    currency: (document) => (document.kind === 'customer' ? currencyOf(document) : null),
    exposureMinor: (document) => {
      const currency = document.kind === 'customer' ? currencyOf(document) : null;
      return currency === null || currency === MIXED ? 0 : exposureOf(document as CustomerRisk, currency);
    },
    ruleId: (document) => (document.kind === 'signal' ? document.ruleId : null),
    status: (document) => (document.kind === 'signal' ? document.status : null),
    score: (document) => (document.kind === 'signal' ? document.score : null),
  },
  combine: (documents) => documents.reduce(joined),
  queries: [customer, byBand, exposure, signalsByRule],
};

const newCustomer = (): CustomerRisk => ({
  kind: 'customer',
  groupCode: null,
  invoices: [],
  money: {},
  invoicesIssued: 0,
  paidInTime: 0,
  paidLate: 0,
  latePayments: 0,
  daysLateSum: 0,
  daysLateMax: 0,
  failures: 0,
  lastFailureAtMs: null,
  defaultsOpen: [],
  defaultsEver: 0,
  signals: [],
  signalsRaised: 0,
  signalsCleared: 0,
  signalsConfirmed: 0,
  erased: false,
});

const newSignal = (): FraudSignalRow => ({
  kind: 'signal',
  ruleId: null,
  score: 0,
  status: 'open',
  transactionRef: null,
  raisedAtMs: 0,
});

const moneyOf = (document: CustomerRisk, currency: string): MoneyAtRisk =>
  (document.money[currency] ??= { invoicedMinor: 0, paidMinor: 0, writtenOffMinor: 0, fraudLossMinor: 0 });

function applyToCustomer(document: CustomerRisk, event: RiskEvent): void {
  switch (event.type) {
    case 'CustomerRegistered':
      document.groupCode = event.data.groupCode ?? null;
      return;
    case 'CustomerGrouped':
      document.groupCode = event.data.groupCode;
      return;
    case 'InvoiceIssued': {
      const { invoiceId, amount, dueDate } = event.data;
      const money = moneyOf(document, amount.currency);
      money.invoicedMinor = addMinor(money.invoicedMinor, amount.amountMinor);
      document.invoicesIssued += 1;
      const dueDay = dayNumberOfIsoDate(dueDate);
      document.invoices = keptInvoices([
        ...document.invoices,
        { invoiceId, currency: amount.currency, openMinor: amount.amountMinor, writtenOffMinor: 0, dueDay },
      ]);
      return;
    }
    case 'PaymentReceived': {
      const { invoiceId, amount, daysLate = 0 } = event.data;
      const money = moneyOf(document, amount.currency);
      money.paidMinor = addMinor(money.paidMinor, amount.amountMinor);
      if (daysLate > 0) {
        document.latePayments += 1;
        document.daysLateSum += daysLate;
        document.daysLateMax = Math.max(document.daysLateMax, daysLate);
      }
      const invoice = document.invoices.find((known) => known.invoiceId === invoiceId);
      if (!invoice) return;
      invoice.openMinor -= amount.amountMinor;
      if (invoice.openMinor > 0) return;
      document.invoices = document.invoices.filter((known) => known !== invoice);
      if (daysLate > 0) document.paidLate += 1;
      else document.paidInTime += 1;
      return;
    }
    case 'PaymentFailed': {
      document.failures += 1;
      document.lastFailureAtMs = Math.max(document.lastFailureAtMs ?? 0, occurredAtMsOf(event));
      return;
    }
    case 'DefaultDeclared':
      if (document.defaultsOpen.includes(event.data.invoiceId)) return;
      document.defaultsEver += 1;
      document.defaultsOpen = [...document.defaultsOpen, event.data.invoiceId].slice(-MAX_DEFAULTS);
      return;
    case 'DefaultCured':
      document.defaultsOpen = document.defaultsOpen.filter((known) => known !== event.data.invoiceId);
      return;
    case 'WrittenOff': {
      const { invoiceId, amount } = event.data;
      const money = moneyOf(document, amount.currency);
      money.writtenOffMinor = addMinor(money.writtenOffMinor, amount.amountMinor);
      const invoice = document.invoices.find((known) => known.invoiceId === invoiceId);
      if (invoice) invoice.writtenOffMinor = addMinor(invoice.writtenOffMinor, amount.amountMinor);
      return;
    }
    case 'FraudSignalRaised': {
      const { signalId, ruleId, score, transactionRef } = event.data;
      document.signalsRaised += 1;
      const signal: OpenSignal = {
        signalId,
        ruleId,
        score,
        confirmed: false,
        transactionRef: transactionRef ?? null,
        raisedAtMs: occurredAtMsOf(event),
      };
      document.signals = [...document.signals.filter((known) => known.signalId !== signalId), signal].slice(
        -MAX_SIGNALS,
      );
      return;
    }
    case 'FraudSignalConfirmed': {
      document.signalsConfirmed += 1;
      const signal = document.signals.find((known) => known.signalId === event.data.signalId);
      if (signal) signal.confirmed = true;
      const { loss } = event.data;
      if (!loss) return;
      const money = moneyOf(document, loss.currency);
      money.fraudLossMinor = addMinor(money.fraudLossMinor, loss.amountMinor);
      return;
    }
    case 'FraudSignalCleared':
      document.signalsCleared += 1;
      document.signals = document.signals.filter((known) => known.signalId !== event.data.signalId);
      return;
    case 'CustomerErased':
      document.erased = true;
      return;
  }
}

function applyToSignal(row: FraudSignalRow, event: RiskEvent): void {
  switch (event.type) {
    case 'FraudSignalRaised':
      row.ruleId = event.data.ruleId;
      row.score = event.data.score;
      row.transactionRef = event.data.transactionRef ?? null;
      row.raisedAtMs = occurredAtMsOf(event);
      return;
    case 'FraudSignalConfirmed':
      row.status = 'confirmed';
      return;
    case 'FraudSignalCleared':
      row.status = 'cleared';
      return;
    default:
      return;
  }
}

/** Order of invoices due on one day; merged customers may both have one under the same id. */
const placeOf = (a: OpenInvoice, b: OpenInvoice): number =>
  (a.invoiceId < b.invoiceId ? -1 : a.invoiceId > b.invoiceId ? 1 : 0) ||
  a.openMinor - b.openMinor ||
  (a.currency < b.currency ? -1 : a.currency > b.currency ? 1 : 0);

/** The invoices due first. */
function keptInvoices(invoices: readonly OpenInvoice[]): OpenInvoice[] {
  return [...invoices].sort((a, b) => a.dueDay - b.dueDay || placeOf(a, b)).slice(0, MAX_INVOICES);
}

function currencyOf(document: CustomerRisk): string | null {
  const currencies = Object.keys(document.money);
  return currencies.length === 0 ? null : currencies.length > 1 ? MIXED : currencies[0]!;
}

function joined(a: RiskDocument, b: RiskDocument): RiskDocument {
  if (a.kind !== 'customer' || b.kind !== 'customer') return a;
  const money: CustomerRisk['money'] = {};
  for (const part of [a.money, b.money])
    for (const [currency, sums] of Object.entries(part)) {
      const into = (money[currency] ??= {
        invoicedMinor: 0,
        paidMinor: 0,
        writtenOffMinor: 0,
        fraudLossMinor: 0,
      });
      for (const field of Object.keys(into) as (keyof MoneyAtRisk)[])
        into[field] = addMinor(into[field], sums[field]);
    }
  return {
    kind: 'customer',
    groupCode: a.groupCode ?? b.groupCode,
    invoices: keptInvoices([...a.invoices, ...b.invoices]),
    money,
    invoicesIssued: a.invoicesIssued + b.invoicesIssued,
    paidInTime: a.paidInTime + b.paidInTime,
    paidLate: a.paidLate + b.paidLate,
    latePayments: a.latePayments + b.latePayments,
    daysLateSum: a.daysLateSum + b.daysLateSum,
    daysLateMax: Math.max(a.daysLateMax, b.daysLateMax),
    failures: a.failures + b.failures,
    lastFailureAtMs:
      a.lastFailureAtMs === null || b.lastFailureAtMs === null
        ? (a.lastFailureAtMs ?? b.lastFailureAtMs)
        : Math.max(a.lastFailureAtMs, b.lastFailureAtMs),
    defaultsOpen: [...a.defaultsOpen, ...b.defaultsOpen].sort().slice(0, MAX_DEFAULTS),
    defaultsEver: a.defaultsEver + b.defaultsEver,
    signals: [...a.signals, ...b.signals]
      .sort((x, y) => x.raisedAtMs - y.raisedAtMs || (x.signalId < y.signalId ? -1 : 1))
      .slice(-MAX_SIGNALS),
    signalsRaised: a.signalsRaised + b.signalsRaised,
    signalsCleared: a.signalsCleared + b.signalsCleared,
    signalsConfirmed: a.signalsConfirmed + b.signalsConfirmed,
    erased: a.erased || b.erased,
  };
}
