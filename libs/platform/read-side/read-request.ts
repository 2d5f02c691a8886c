import type { Principal } from '../access/principal.js';

/** One question to a read model. */
export interface ReadRequest {
  readonly projection: string;
  readonly query: string;
  /** Checked against the query's schema; without paging. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Customer the question is about, when the path names one: resolved to `params.customerId`. */
  readonly reference?: string;
  /** Business time the answer is for, epoch ms; default now. Given: facts after it are left out. */
  readonly asOfMs?: number;
  readonly knownAt?: KnownAt;
  /** Token of a write that the answer must have seen. */
  readonly after?: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly principal: Principal;
}

/** What we knew: by recording time (epoch ms) or log position, inclusive. */
export type KnownAt = { readonly recordedAtMs: number } | { readonly position: bigint };

/** An answer and how fresh it is. */
export interface ReadAnswer {
  readonly data: unknown;
  readonly meta: {
    readonly projection: string;
    readonly version: number;
    /** Absent when the answer was folded for it (asOf, knownAt). */
    readonly generation?: number;
    /** Log position the answer is complete to. */
    readonly position: string;
    /** ISO-8601 UTC. */
    readonly asOf: string;
    readonly knownAt?: string;
    /** Cursor of the next page. */
    readonly next?: string;
    readonly [member: string]: unknown;
  };
}
