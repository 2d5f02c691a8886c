import type { RuleBook } from './rule-book.js';

/** A rule book with the business time (epoch ms) from which it decides. */
export interface BookInForce {
  readonly fromMs: number;
  readonly book: RuleBook;
}

/** Rule books one after the other, in the order of their dates; the first one also decides everything before its date. */
export interface RuleBookTimeline {
  readonly books: readonly [BookInForce, ...BookInForce[]];
}

/** The rules of a business through time: one book for ever, or several one after the other. */
export type RulesInForce = RuleBook | RuleBookTimeline;

const isTimeline = (rules: RulesInForce): rules is RuleBookTimeline => 'books' in rules;

/** The book that decides at a business time (epoch ms). */
export function ruleBookAt(rules: RulesInForce, atMs: number): RuleBook {
  if (!isTimeline(rules)) return rules;
  const { books } = rules;
  for (let index = books.length - 1; index > 0; index -= 1)
    if (books[index]!.fromMs <= atMs) return books[index]!.book;
  return books[0].book;
}

/** The next instant after `afterMs` at which another book decides; Infinity when there is none. */
export function nextRuleChangeMs(rules: RulesInForce, afterMs: number): number {
  if (!isTimeline(rules)) return Number.POSITIVE_INFINITY;
  for (const { fromMs } of rules.books.slice(1)) if (fromMs > afterMs) return fromMs;
  return Number.POSITIVE_INFINITY;
}

/** A timeline of published books (at least one), given in the order they were published: of two with one date the later published decides. */
export function timelineOf(published: readonly BookInForce[]): RuleBookTimeline {
  const inOrder: BookInForce[] = [];
  for (const next of [...published].sort((a, b) => a.fromMs - b.fromMs)) {
    if (inOrder.at(-1)?.fromMs === next.fromMs) inOrder.pop();
    inOrder.push(next);
  }
  const [first, ...later] = inOrder;
  if (first === undefined) throw new RangeError('a timeline has at least one rule book');
  return { books: [first, ...later] };
}
