import { defaultRuleBookDocument } from '@rapport/domain';
import { timeOf } from '../cell-value.js';
import type { Steps } from '../step-table.js';
import { cellsOf } from './words.js';

/** Sentences about the rules as data. */
export const RULE_BOOK_STEPS: Steps = {
  // The rules that ship, with some values changed: `version`, `overrideMaxHoldDays` …
  'the rules are published with': (story, { table }) => {
    const { effectiveFrom = 'today', ...changed } = cellsOf(table);
    const values = Object.fromEntries(
      Object.entries(changed).map(([name, cell]) => [name, /^-?\d+$/.test(cell) ? Number(cell) : story.named(cell)]),
    );
    return story.command('PublishRuleBook', undefined, {}, {
      fields: {
        rules: { ...(defaultRuleBookDocument as object), ...values },
        effectiveFrom: new Date(timeOf(effectiveFrom, story.nowMs)!).toISOString(),
      },
    });
  },
}; // prettier-ignore
