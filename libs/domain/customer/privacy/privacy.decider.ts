import { MS_PER_DAY, isoOf } from '@rapport/contracts';
import type { Refusal } from '@rapport/contracts';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { CustomerState } from '../customer.state.js';
import type { Draft } from '../draft.js';
import { markOf } from '../occurrence.js';
import type { DataOfType, Mark, SliceEvolvers } from '../occurrence.js';
import { refuse } from '../refuse.js';

// Events: ErasureRequested, ErasureRequestClosed, ProcessingRestricted, RestrictionLifted, CustomerDataExported.

export type RestrictionScope = DataOfType<'ProcessingRestricted'>['scope'];

export interface PrivacyState {
  /** Open requests to be forgotten. */
  readonly erasureRequests: readonly (Mark & { readonly requestId: string })[];
  /** In force, one per scope. */
  readonly restrictions: readonly (Mark & { readonly scope: RestrictionScope })[];
}

export const initialPrivacy: PrivacyState = { erasureRequests: [], restrictions: [] };

/** A person asks once or twice; more open requests than this are one request. */
const REQUESTS_KEPT = 10;
/** One month to answer (GDPR art. 12(3)); the shortest month but February has 30 days. */
const ANSWER_DAYS = 30;

export const privacyEvolvers: SliceEvolvers<PrivacyState> = {
  ErasureRequested: (state, data, occurrence) => ({
    ...state,
    erasureRequests: [...state.erasureRequests, { ...markOf(occurrence), requestId: data.requestId }].slice(
      -REQUESTS_KEPT,
    ),
  }),
  ErasureRequestClosed: (state, data) => ({
    ...state,
    erasureRequests: state.erasureRequests.filter(({ requestId }) => requestId !== data.requestId),
  }),
  ProcessingRestricted: (state, data, occurrence) => ({
    ...state,
    restrictions: [...without(state, data.scope), { ...markOf(occurrence), scope: data.scope }],
  }),
  RestrictionLifted: (state, data) => ({ ...state, restrictions: without(state, data.scope) }),
};

const without = (state: PrivacyState, scope: RestrictionScope): PrivacyState['restrictions'] =>
  state.restrictions.filter((known) => known.scope !== scope);

/**
 * What keeps us from beginning something with this person on our own, if anything: a restriction of the scope or of all
 * processing, or an open request to be forgotten. PROCESSING_RESTRICTED with what would lift it. What happened is
 * recorded all the same, and what the person asks for is done.
 */
export function restrictedFor(
  { privacy }: CustomerState,
  scope: Exclude<RestrictionScope, 'all'>,
): Refusal | null {
  const restrictions = privacy.restrictions.filter((known) => known.scope === 'all' || known.scope === scope);
  const requests = privacy.erasureRequests;
  if (restrictions.length === 0 && requests.length === 0) return null;
  const rule = 'noInitiativeWhileProcessingIsRestricted';
  return refuse(
    'PROCESSING_RESTRICTED',
    requests.length > 0
      ? 'The person asked to be forgotten.'
      : `The processing of the data is restricted (${restrictions.map((known) => known.scope).join(', ')}).`,
    {
      wayOut: [
        ...restrictions.map((known) => ({
          rule,
          sentence: 'Lift the restriction when its ground is gone.',
          fact: { eventType: 'RestrictionLifted' as const, data: { scope: known.scope } },
        })),
        ...requests.map(({ requestId }) => ({
          rule,
          sentence: 'Close the request to be forgotten: taken back, or declined by law.',
          fact: { eventType: 'ErasureRequestClosed' as const, data: { requestId } },
        })),
      ],
    },
  );
}

type PrivacyCommand = CustomerCommandOf<
  'RequestErasure' | 'CloseErasureRequest' | 'RestrictProcessing' | 'LiftRestriction' | 'ExportCustomerData'
>;

/** ID_ALREADY_USED, NOTHING_TO_DO. Rights of the person: no stage and no rule book stands against them. */
export function decidePrivacy(draft: Draft, command: PrivacyCommand): Refusal | undefined {
  const { privacy } = draft.state;
  switch (command.type) {
    case 'RequestErasure':
      if (privacy.erasureRequests.some(({ requestId }) => requestId === command.requestId))
        return refuse('ID_ALREADY_USED', 'The customer has an open request with this id.');
      draft.record('ErasureRequested', {
        ...dataOf(command),
        dueAt: isoOf(draft.context.occurredAtMs + ANSWER_DAYS * MS_PER_DAY),
      });
      return undefined;
    case 'CloseErasureRequest':
      if (!privacy.erasureRequests.some(({ requestId }) => requestId === command.requestId))
        return refuse('NOTHING_TO_DO', 'The customer has no such open request.');
      draft.record('ErasureRequestClosed', dataOf(command));
      return undefined;
    case 'RestrictProcessing':
      if (privacy.restrictions.some(({ scope }) => scope === command.scope))
        return refuse('NOTHING_TO_DO', 'The processing is already restricted in this scope.');
      draft.record('ProcessingRestricted', dataOf(command));
      return undefined;
    case 'LiftRestriction':
      if (!privacy.restrictions.some(({ scope }) => scope === command.scope))
        return refuse('NOTHING_TO_DO', 'The processing is not restricted in this scope.');
      draft.record('RestrictionLifted', dataOf(command));
      return undefined;
    case 'ExportCustomerData':
      draft.record('CustomerDataExported', dataOf(command));
      return undefined;
    default:
      return command satisfies never;
  }
}
