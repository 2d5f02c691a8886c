/** An offer and what became of it; null until it is known to be one of ours. Key: `<customerId>/<offerId>`. */
export interface OfferRow {
  offer: OfferOutcome | null;
}

/** An offer on our initiative. */
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

/**
 * What the rules advise for a customer of whom they know `state`, as `due-reviews` keeps it; handed in by the app, because
 * projections never import the domain.
 */
export type ActionsAt<State = unknown> = (
  state: State,
  atMs: number,
  asked: { readonly channel?: string; readonly experience: OfferExperience },
) => object;

/** A document of `due-reviews`, as far as advice looks at it. */
export interface KnownCustomer {
  readonly state: unknown;
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
