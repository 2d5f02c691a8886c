/** How risky it is to give credit: from facts alone. `unknown`: nothing was ever invoiced or suspected, which is no risk. */
export const RISK_BANDS = ['unknown', 'low', 'medium', 'high', 'critical'] as const;
export type RiskBand = (typeof RISK_BANDS)[number];

/** Not paid in full yet. */
export interface OpenInvoice {
  invoiceId: string;
  currency: string;
  /** Minor units still owed, and of these given up as a loss. */
  openMinor: number;
  writtenOffMinor: number;
  /** Last day to pay (days since 1970-01-01 UTC). */
  dueDay: number;
}

export interface MoneyAtRisk {
  invoicedMinor: number;
  paidMinor: number;
  writtenOffMinor: number;
  fraudLossMinor: number;
}

export interface OpenSignal {
  signalId: string;
  ruleId: string;
  /** 0-100. */
  score: number;
  confirmed: boolean;
  transactionRef: string | null;
  /** Epoch ms. */
  raisedAtMs: number;
}

/** How one customer pays and what is suspected of them. Key: `<customerId>`. */
export interface CustomerRisk {
  kind: 'customer';
  groupCode: string | null;
  /** Earliest due first, at most 200. */
  invoices: OpenInvoice[];
  money: Record<string, MoneyAtRisk>;
  invoicesIssued: number;
  /** Paid in full: in time, or late by the last payment. */
  paidInTime: number;
  paidLate: number;
  /** Of payments that came late. */
  latePayments: number;
  daysLateSum: number;
  daysLateMax: number;
  failures: number;
  /** Epoch ms; null = none. */
  lastFailureAtMs: number | null;
  defaultsOpen: string[];
  defaultsEver: number;
  /** Not cleared, at most 50. */
  signals: OpenSignal[];
  signalsRaised: number;
  signalsCleared: number;
  signalsConfirmed: number;
  erased: boolean;
}

/** One fraud signal and what became of it. Key: `<customerId>/f/<signalId>`. */
export interface FraudSignalRow {
  kind: 'signal';
  ruleId: string | null;
  score: number;
  status: 'open' | 'confirmed' | 'cleared';
  transactionRef: string | null;
  raisedAtMs: number;
}

export type RiskDocument = CustomerRisk | FraudSignalRow;

export type RiskReason =
  | 'fraudConfirmed'
  | 'fraudSuspected'
  | 'defaultOpen'
  | 'defaultBefore'
  | 'writtenOff'
  | 'paysLate'
  | 'paymentsFail'
  | 'overdue';

export interface Exposure {
  readonly currency: string;
  /** Owed and not given up, minor units. */
  readonly exposureMinor: number;
  /** Of it beyond its day at the day asked for. */
  readonly overdueMinor: number;
  readonly invoicedMinor: number;
  readonly paidMinor: number;
  readonly writtenOffMinor: number;
  readonly fraudLossMinor: number;
}

export interface CustomerRiskAnswer {
  readonly customerId: string;
  readonly groupCode: string | null;
  /** At the day asked for: invoices long overdue count too. */
  readonly band: RiskBand;
  readonly reasons: readonly RiskReason[];
  readonly exposures: readonly Exposure[];
  readonly payment: {
    readonly invoices: number;
    readonly paidInTime: number;
    readonly paidLate: number;
    /** Of invoices paid in full, 0 to 1; null without one. */
    readonly lateShare: number | null;
    /** Of late payments; null without one. */
    readonly meanDaysLate: number | null;
    readonly daysLateMax: number;
    readonly failures: number;
    /** ISO-8601 UTC. */
    readonly lastFailureAt: string | null;
    /** Of open invoices, at the day asked for; 0 = none is overdue. */
    readonly oldestOverdueDays: number;
  };
  readonly defaults: { readonly open: readonly string[]; readonly ever: number };
  readonly fraud: {
    readonly open: readonly (Omit<OpenSignal, 'raisedAtMs'> & { readonly raisedAt: string })[];
    readonly raised: number;
    readonly cleared: number;
    readonly confirmed: number;
  };
  readonly erased: boolean;
}

export interface RiskRow {
  readonly customerId: string;
  readonly groupCode: string | null;
  readonly band: RiskBand;
  readonly reasons: readonly RiskReason[];
  readonly exposures: readonly Exposure[];
}

export interface RiskTotal {
  readonly band: RiskBand;
  readonly groupCode: string | null;
  readonly customers: number;
  /** By currency, minor units. */
  readonly exposures: readonly { readonly currency: string; readonly exposureMinor: number }[];
}

export interface RuleOutcome {
  readonly ruleId: string;
  readonly raised: number;
  readonly open: number;
  readonly confirmed: number;
  readonly cleared: number;
  /** Confirmed of those decided, 0 to 1; null while none is. */
  readonly precision: number | null;
  readonly meanScore: number;
}
