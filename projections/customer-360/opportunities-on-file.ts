import type { EventFor } from '@rapport/projection-engine';
import { MAX_LIST } from './capped-lists.js';
import type { OpportunityOnFile } from './customer-360.model.js';

/** Lost opportunities are kept for a while because they may be reopened. */
const MAX_LOST = 20;

type OpportunityEvent = EventFor<
  | 'OpportunityOpened'
  | 'OpportunityRevised'
  | 'OpportunityAdvanced'
  | 'OpportunityReopened'
  | 'OpportunityWon'
  | 'OpportunityLost'
>;

/** The opportunities on file after one more event: open ones, and lately lost ones. */
export function withOpportunity(
  list: readonly OpportunityOnFile[],
  event: OpportunityEvent,
  atMs: number,
): OpportunityOnFile[] {
  const { opportunityId } = event.data;
  const others = list.filter((one) => one.opportunityId !== opportunityId);
  const known = list.find((one) => one.opportunityId === opportunityId);
  switch (event.type) {
    case 'OpportunityOpened': {
      const { kind, expected, probabilityPct, expectedCloseDate = null, ownerId = null } = event.data;
      const opened: OpportunityOnFile = {
        opportunityId,
        kind,
        stage: 'identified',
        status: 'open',
        expectedMinor: expected.amountMinor,
        currency: expected.currency,
        probabilityPct,
        expectedCloseDate,
        ownerId,
        openedAtMs: atMs,
      };
      return [...others, opened].slice(-MAX_LIST);
    }
    case 'OpportunityRevised': {
      const { expected, probabilityPct, expectedCloseDate, ownerId } = event.data;
      return replaced(list, known, {
        ...(expected ? { expectedMinor: expected.amountMinor, currency: expected.currency } : {}),
        ...(probabilityPct === undefined ? {} : { probabilityPct }),
        ...(expectedCloseDate === undefined ? {} : { expectedCloseDate }),
        ...(ownerId === undefined ? {} : { ownerId }),
      });
    }
    case 'OpportunityAdvanced':
      return replaced(list, known, { stage: event.data.to });
    case 'OpportunityReopened':
      return replaced(list, known, { stage: event.data.at, status: 'open' });
    case 'OpportunityWon':
      return others;
    case 'OpportunityLost': {
      const marked = replaced(list, known, { status: 'lost' });
      const lost = marked.filter((one) => one.status === 'lost');
      return lost.length > MAX_LOST ? marked.filter((one) => one !== lost[0]) : marked;
    }
    default:
      return event satisfies never;
  }
}

const replaced = (
  list: readonly OpportunityOnFile[],
  known: OpportunityOnFile | undefined,
  changes: Partial<OpportunityOnFile>,
): OpportunityOnFile[] => list.map((one) => (one === known ? { ...one, ...changes } : one));
