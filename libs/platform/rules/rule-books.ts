import { epochMsOf, RapportError, type DataOf, type RuleBookPublished } from '@rapport/contracts';
import {
  compileRuleBook,
  FIRST_EFFECTIVE_FROM,
  RuleBookError,
  timelineOf,
  type RuleBook,
  type RulesInForce,
} from '@rapport/domain';
import type { EventStore } from '@rapport/event-store';
import type { Config } from '../config.js';
import type { Logger } from '../observability/logger.js';

/** Scope of the rules; one so far. */
export const RULE_BOOK_SCOPE = 'default';
export const RULE_BOOK_STREAM = `ruleBook-${RULE_BOOK_SCOPE}`;

/** A version of the rules as published; the one that was there from the beginning has no event until another follows. */
export interface PublishedRuleBook extends DataOf<typeof RuleBookPublished> {
  /** When it came to be known; null: it came with the product or its configuration. */
  readonly publishedAt: string | null;
  readonly eventId: string | null;
}

/** A published book, ready to be asked. */
export interface KnownRuleBook {
  readonly published: PublishedRuleBook;
  readonly book: RuleBook;
}

/**
 * Every rule book that ever decided, and what decides when. The log is the source: the book that came with the product or
 * with RAPPORT_RULE_BOOK_FILE decides until the first one is published, and is then recorded before it.
 */
export class RuleBooks {
  private known: readonly KnownRuleBook[];
  private inForce: RulesInForce;
  private readonly listeners: (() => void)[] = [];

  private constructor(
    private readonly configured: RuleBook,
    private readonly events: Pick<EventStore, 'readStream'>,
  ) {
    this.known = [firstOf(configured)];
    this.inForce = configured;
  }

  /** Throws UNAVAILABLE. */
  static async open(configured: RuleBook, events: Pick<EventStore, 'readStream'>): Promise<RuleBooks> {
    const books = new RuleBooks(configured, events);
    await books.load();
    return books;
  }

  /** What decides when. Grows with every publication. */
  get rules(): RulesInForce {
    return this.inForce;
  }

  /** True when the log has its own first book, so that the configured one no longer counts. */
  get isPublished(): boolean {
    return this.known[0]!.published.eventId !== null;
  }

  /** Looks for publications that are not known yet, by this process or another. True when there were some. */
  async load(): Promise<boolean> {
    const events = await this.events.readStream(RULE_BOOK_STREAM);
    const published = events.filter(({ type }) => type === 'RuleBookPublished');
    if (published.length === (this.isPublished ? this.known.length : 0)) return false;
    const compiled = new Map(this.known.map(({ published: { eventId }, book }) => [eventId, book]));
    this.known = published.map(({ eventId, data, metadata }) => {
      const publication = data as DataOf<typeof RuleBookPublished>;
      return {
        published: { ...publication, publishedAt: metadata.recordedAt, eventId },
        book: compiled.get(eventId) ?? compiledOf(publication),
      };
    });
    this.inForce = timelineOf(
      this.known.map(({ published: { effectiveFrom }, book }) => ({
        fromMs: epochMsOf(effectiveFrom),
        book,
      })),
    );
    for (const listener of this.listeners) listener();
    return true;
  }

  /** Called after every change of what decides when. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** In the order of publication. */
  all(): readonly PublishedRuleBook[] {
    return this.known.map(({ published }) => published);
  }

  /** The rules of a version; undefined: no such version ever decided here. */
  bookOf(version: string): KnownRuleBook | undefined {
    return this.known.find(({ published }) => published.version === version);
  }
}

/** Once rule books are published, the configured one is history. */
export function warnOfUnusedFile({ ruleBookFile }: Config, books: RuleBooks, logger: Logger): void {
  if (ruleBookFile !== undefined && books.isPublished)
    logger.warn(
      'RAPPORT_RULE_BOOK_FILE is not used: rule books were published, and the log says which one decides',
    );
}

/** What decides when, for a thread or a command that reads the log by itself. Throws UNAVAILABLE. */
export const rulesOfLog = async (
  configured: RuleBook,
  events: Pick<EventStore, 'readStream'>,
): Promise<RulesInForce> => (await RuleBooks.open(configured, events)).rules;

const firstOf = (book: RuleBook): KnownRuleBook => ({
  book,
  published: {
    version: book.version,
    rules: book.document as unknown as PublishedRuleBook['rules'],
    author: 'rapport',
    objective: book.objective,
    effectiveFrom: FIRST_EFFECTIVE_FROM,
    publishedAt: null,
    eventId: null,
  },
});

/** A book that was accepted once is never skipped: decisions would silently change. */
function compiledOf({ version, rules }: DataOf<typeof RuleBookPublished>): RuleBook {
  try {
    return compileRuleBook(rules);
  } catch (error) {
    if (!(error instanceof RuleBookError)) throw error;
    throw new RapportError('UNAVAILABLE', `The published rule book ${version} cannot be used by this version: ${error.message}`); // prettier-ignore
  }
}
