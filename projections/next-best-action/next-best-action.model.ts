/** One document: of a customer (`state`), or of one offer of ours to them (`offer`). */
export interface NextBestActionDocument<State = unknown> {
  /** What the rules know of the customer; absent in the row of an offer. JSON without personal plaintext. */
  state?: State;
  /** An offer on our initiative and what became of it; null until it is known to be one. */
  offer?: OfferOutcome | null;
}

export interface OfferOutcome {
  /** firstSale, upSell, crossSell, retain, winBack. */
  readonly kind: string;
  /** Where the relationship stood when it was made. */
  readonly stage: string;
  readonly channel: string;
  readonly answer: 'open' | 'accepted' | 'declined';
}

/** Answers to offers of one kind. */
export interface Answers {
  readonly answered: number;
  readonly accepted: number;
}

/** What the answers teach: by `<kind> <stage>` and by `<kind> <channel>`. */
export interface OfferExperience {
  readonly byStage: ReadonlyMap<string, Answers>;
  readonly byChannel: ReadonlyMap<string, Answers>;
}

/** The pure rules, handed in by the app: projections never import the domain. `State` must be a JSON value. */
export interface NextBestActionFunctions<State = unknown> {
  readonly initial: () => State;
  /** Ignores event types it does not know; may mutate and return `state`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the domain takes its own union of events
  readonly evolve: (state: State, event: any) => State;
  /** The state a decision about merged customers would see. */
  readonly join: (states: readonly State[]) => State;
  readonly actionsAt: (
    state: State,
    atMs: number,
    asked: { readonly channel?: string; readonly experience: OfferExperience },
  ) => object;
  /** Of the state's shape and of what `evolve` keeps. */
  readonly version: number;
}

/** How often offers of one kind were accepted, at a stage or by a channel. */
export interface AcceptanceRow extends Answers {
  readonly kind: string;
  readonly stage?: string;
  readonly channel?: string;
  /** Offers made on our initiative. */
  readonly made: number;
  /** Share of yes among the answers, 0–1; null without an answer. */
  readonly acceptance: number | null;
}

export interface AcceptanceAnswer {
  readonly byStage: readonly AcceptanceRow[];
  readonly byChannel: readonly AcceptanceRow[];
}
