import { Type } from '@sinclair/typebox';
import { RuleBookPublished, schema } from '@rapport/contracts';
import { RULE_BOOK_SCOPE } from '@rapport/platform';
import { PUBLISH_RULES } from '../customer/customer.access.js';
import type { AggregateArea } from './aggregate.routes.js';

const { instant, object, oneOf } = schema;

const publication = object({
  scope: oneOf([RULE_BOOK_SCOPE], 'whose rules; default the only one'),
  rules: RuleBookPublished.schema.properties.rules,
  effectiveFrom: Type.Optional(
    instant('in force from this business time on; default occurredAt; at most a day before it'),
  ),
});

export const RULE_BOOK_AREA: AggregateArea = {
  category: 'ruleBook',
  collection: 'rule-books',
  area: 'rule books',
  routes: [
    { path: '', command: 'PublishRuleBook', fields: publication, defaults: { scope: RULE_BOOK_SCOPE }, guarded: true, access: PUBLISH_RULES, summary: 'Publish a rule book; it decides from its date on' }, // prettier-ignore
  ],
};
