import { Type } from '@sinclair/typebox';
import { isoOf } from '@rapport/contracts';
import type { NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { asked, codeParam, customerParam, instantParam, msOf, oneOfParam } from '../_parts/query-params.js';
import type { DecisionEntry, DecisionRow, DecisionsOfBook } from './decisions.model.js';
import { DECISION_TYPES } from './decisions.table.js';

const versionParam = codeParam('only what this version of the rules decided');
const typeParam = oneOfParam(DECISION_TYPES, 'only decisions of this type');

const CustomerDecisionsParams = Type.Object(
  { customerId: customerParam, ruleBookVersion: versionParam, type: typeParam },
  { additionalProperties: false },
);

/** What was decided about this customer, the latest first, and by which version of the rules? */
export const customer: NamedQuery<DecisionRow, typeof CustomerDecisionsParams, Page<DecisionEntry>> = {
  name: 'customer',
  question: 'What was decided about this customer, the latest first, and by which version of the rules?',
  scope: 'customer',
  paged: true,
  params: CustomerDecisionsParams,
  run: (reader, params) =>
    pageOf(
      reader,
      {
        owner: params.customerId,
        where: asked(['ruleBookVersion', '=', params.ruleBookVersion], ['type', '=', params.type]),
        orderBy: [{ index: 'atMs', direction: 'desc' }],
      },
      params,
      ({ key, document }) => entryOf(key, document),
    ),
};

const BooksParams = Type.Object(
  { type: typeParam, from: instantParam('decided at or after'), to: instantParam('decided at or before') },
  { additionalProperties: false },
);

/** How much did each version of the rules decide? */
export const books: NamedQuery<
  DecisionRow,
  typeof BooksParams,
  { readonly books: readonly DecisionsOfBook[] }
> = {
  name: 'books',
  question: 'How much did each version of the rules decide, by type of decision?',
  scope: 'figures',
  params: BooksParams,
  run: async (reader, params) => {
    const groups = await reader.group({
      groupBy: ['ruleBookVersion', 'type'],
      where: asked(
        ['type', '=', params.type],
        ['atMs', '>=', msOf(params.from)],
        ['atMs', '<=', msOf(params.to)],
      ),
    });
    const byVersion = new Map<string, Record<string, number>>();
    for (const { group, count } of groups) {
      const version = String(group['ruleBookVersion']);
      byVersion.set(version, { ...byVersion.get(version), [String(group['type'])]: count });
    }
    return {
      books: [...byVersion]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([ruleBookVersion, byType]) => ({
          ruleBookVersion,
          decisions: Object.values(byType).reduce((sum, count) => sum + count, 0),
          byType: Object.fromEntries(Object.entries(byType).sort(([a], [b]) => (a < b ? -1 : 1))),
        })),
    };
  },
};

function entryOf(key: string, { type, ruleBookVersion, atMs, outcome }: DecisionRow): DecisionEntry {
  const slash = key.indexOf('/');
  return {
    customerId: key.slice(0, slash),
    eventId: key.slice(slash + 1),
    type,
    ruleBookVersion,
    occurredAt: isoOf(atMs),
    outcome,
  };
}
