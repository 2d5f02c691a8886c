import { epochMsOf, isoOf, MS_PER_DAY, MS_PER_SECOND } from '@rapport/contracts';
import type { DataOf, NewEvent, Refusal, RuleBookPublished, StreamEvent } from '@rapport/contracts';
import type { GivenContext } from '../customer/draft.js';
import { refuse } from '../customer/refuse.js';
import { ruleBookAt } from './rules-in-force.js';
import { RuleBookError } from './rule-book.error.js';
import { compileRuleBook } from './rule-book.loader.js';

/** Makes a version of the rules decide from a date on. Version and objective stand in the rules. */
export interface PublishRuleBook {
  readonly type: 'PublishRuleBook';
  /** Whose rules; names the stream. */
  readonly scope: string;
  /** The whole rule book as JSON. */
  readonly rules: Readonly<Record<string, unknown>>;
  /** ISO-8601; default the business time of the command; at most a day before it. */
  readonly effectiveFrom?: string;
}
export type RuleBookCommand = PublishRuleBook;

/** What was published so far: a line per version, in the order of publication. */
export interface RuleBookState {
  readonly published: readonly { readonly version: string; readonly effectiveFromMs: number }[];
}

/** Date of the first rule book: it decides every business time before the second one. */
export const FIRST_EFFECTIVE_FROM = '0001-01-01T00:00:00.000Z';
const CLOCK_SKEW_MS = 300 * MS_PER_SECOND;

type RuleBookDecision =
  | { readonly kind: 'accepted'; readonly events: readonly NewEvent[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * OCCURRED_IN_FUTURE, RULE_BOOK_INVALID (the sentence names the JSON path and the reason), RULE_BOOK_VERSION_TAKEN,
 * RULE_BOOK_BACKDATED, RULE_BOOK_OUT_OF_ORDER. The first publication also records the book that was in force until then, so that the log explains
 * every decision by itself.
 */
export function decideRuleBook(
  state: RuleBookState,
  command: RuleBookCommand,
  context: GivenContext,
): RuleBookDecision {
  if (context.occurredAtMs > context.nowMs + CLOCK_SKEW_MS)
    return refused(refuse('OCCURRED_IN_FUTURE', 'occurredAt lies in the future.'));
  const publication = publicationOf(command, context);
  if (publication instanceof RuleBookError)
    return refused(
      refuse('RULE_BOOK_INVALID', `${publication.message.replace(/\.$/, '')}.`, {
        field: { pointer: `/rules${publication.pointer}`, reason: publication.reason },
      }),
    );
  const first = state.published.length === 0 ? [firstPublication(context)] : [];
  const known = [
    ...state.published,
    ...first.map(({ version }) => ({ version, effectiveFromMs: epochMsOf(FIRST_EFFECTIVE_FROM) })),
  ];
  if (known.some(({ version }) => version === publication.version))
    return refused(
      refuse(
        'RULE_BOOK_VERSION_TAKEN',
        `A rule book with the version ${publication.version} was published.`,
        {
          field: { pointer: '/rules/version', reason: 'was used by another rule book' },
        },
      ),
    );
  if (epochMsOf(publication.effectiveFrom) < context.occurredAtMs - MS_PER_DAY)
    return refused(
      refuse(
        'RULE_BOOK_BACKDATED',
        `effectiveFrom is ${publication.effectiveFrom}, more than a day before the publication, ${isoOf(context.occurredAtMs)}.`,
        { field: { pointer: '/effectiveFrom', reason: 'lies more than a day before the publication' } },
      ),
    );
  const effective = known.map(({ effectiveFromMs }) => effectiveFromMs).filter((ms) => ms <= context.nowMs);
  const latestMs = Math.max(...effective);
  if (epochMsOf(publication.effectiveFrom) <= latestMs)
    return refused(
      refuse(
        'RULE_BOOK_OUT_OF_ORDER',
        `A rule book has been in force since ${isoOf(latestMs)}; another one begins later.`,
        {
          earliestAt: isoOf(latestMs + 1),
          field: { pointer: '/effectiveFrom', reason: `must be later than ${isoOf(latestMs)}` },
        },
      ),
    );
  return {
    kind: 'accepted',
    events: [...first, publication].map((data) => ({ type: 'RuleBookPublished', data })),
  };
}

type Publication = DataOf<typeof RuleBookPublished>;

function publicationOf(command: PublishRuleBook, context: GivenContext): Publication | RuleBookError {
  try {
    const { version, objective } = compileRuleBook(command.rules);
    const effectiveFrom = isoOf(
      command.effectiveFrom === undefined ? context.occurredAtMs : epochMsOf(command.effectiveFrom),
    );
    return { version, rules: { ...command.rules }, author: context.actor.id, objective, effectiveFrom };
  } catch (error) {
    if (error instanceof RuleBookError) return error;
    throw error;
  }
}

function firstPublication(context: GivenContext): Publication {
  const { version, objective, document } = ruleBookAt(context.ruleBook, Number.NEGATIVE_INFINITY);
  return {
    version,
    rules: document as unknown as Publication['rules'],
    author: 'rapport',
    objective,
    effectiveFrom: FIRST_EFFECTIVE_FROM,
  };
}

const refused = (refusal: Refusal): RuleBookDecision => ({ kind: 'refused', refusal });

function evolveRuleBook(state: RuleBookState, event: StreamEvent): RuleBookState {
  if (event.type !== 'RuleBookPublished') return state;
  const { version, effectiveFrom } = event.data as Publication;
  return { published: [...state.published, { version, effectiveFromMs: epochMsOf(effectiveFrom) }] };
}

/** The rule books of a scope as three pure functions over one stream, `ruleBook-<scope>`. */
export const ruleBookDecider = {
  category: 'ruleBook',
  stateSchemaVersion: 1,
  initialState: (): RuleBookState => ({ published: [] }),
  evolve: evolveRuleBook,
  decide: decideRuleBook,
} as const;
