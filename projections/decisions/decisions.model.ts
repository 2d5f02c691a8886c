/** One decision by rules. Key: `<customerId>/<eventId>`. */
export interface DecisionRow {
  type: string;
  /** The rule book that decided. */
  ruleBookVersion: string;
  /** Business time of the decision, epoch ms. */
  atMs: number;
  /** What was decided, by codes only: no personal values. */
  outcome: Readonly<Record<string, string | number | readonly string[]>>;
}

/** A decision as it is answered; its rules and their answers are at /v1/customers/{ref}/decisions/{eventId}. */
export interface DecisionEntry {
  readonly customerId: string;
  readonly eventId: string;
  readonly type: string;
  readonly ruleBookVersion: string;
  /** ISO-8601 UTC. */
  readonly occurredAt: string;
  readonly outcome: DecisionRow['outcome'];
}

/** How much one rule book decided. */
export interface DecisionsOfBook {
  readonly ruleBookVersion: string;
  readonly decisions: number;
  readonly byType: Readonly<Record<string, number>>;
}
