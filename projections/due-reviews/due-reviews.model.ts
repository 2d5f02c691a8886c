/**
 * From what it follows when the rules must look at a customer again although nothing happens. Key: `<customerId>`.
 * The instant itself is the index `nextReviewAtMs` (epoch ms, null = never): asked for once a save, not once an event.
 */
export interface DueReviewDocument<State = unknown> {
  /** What the rules know of the customer, as the injected functions keep it; a JSON value without personal plaintext. */
  state: State;
}

/**
 * The pure relationship functions, handed in by the app: projections never import the domain.
 * `State` must be a JSON value.
 */
export interface RelationshipFunctions<State = unknown> {
  readonly initial: () => State;
  /** Ignores event types it does not know; may mutate and return `state`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the domain takes its own union of events
  readonly evolve: (state: State, event: any) => State;
  readonly nextReviewAtMs: (state: State) => number | null;
  /** What is known of two customers that are one. */
  readonly join: (a: State, b: State) => State;
  /** Version of the state's shape and of the rule book: another one means other documents. Default 1. */
  readonly version?: number;
  /** Event types the functions look at; default all of a customer's. */
  readonly events?: readonly string[];
}

export interface DueReview {
  readonly customerId: string;
  /** ISO-8601 UTC. */
  readonly dueAt: string;
}
