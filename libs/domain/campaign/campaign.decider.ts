import type {
  CampaignClosed,
  CampaignLaunched,
  CampaignPlanned,
  CampaignReference,
  DataOf,
  StreamEvent,
  WayOut,
} from '@rapport/contracts';
import { dataOf } from '../customer/command-data.js';
import { accepted, refused } from '../decision.js';
import type { AggregateDecision } from '../decision.js';
import { RuleBookError } from '../rule-book/rule-book.error.js';
import { isHeldOut, variantFor } from './campaign-assignment.js';
import { compiledTarget } from './campaign-target.js';

// Stream: campaign-<campaignId>. Events: CampaignPlanned, CampaignLaunched, CampaignClosed. planned → launched → closed.

type Planned = DataOf<typeof CampaignPlanned>;

export type CampaignCommand =
  | ({ readonly type: 'PlanCampaign' } & Readonly<Planned>)
  | ({ readonly type: 'LaunchCampaign' } & Readonly<DataOf<typeof CampaignLaunched>>)
  | ({ readonly type: 'CloseCampaign' } & Readonly<DataOf<typeof CampaignClosed>>);

/** Null until it is planned. */
export type CampaignState = {
  readonly status: 'planned' | 'launched' | 'closed';
  readonly objective: Planned['objective'];
  readonly target?: Readonly<Record<string, unknown>>;
  readonly purpose: NonNullable<Planned['purpose']>;
  readonly controlPct: number;
  readonly variants: readonly string[];
  readonly currency: string;
  readonly attributionDays: number;
} | null;

/** Most effects of a contact show within a month; a campaign for dear goods says more. */
const DEFAULT_ATTRIBUTION_DAYS = 30;

function evolve(state: CampaignState, event: StreamEvent): CampaignState {
  switch (event.type) {
    case 'CampaignPlanned': {
      const data = event.data as Planned;
      return {
        status: 'planned',
        objective: data.objective,
        ...(data.target === undefined ? {} : { target: data.target }),
        purpose: data.purpose ?? 'marketing',
        controlPct: data.controlPct,
        variants: data.variants ?? [],
        currency: data.budget.currency,
        attributionDays: data.attributionDays ?? DEFAULT_ATTRIBUTION_DAYS,
      };
    }
    case 'CampaignLaunched':
      return state && { ...state, status: 'launched' };
    case 'CampaignClosed':
      return state && { ...state, status: 'closed' };
    default:
      return state;
  }
}

/** ID_ALREADY_USED, DATES_OUT_OF_ORDER, RULE_BOOK_INVALID (of the target), UNKNOWN_CAMPAIGN, CAMPAIGN_STATE_FORBIDS, CAMPAIGN_CURRENCY. */
function decide(state: CampaignState, command: CampaignCommand): AggregateDecision {
  const { campaignId } = command;
  if (command.type === 'PlanCampaign') {
    if (state !== null) return refused('ID_ALREADY_USED', 'There is a campaign with this id.');
    const { startDate, endDate } = command;
    if (startDate !== undefined && endDate !== undefined && endDate < startDate)
      return refused('DATES_OUT_OF_ORDER', 'The campaign would end before it begins.');
    const wrong = command.target === undefined ? undefined : wrongIn(command.target);
    if (wrong !== undefined) return refused('RULE_BOOK_INVALID', wrong);
    return accepted('CampaignPlanned', dataOf(command));
  }
  if (state === null)
    return refused('UNKNOWN_CAMPAIGN', 'There is no such campaign.', [planCampaign(campaignId)]);
  if (command.cost !== undefined && command.cost.currency !== state.currency)
    return refused('CAMPAIGN_CURRENCY', `The budget of the campaign is in ${state.currency}.`);
  switch (command.type) {
    case 'LaunchCampaign':
      if (state.status !== 'planned')
        return refused('CAMPAIGN_STATE_FORBIDS', `The campaign is already ${state.status}.`);
      return accepted('CampaignLaunched', dataOf(command));
    case 'CloseCampaign':
      if (state.status === 'closed')
        return refused('CAMPAIGN_STATE_FORBIDS', 'The campaign is already closed.');
      return accepted('CampaignClosed', dataOf(command));
    default:
      return command satisfies never;
  }
}

/** The way out of every refusal for a campaign nobody planned. */
export const planCampaign = (campaignId: string): WayOut => ({
  rule: 'campaignIsPlanned',
  sentence: `Plan the campaign ${campaignId}.`,
  fact: { eventType: 'CampaignPlanned', data: { campaignId } },
});

/** What a decision on this customer is told of a campaign; undefined for one that nobody planned. */
export function campaignReferenceOf(
  campaignId: string,
  state: CampaignState | undefined,
  customerId: string,
): CampaignReference | undefined {
  if (!state) return undefined;
  const { status, objective, purpose, currency, attributionDays, controlPct, variants, target } = state;
  const variant = variantFor(campaignId, customerId, variants);
  return {
    campaignId,
    status,
    objective,
    purpose,
    currency,
    attributionDays,
    heldOut: isHeldOut(campaignId, customerId, controlPct),
    ...(target === undefined ? {} : { target }),
    ...(variant === undefined ? {} : { variant }),
  };
}

/** What is wrong with whom a campaign is meant for: the place and the reason. */
function wrongIn(target: Readonly<Record<string, unknown>>): string | undefined {
  try {
    compiledTarget(target);
    return undefined;
  } catch (error) {
    if (error instanceof RuleBookError) return `${error.message.replace(/\.$/, '')}.`;
    throw error;
  }
}

/** A campaign: planned, launched, closed. */
export const campaignDecider = {
  category: 'campaign',
  stateSchemaVersion: 1,
  initialState: (): CampaignState => null,
  evolve,
  decide,
} as const;
