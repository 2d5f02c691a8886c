import type { Decider } from '@rapport/event-store';
import type { RuleBook } from '@rapport/domain';

/**
 * An aggregate besides the customer: a product, a campaign, a rule book … Each instance is a stream
 * `<category>-<id>`; its commands name it in `idField`.
 */
export interface Aggregate<State, Command extends { readonly type: string }> {
  readonly decider: Decider<State, Command, RuleBook>;
  /** Field of every command that names the instance: `productId`. */
  readonly idField: string;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- states and commands differ per aggregate
export type AnyAggregate = Aggregate<any, any>;
