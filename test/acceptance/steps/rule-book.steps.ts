import { defaultRuleBookDocument } from '@rapport/domain';
import { timeOf } from '../cell-value.js';
import { at } from '../expectation.js';
import type { Steps } from '../step-table.js';
import type { Story } from '../story.js';
import { cellsOf } from './words.js';

/** A condition of the rule book with what it is made of. */
interface Condition {
  readonly is?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly [part: string]: unknown;
}

/** A document in which every condition of that name has other thresholds. */
function withThresholds(document: unknown, name: string, thresholds: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(document)) return document.map((part) => withThresholds(part, name, thresholds));
  if (typeof document !== 'object' || document === null) return document;
  const { is, ...parts } = document as Condition;
  const rest = Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, withThresholds(part, name, thresholds)]));
  return is === undefined ? rest : { is, ...rest, ...(is === name ? { with: { ...parts.with, ...thresholds } } : {}) };
} // prettier-ignore

const publish = (story: Story, version: string, rules: object, effectiveFromMs: number): Promise<void> =>
  story.command('PublishRuleBook', undefined, {}, {
    fields: { rules: { ...rules, version }, effectiveFrom: new Date(effectiveFromMs).toISOString() },
  }); // prettier-ignore

/** Waits until the history of somebody has the decision, and asks why it was made. */
async function askWhy(
  story: Story,
  name: string,
  isMeant: (row: { readonly type: string; readonly details: unknown }) => boolean,
): Promise<void> {
  story.askAbout('/v1/customers/:ref/history', name, { limit: '200' });
  const rowsOf = (body: unknown) =>
    (at(body, 'data.rows') ?? []) as readonly { type: string; details: unknown; eventId: string }[];
  const { body } = await story.expectAnswer((answer) => rowsOf(answer.body).some(isMeant) ? [] : ['there is no such decision']); // prettier-ignore
  const { eventId } = rowsOf(body).find(isMeant)!;
  story.askAbout(`/v1/customers/:ref/decisions/${eventId}`, name, {}, { fromLog: true });
}

/** Sentences about the rules as data. */
export const RULE_BOOK_STEPS: Steps = {
  // The rules that ship, with some values changed: `version`, `overrideMaxHoldDays` …
  'the rules are published with': (story, { table }) => {
    const { version = '', effectiveFrom = 'today', ...changed } = cellsOf(table);
    const values = Object.fromEntries(
      Object.entries(changed).map(([name, cell]) => [name, /^-?\d+$/.test(cell) ? Number(cell) : story.named(cell)]),
    );
    return publish(story, story.named(version), { ...(defaultRuleBookDocument as object), ...values }, timeOf(effectiveFrom, story.nowMs)!);
  },
  // Until the story ends: what a story changes for everybody is set right behind it.
  'rules {word} ask for contacts on {int} days before somebody is involved': (story, _, version: string, days: number) =>
    publish(story, story.named(version), withThresholds(defaultRuleBookDocument, 'inboundTouchDays', { days }) as object, story.nowMs),

  "we ask why {name}'s relationship moved to {word}": (story, _, name: string, stage: string) =>
    askWhy(story, name, ({ type, details }) => type === 'RelationshipStageMoved' && at(details, 'to') === stage),
  'we ask why an offer to {name} was held back': (story, _, name: string) =>
    askWhy(story, name, ({ type }) => type === 'OfferSuppressed'),
  'we ask for the rules of every version': async (story) => story.ask('/v1/rule-books', {}, { fromLog: true }),
}; // prettier-ignore
