import type { Channel } from '@rapport/contracts';

/** What went on between one customer and us on one channel in one month. Key: `<customerId>/<yyyy-mm>/<channel>`. */
export interface ChannelActivityRow {
  /** yyyy-mm of the business time (UTC). */
  month: string;
  channel: Channel;
  /** Contacts the customer began. */
  inbound: number;
  /** Contacts we began. */
  outbound: number;
  /** Of the inbound: without an employee or agent of ours. */
  selfService: number;
  /** Seconds of all contacts whose length is known, and how many these are. */
  durationS: number;
  timed: number;
  /** Sum of the moods (-100 … 100) of contacts whose mood is known, and how many these are. */
  sentimentSum: number;
  judged: number;
  /** Touches that were corrected, by event id, as they count now; the few there are. */
  corrected?: Record<string, CorrectedTouch>;
}

/** What is true now of a touch that was corrected. */
export interface CorrectedTouch {
  direction: 'in' | 'out';
  /** Seconds; null = not known. */
  durationS: number | null;
  /** -100 … 100; null = not known. */
  sentiment: number | null;
}

/** What went on on a channel, or on all of them. */
export interface Activity {
  readonly contacts: number;
  readonly inbound: number;
  readonly outbound: number;
  readonly selfService: number;
  /** Inbound contacts without an employee or agent of all inbound ones, 0 to 1; null without inbound (S5). */
  readonly selfServiceShare: number | null;
  /** Seconds; null where no length is known. */
  readonly meanDurationS: number | null;
  /** -100 … 100; null where no mood is known. */
  readonly meanSentiment: number | null;
}

export interface ChannelFigures extends Activity {
  readonly channel: Channel;
  /** Of all contacts of the period, 0 to 1. */
  readonly shareOfContacts: number | null;
}

export interface PeriodFigures extends Activity {
  /** yyyy-mm, yyyy-Qn or yyyy. */
  readonly period: string;
  readonly channels: readonly ChannelFigures[];
}
