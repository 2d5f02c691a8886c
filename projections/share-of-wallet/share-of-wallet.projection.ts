import { dayNumberOf, dayNumberOfIsoDate } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { compareStamps, occurredAtMsOf, stampOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import type { ShareOfWalletDocument } from './share-of-wallet.model.js';
import { byCategory, customer, gaps, MONTHS_PER_YEAR, perYear } from './share-of-wallet.queries.js';

const EVENTS = ['WalletShareReported'] as const;

/** How much of what a customer spends in a category do they spend with us, and what is the gap? (S13) */
export const shareOfWallet: ProjectionDefinition<ShareOfWalletDocument, (typeof EVENTS)[number]> = {
  name: 'share-of-wallet',
  version: 1,
  question: 'How much of what a customer spends in a category do they spend with us, and what is the gap?',
  events: EVENTS,
  keys: (event) => [`${ownerOf(event)}/${event.data.category}`],
  initial: (key) => {
    const slash = key.indexOf('/');
    return { customerId: key.slice(0, slash), category: key.slice(slash + 1), latest: null, reports: 0 };
  },
  evolve: (document, event) => {
    const { ownSpend, totalSpend, source, periodMonths, asOfDate, confidencePct } = event.data;
    const atMs = occurredAtMsOf(event);
    document.reports += 1;
    document.latest = latestReport(document.latest, {
      ...stampOf(event, atMs),
      day: asOfDate === undefined ? dayNumberOf(atMs) : dayNumberOfIsoDate(asOfDate),
      ownMinor: ownSpend.amountMinor,
      totalMinor: totalSpend.amountMinor,
      currency: totalSpend.currency,
      periodMonths: periodMonths ?? MONTHS_PER_YEAR,
      source,
      confidencePct: confidencePct ?? null,
    });
    return document;
  },
  sortedBy: ['gapMinorPerYear'],
  indexes: {
    category: (document) => document.category,
    currency: (document) => document.latest?.currency ?? null,
    ownMinorPerYear: ({ latest }) => (latest ? perYear(latest, latest.ownMinor) : 0),
    totalMinorPerYear: ({ latest }) => (latest ? perYear(latest, latest.totalMinor) : 0),
    gapMinorPerYear: ({ latest }) => (latest ? perYear(latest, latest.totalMinor - latest.ownMinor) : 0),
  },
  /** Two reports about one customer are no two wallets: the latest counts. */
  combine: (documents) =>
    documents.reduce((a, b) => ({
      ...a,
      latest: a.latest && b.latest ? latestReport(a.latest, b.latest) : (a.latest ?? b.latest),
      reports: a.reports + b.reports,
    })),
  queries: [customer, byCategory, gaps],
};

const latestReport = (
  known: ShareOfWalletDocument['latest'],
  next: NonNullable<ShareOfWalletDocument['latest']>,
): NonNullable<ShareOfWalletDocument['latest']> =>
  known === null || (next.day - known.day || compareStamps(next, known)) >= 0 ? next : known;
