import type { Actor, Channel, NewEvent, References, Refusal, StreamEvent } from '@rapport/contracts';

/** What a decision knows besides the state: time, actor, ids and the rule book are arguments, never read from outside. */
export interface CommandContext<RuleBook = unknown> {
  /** Business time of the command, epoch ms. */
  readonly occurredAtMs: number;
  /** Wall-clock time of handling, epoch ms; only for "not in the future" checks. */
  readonly nowMs: number;
  readonly actor: Actor;
  readonly channel: Channel;
  readonly sourceSystem: string;
  readonly ruleBook: RuleBook;
  /** What other streams say that the decision needs. */
  readonly references?: References;
  /** Id that the n-th event of this type in this decision will get: lets one event cite another. */
  readonly eventIdOf: (type: string, index: number) => string;
}

/**
 * The state a decision was made on and the one its events lead to, where the decider knows it: exactly what folding the
 * recorded events gives, so that they need not be folded again.
 */
export interface FoldedState {
  readonly from: unknown;
  readonly to: unknown;
}

export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly NewEvent[]; readonly folded?: FoldedState }
  /** A refusal appends nothing, except `OfferSuppressed` for a refused offer (and the reviews that fell due before it). */
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly events?: readonly NewEvent[];
      readonly folded?: FoldedState;
    };

/** An aggregate as three pure functions. `State` must be a JSON value (it is snapshotted). */
export interface Decider<State, Command, RuleBook = unknown> {
  readonly category: string;
  /** Bumped when the shape of `State` or `evolve` changes: older snapshots are then ignored. */
  readonly stateSchemaVersion: number;
  readonly initialState: () => State;
  /** Ignores unknown event types. Receives events as recorded: personal values are tokens. May mutate and return `state`. */
  readonly evolve: (state: State, event: StreamEvent) => State;
  readonly decide: (state: State, command: Command, context: CommandContext<RuleBook>) => Decision;
}
