import type { DataOf, NeedRecorded, NeedUnmet } from '@rapport/contracts';

export type NeedStatus = 'open' | 'met' | 'unmet';
export type NeedBasis = DataOf<typeof NeedRecorded>['basis'];
export type GapBridge = DataOf<typeof NeedUnmet>['bridge'];

/** One need of a customer and whether we meet it. Key: `<customerId>/<needId>`. */
export interface NeedRow {
  /** null only in a row of which nothing but an end is known; such a row is never stored. */
  needCode: string | null;
  status: NeedStatus;
  /** stated = the customer said it. */
  basis: NeedBasis;
  source: string;
  /** How sure the source is, 0-100; null = not said. */
  confidencePct: number | null;
  /** Products that could serve it. */
  productIds: string[];
  /** The need in words: a token. */
  description: string | null;
  /** Epoch ms. */
  recordedAtMs: number;
  /** When it was met or found unmet, epoch ms. */
  answeredAtMs: number | null;
  /** Products that meet it. */
  metBy: string[];
  /** What is missing; kept when the gap was bridged later. */
  gapCode: string | null;
  bridge: GapBridge | null;
  /** How it is met, or the gap, in words: a token. */
  note: string | null;
}

/** A need as it is answered. */
export interface NeedEntry {
  readonly customerId: string;
  readonly needId: string;
  readonly needCode: string;
  readonly status: NeedStatus;
  readonly basis: NeedBasis;
  readonly source: string;
  readonly confidencePct: number | null;
  readonly productIds: readonly string[];
  /** Personal. */
  readonly description: string | null;
  /** ISO-8601 UTC. */
  readonly recordedAt: string;
  readonly answeredAt: string | null;
  /** Whole days it has been unserved; null once met. */
  readonly unservedDays: number | null;
  readonly metBy: readonly string[];
  readonly gap: { readonly gapCode: string; readonly bridge: GapBridge } | null;
  /** Personal. */
  readonly note: string | null;
}

/** Needs of one kind. */
export interface NeedCount {
  readonly needCode: string;
  readonly needs: number;
  readonly open: number;
  readonly met: number;
  readonly unmet: number;
  /** Met of those answered (met or unmet), 0 to 1; null while none is answered. */
  readonly metShare: number | null;
  /** Needs the customers stated themselves. */
  readonly stated: number;
}

/** What is missing, how often, and how the gap could be bridged. */
export interface Gap {
  readonly gapCode: string;
  readonly bridge: GapBridge;
  /** Needs unmet for it now. */
  readonly unmet: number;
  /** Needs that were unmet for it and are met by now. */
  readonly bridged: number;
}
