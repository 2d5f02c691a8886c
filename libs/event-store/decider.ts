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
  /** Customer whose stream is decided on; absent for other streams. */
  readonly customerId?: string;
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
  /** For aggregates of which several may become one; absent: each stream stands for itself. */
  readonly joining?: StreamJoining<State, Command>;
}

/**
 * What an event says about another stream being part of this one. Several streams may join under one `joinId`, and part
 * together; an id that was parted does not come back.
 */
export type JoinChange =
  | {
      readonly kind: 'joined';
      readonly joinId: string;
      readonly streamId: string;
      /** What the other stream held before this revision is part of this one. */
      readonly beforeRevision: bigint;
    }
  | { readonly kind: 'parted'; readonly joinId: string };

/** Where a command goes that was addressed to a stream which is part of another one. */
export interface MovedCommand {
  readonly streamId: string;
  /** Join by which it goes there; undefined: to look for its first answer only. */
  readonly joinId?: string;
}

/**
 * Streams that become one without an event moving: the state of a stream is the fold of its own events, with the state
 * of each stream that is part of it joined in at the event that says so. Joins that were taken back since count as if
 * they had never been.
 */
export interface StreamJoining<State, Command> {
  /** undefined for every event that says nothing of the kind: asked for each event read. */
  readonly changeOf: (event: { readonly type: string; readonly data: unknown }) => JoinChange | undefined;
  readonly join: (state: State, member: State) => State;
  /** Undefined: the command is decided on this stream. */
  readonly movedTo: (state: State, command: Command) => MovedCommand | undefined;
  /** Streams on which commands addressed to this one were recorded while it was part of them. */
  readonly formerly: (state: State) => readonly string[];
}
