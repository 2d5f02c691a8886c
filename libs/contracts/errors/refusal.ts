/** One fact that, recorded on the customer, would let the refused command succeed. */
export interface WayOut {
  /** The unmet rule, as a sentence-like predicate name: `crossSellNeedsNoOpenCase`. */
  readonly rule: string;
  /** What to do, in words. */
  readonly sentence: string;
  /** Event type that would satisfy the rule, with the data it needs (a template to fill). */
  readonly fact?: { readonly eventType: string; readonly data?: Readonly<Record<string, unknown>> };
  /** ISO instant before which it cannot be satisfied. */
  readonly earliestAt?: string;
  /** Ways of one group are alternatives: `needed` of its options are enough; ways of one option belong together. */
  readonly choice?: { readonly group: string; readonly option: number; readonly needed: number };
}

/** A decision not to do what was asked: nothing is half-done, the code is stable, the way out is named. */
export interface Refusal {
  readonly code: string;
  /** One sentence a person understands; no personal data. */
  readonly sentence: string;
  /** The field of the command that is wrong, where it is one: JSON pointer within the command, and why. */
  readonly field?: { readonly pointer: string; readonly reason: string };
  readonly ruleBookVersion?: string;
  readonly wayOut: readonly WayOut[];
  /** Earliest ISO instant at which the same command could succeed, where time alone is enough. */
  readonly earliestAt?: string;
}
