import type { ProjectionDefinition } from '@rapport/projection-engine';
import { occurredAtMsOf } from '../_parts/business-order.js';
import type { PortfolioHandOversDocument } from './portfolio-hand-overs.model.js';
import { handOvers } from './portfolio-hand-overs.queries.js';

const EVENTS = ['PortfolioHandedOver', 'PortfolioHandOverCompleted'] as const;

const managerOf = (event: { readonly streamId: string }): string =>
  event.streamId.slice(event.streamId.indexOf('-') + 1);

/** Which portfolios were handed over to whom, and which are still being handed over? (S4) */
export const portfolioHandOvers: ProjectionDefinition<PortfolioHandOversDocument, (typeof EVENTS)[number]> = {
  name: 'portfolio-hand-overs',
  version: 1,
  question: 'Which portfolios were handed over to whom, and which are still being handed over?',
  events: EVENTS,
  keys: (event) => [`${managerOf(event)}/${event.data.handOverId}`],
  initial: (key) => ({
    managerId: key.slice(0, key.indexOf('/')),
    handOverId: key.slice(key.indexOf('/') + 1),
    toManagerId: '',
    fromDate: '',
    reasonCode: '',
    startedAtMs: 0,
    completedAtMs: null,
    customersMoved: null,
    customersLeft: null,
  }),
  evolve: (document, event) => {
    const atMs = occurredAtMsOf(event);
    if (event.type === 'PortfolioHandedOver') {
      const { toManagerId, fromDate, reasonCode } = event.data;
      return { ...document, toManagerId, fromDate, reasonCode, startedAtMs: atMs };
    }
    const { customersMoved, customersLeft } = event.data;
    return { ...document, completedAtMs: atMs, customersMoved, customersLeft };
  },
  sortedBy: ['startedAtMs'],
  indexes: {
    managerId: (document) => document.managerId,
    toManagerId: (document) => document.toManagerId,
    startedAtMs: (document) => document.startedAtMs,
    status: ({ completedAtMs }) => (completedAtMs === null ? 'running' : 'completed'),
  },
  queries: [handOvers],
};
