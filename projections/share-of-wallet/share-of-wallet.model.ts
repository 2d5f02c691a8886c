import type { DataOf, WalletShareReported } from '@rapport/contracts';
import type { Stamp } from '../_parts/business-order.js';

/** What a customer spends in one category, as last reported. Key: `<customerId>/<category>`. */
export interface ShareOfWalletDocument {
  customerId: string;
  category: string;
  /** The report for the latest day; of equal days the one reported later. */
  latest: (Stamp & WalletReport) | null;
  /** Reports so far. */
  reports: number;
}

export interface WalletReport {
  /** Last day the amounts are for (days since 1970-01-01 UTC). */
  day: number;
  /** Amounts of `periodMonths`, minor units. */
  ownMinor: number;
  totalMinor: number;
  currency: string;
  periodMonths: number;
  source: DataOf<typeof WalletShareReported>['source'];
  /** 0-100; null = not said. */
  confidencePct: number | null;
}

/** Amounts per year, minor units. */
export interface WalletShare {
  readonly customerId: string;
  readonly category: string;
  readonly currency: string;
  readonly ownMinorPerYear: number;
  readonly totalMinorPerYear: number;
  /** What is spent elsewhere. */
  readonly gapMinorPerYear: number;
  /** 0 to 1; null when nothing is spent in the category. */
  readonly share: number | null;
  /** yyyy-mm-dd the amounts are for, and how old they are at the day asked for. */
  readonly asOfDate: string;
  readonly ageDays: number;
  readonly source: string;
  readonly confidencePct: number | null;
  readonly reports: number;
}

export interface CategoryShare {
  readonly category: string;
  readonly currency: string;
  readonly customers: number;
  readonly ownMinorPerYear: number;
  readonly totalMinorPerYear: number;
  readonly gapMinorPerYear: number;
  /** Of all that these customers spend in the category, 0 to 1; null when they spend nothing. */
  readonly share: number | null;
}
