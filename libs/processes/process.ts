import type { AnyRecordedEvent, EventType } from '@rapport/contracts';
import type { CustomerCommand, CustomerState } from '@rapport/domain';

/**
 * Something that happens by itself: an event is followed by commands, as a person who watches the log would send them.
 * Pure: what it knows is the event, the customer as the log tells it, and what whoever switched it on said.
 *
 * Glossary
 * - trigger: the event it reacts to.
 * - look: the moment it reacts; at once, or later when it waits to see whether something happens by itself.
 * - step: name of one command within the reaction; with process and trigger it is the key under which the command is
 *   carried out, so that a repetition (replay, restart, double delivery) changes nothing.
 */
export interface ProcessDefinition<Type extends EventType = EventType> {
  /** kebab-case. */
  readonly name: string;
  /** What it is for, one sentence. */
  readonly purpose: string;
  /** Requirement rows it serves. */
  readonly rows: readonly string[];
  /** The one figure it is judged by, and which way is better. */
  readonly metric: { readonly name: string; readonly meaning: string; readonly better: 'higher' | 'lower' };
  /** Types of triggers. */
  readonly events: readonly Type[];
  /** False for a trigger that by itself says there is nothing to do: nothing is read for it. Default: every one concerns. */
  readonly concerns?: (trigger: TriggerOf<Type>) => boolean;
  /** When to look, epoch ms; default at once. Must depend on the trigger alone. */
  readonly lookAtMs?: (trigger: TriggerOf<Type>) => number;
  /** What to ask for now; nothing when there is nothing to do. */
  readonly react: (
    trigger: TriggerOf<Type>,
    customer: CustomerState,
    settings: ProcessSettings,
  ) => readonly ProcessStep[];
}

/** What was said when the process was switched on. */
export interface ProcessSettings {
  /** Who is given what concerns a customer without an account manager. */
  readonly ownerId: string;
}

export type TriggerOf<Type extends EventType> = Extract<AnyRecordedEvent, { type: Type }>;

export interface ProcessStep {
  readonly step: string;
  readonly command: CustomerCommand;
  /** At most once per customer for ever, whatever the trigger; default once per trigger. */
  readonly oncePerCustomer?: boolean;
}

/** Any process, for registries and runners. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- runners treat triggers as opaque
export type AnyProcess = ProcessDefinition<any>;

/** Keeps types inferred while checking the shape. */
export const defineProcess = <Type extends EventType>(
  definition: ProcessDefinition<Type>,
): ProcessDefinition<Type> => definition;

/** Key of a step's command in the customer's stream. */
export const stepKey = (
  process: string,
  triggerEventId: string,
  { step, oncePerCustomer }: ProcessStep,
): string =>
  oncePerCustomer ? `process ${process} once ${step}` : `process ${process} ${triggerEventId} ${step}`;

/** Who answers for a customer: the account manager, else whom the settings name. */
export const responsibleFor = (customer: CustomerState, settings: ProcessSettings): string =>
  customer.profile.managerId ?? settings.ownerId;
