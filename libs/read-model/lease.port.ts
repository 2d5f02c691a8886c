/**
 * Port: the right to do something alone for a while.
 *
 * Glossary
 * - holder: who has it, for people to read.
 * - token: grows with every change of holder; work done under an older token is refused (fencing).
 *
 * Promises: at most one unexpired lease per name; a token is never given twice. Times come from the caller.
 */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly token: bigint;
  readonly expiresAtMs: number;
}

export type LeaseAnswer =
  { readonly kind: 'granted'; readonly lease: Lease } | { readonly kind: 'held'; readonly by: Lease };

export interface LeaseStore {
  /** Takes a free or expired lease. */
  acquireLease(name: string, holder: string, nowMs: number, ttlMs: number): Promise<LeaseAnswer>;
  /** False when another took it meanwhile: stop at once. */
  renewLease(lease: Lease, nowMs: number, ttlMs: number): Promise<boolean>;
  /** True while no other token was given since, whatever the time: the check to make in the commit it protects. */
  holdsLease(lease: Lease): Promise<boolean>;
  releaseLease(lease: Lease): Promise<void>;
  /** The unexpired lease, if any. */
  currentLease(name: string, nowMs: number): Promise<Lease | undefined>;
}
