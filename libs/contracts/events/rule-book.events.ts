import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import { code, instant, object, text } from './schema.js';

/** Versions of the rules are events on `ruleBook-<scope>`: a decision names the version it was made under. */
export const RuleBookPublished = defineEvent({
  type: 'RuleBookPublished',
  kind: 'manualDecision',
  category: 'ruleBook',
  area: 'rule-book',
  meaning: 'A version of the rule book was published; it decides from its date on, until a later one does.',
  rows: ['S8', 'S14', 'S19'],
  emittedBy: ['PublishRuleBook'],
  schema: object({
    version: code('version, cited by every decision made under it'),
    rules: Type.Record(Type.String(), Type.Unknown(), {
      description: 'the whole rule book as JSON (docs/reference/rules.md)',
    }),
    author: code('who answers for it'),
    objective: text('what it is for'),
    effectiveFrom: instant('in force from this business time on'),
  }),
  example: {
    version: 'spring-2',
    rules: { version: 'spring-2', objective: 'Leave customers more time after a repair.' },
    author: 'head-of-service',
    objective: 'Leave customers more time after a repair.',
    effectiveFrom: '2026-03-01T00:00:00.000Z',
  },
});
