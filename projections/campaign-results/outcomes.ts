import type { MemberDocument } from './campaign-results.model.js';

/** What a customer did at least once, or what became of a contact. */
const OUTCOMES = {
  delivered: (member) => member.delivered > 0,
  opened: (member) => member.opened > 0,
  clicked: (member) => member.clicked > 0,
  bounced: (member) => member.bounced > 0,
  responded: (member) => member.responses > 0,
  optedOut: (member) => member.optedOut,
  converted: (member) => member.conversions > 0,
} satisfies Readonly<Record<string, (member: MemberDocument) => boolean>>;
export type Outcome = keyof typeof OUTCOMES;

const names = Object.keys(OUTCOMES) as Outcome[];

/** All outcomes of a customer as one number, so that one index groups by all of them. */
export const outcomeSetOf = (member: MemberDocument): number =>
  names.reduce((set, name, bit) => (OUTCOMES[name](member) ? set | (1 << bit) : set), 0);

export const hasOutcome = (set: number, name: Outcome): boolean => (set & (1 << names.indexOf(name))) !== 0;
