import { MS_PER_SECOND } from '@rapport/contracts';
import type { EventType, NewEvent, Refusal, Stage, StreamEvent } from '@rapport/contracts';
import { decideAgenda } from './agenda/agenda.decider.js';
import { decideConsent } from './consent/consent.decider.js';
import { decideContracts } from './contracts/contracts.decider.js';
import { FACT_COMMANDS } from './customer.commands.js';
import type { CustomerCommandOf, CustomerCommandType, CustomerRequest } from './customer.commands.js';
import { evolveCustomer } from './customer.evolve.js';
import { initialCustomer } from './customer.state.js';
import type { CustomerState } from './customer.state.js';
import { Draft } from './draft.js';
import type { GivenContext } from './draft.js';
import { customerJoining } from './identity/customer-joining.js';
import { joinStates } from './identity/join-states.js';
import { betweenSteps, decideIdentity, IDENTITY_COMMANDS } from './identity/identity.decider.js';
import { decideLedger } from './ledger/ledger.decider.js';
import { decidePrivacy } from './privacy/privacy.decider.js';
import { attributeSales, decideMarketing } from './marketing/marketing.decider.js';
import { decideProfile, registerImplicitly } from './profile/profile.decider.js';
import { decideNeeds } from './needs/needs.decider.js';
import { refuse } from './refuse.js';
import { decideCoCreation } from './relationship/co-creation.rules.js';
import { decideRelationship } from './relationship/relationship.decider.js';
import { applyDueReviews, nextReviewAtMs, settle } from './relationship/relationship.rules.js';
import { decideSales } from './sales/sales.decider.js';
import { decideService } from './service/service.decider.js';
import { decideTouchPoints } from './touch-points/touch-points.decider.js';
import type { RulesInForce } from '../rule-book/rules-in-force.js';

/** `folded`: the state decided on and the one its events lead to. */
type Folded = { readonly from: CustomerState; readonly to: CustomerState };
export type CustomerDecision =
  | { readonly kind: 'accepted'; readonly events: readonly NewEvent[]; readonly folded?: Folded }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly events?: readonly NewEvent[];
      readonly folded?: Folded;
    };

type Decide<T extends CustomerCommandType> = (
  draft: Draft,
  command: CustomerCommandOf<T>,
) => Refusal | undefined;

/** Which area decides a command; a command without an area does not compile. */
const DECIDED_BY: { readonly [T in CustomerCommandType]: Decide<T> } = {
  RegisterCustomer: decideProfile,
  CorrectCustomerDetails: decideProfile,
  AddIdentifier: decideProfile,
  RemoveIdentifier: decideProfile,
  AssignCustomerGroup: decideProfile,
  AssignAccountManager: decideProfile,
  ReleaseAccountManager: decideProfile,
  SetNeedLevel: decideProfile,
  RecordProfileFact: decideProfile,
  RecordPreference: decideProfile,
  LinkParty: decideProfile,
  UnlinkParty: decideProfile,
  ChangeRoles: decideProfile,
  ClassifyCustomer: decideProfile,
  ReleaseClassification: decideProfile,
  SetServiceLevel: decideProfile,
  DesignateStrategicAccount: decideProfile,
  WithdrawStrategicAccount: decideProfile,
  AppointDataSteward: decideProfile,
  AssessDataQuality: decideProfile,
  EraseCustomer: decideProfile,
  GrantConsent: decideConsent,
  DenyConsent: decideConsent,
  RevokeConsent: decideConsent,
  RequestErasure: decidePrivacy,
  CloseErasureRequest: decidePrivacy,
  RestrictProcessing: decidePrivacy,
  LiftRestriction: decidePrivacy,
  ExportCustomerData: decidePrivacy,
  RecordTouchPoint: decideTouchPoints,
  CorrectTouchPoint: decideTouchPoints,
  RecordSurveyResponse: decideTouchPoints,
  RecordReferral: decideTouchPoints,
  ConvertReferral: decideTouchPoints,
  RecordAdvocacy: decideTouchPoints,
  ReceiveExternalData: decideTouchPoints,
  MakePromise: decideTouchPoints,
  KeepPromise: decideTouchPoints,
  BreakPromise: decideTouchPoints,
  PlanActivity: decideAgenda,
  RescheduleActivity: decideAgenda,
  CompleteActivity: decideAgenda,
  CancelActivity: decideAgenda,
  RecordNeed: decideNeeds,
  CloseNeed: decideNeeds,
  RecordPurchase: decideLedger,
  RecordReturn: decideLedger,
  IssueInvoice: decideLedger,
  RecordPayment: decideLedger,
  RecordPaymentFailure: decideLedger,
  DeclareDefault: decideLedger,
  CureDefault: decideLedger,
  RecordServiceCost: decideLedger,
  RecordFraudSignal: decideLedger,
  ClearFraudSignal: decideLedger,
  ConfirmFraudSignal: decideLedger,
  WriteOff: decideLedger,
  ReportWalletShare: decideLedger,
  OpenCase: decideService,
  RaiseComplaint: decideService,
  AcknowledgeCase: decideService,
  ReplyToCase: decideService,
  AddCaseNote: decideService,
  OfferCompensation: decideService,
  EscalateCase: decideService,
  ResolveCase: decideService,
  AcceptResolution: decideService,
  ReopenCase: decideService,
  CloseCase: decideService,
  SignContract: decideContracts,
  RenewContract: decideContracts,
  CancelContract: decideContracts,
  IdentifyLead: decideSales,
  QualifyLead: decideSales,
  DisqualifyLead: decideSales,
  ActivateContract: decideContracts,
  AmendContract: decideContracts,
  ExpireContract: decideContracts,
  TerminateContract: decideContracts,
  OpenOpportunity: decideSales,
  AdvanceOpportunity: decideSales,
  ReviseOpportunity: decideSales,
  ReopenOpportunity: decideSales,
  WinOpportunity: decideSales,
  LoseOpportunity: decideSales,
  OfferProduct: decideSales,
  RecordOfferAnswer: decideSales,
  ContactForCampaign: decideMarketing,
  RecordCampaignResponse: decideMarketing,
  MoveStage: decideRelationship,
  OverrideStage: decideRelationship,
  StartRepair: decideRelationship,
  ConcludeRepair: decideRelationship,
  StartWinBack: decideRelationship,
  ConcludeWinBack: decideRelationship,
  RecordGoodbye: decideRelationship,
  RecordRelationTrait: decideRelationship,
  StartCoCreation: decideCoCreation,
  RecordContribution: decideCoCreation,
  EndCoCreation: decideCoCreation,
  NoteModelEvidence: decideRelationship,
  HoldForMerge: decideIdentity,
  SealCustomer: decideIdentity,
  AbsorbCustomers: decideIdentity,
  ReleaseMergeHold: decideIdentity,
  ReleaseMembers: decideIdentity,
  UnsealCustomer: decideIdentity,
  ReviewRelationship: decideRelationship,
};

/** Refusals that are facts themselves: what was held back, and who is left out of a campaign. All others leave nothing. */
const RECORDED_WITH_REFUSAL: { readonly [T in CustomerCommandType]?: EventType } = {
  OfferProduct: 'OfferSuppressed',
  ContactForCampaign: 'CampaignHeldOut',
};

/** Clocks of sending systems run ahead a little; more than this is a mistake. */
const CLOCK_SKEW_MS = 300 * MS_PER_SECOND;
const factCommands: ReadonlySet<string> = new Set(FACT_COMMANDS);

const refused = (refusal: Refusal): CustomerDecision => ({ kind: 'refused', refusal });

/**
 * What happens when this is asked of this customer: events, or a coded refusal with the way out.
 * Order: registration by a first fact · reviews that fell due up to the business clock, each at its own instant · the
 * command · what the rules make of the new state. Pure; the given state is not changed. Late facts are accepted and
 * looked at from the business clock, so they never rewrite a past move.
 */
export function decideCustomer(
  state: CustomerState,
  request: CustomerRequest,
  context: GivenContext,
): CustomerDecision {
  if (context.occurredAtMs > context.nowMs + CLOCK_SKEW_MS)
    return refused(refuse('OCCURRED_IN_FUTURE', 'occurredAt lies in the future.'));
  // Of an erased person nothing is recorded but that what is left was handed out.
  if (state.profile.erased && request.type !== 'ExportCustomerData')
    return refused(
      request.type === 'EraseCustomer' || request.type === 'RequestErasure'
        ? refuse('NOTHING_TO_DO', 'The customer is already erased.')
        : refuse('CUSTOMER_ERASED', 'The customer was erased; nothing can be recorded.'),
    );
  const draft = new Draft(state, context);
  if (!state.profile.registered && request.type !== 'RegisterCustomer') {
    if (request.registerFirst === undefined || !factCommands.has(request.type))
      return refused(refuse('NOT_REGISTERED', 'The customer is not registered.'));
    registerImplicitly(draft, request.registerFirst);
  }
  applyDueReviews(draft, draft.clockMs);
  const decide = DECIDED_BY[request.type] as Decide<CustomerCommandType>;
  if (IDENTITY_COMMANDS.has(request.type)) {
    const refusal = decide(draft, request);
    return refusal === undefined ? { kind: 'accepted', events: draft.events } : refused(refusal);
  }
  const wait = betweenSteps(state.identity, request);
  if (wait !== undefined) return refused(wait);
  draft.decideUnderBookOf(draft.clockMs);
  const refusal = decide(draft, request);
  if (refusal !== undefined) {
    const recorded = RECORDED_WITH_REFUSAL[request.type];
    if (recorded !== undefined && draft.events.at(-1)?.type === recorded)
      return { kind: 'refused', refusal, events: draft.events, folded: { from: state, to: draft.state } };
    return refused(refusal);
  }
  attributeSales(draft);
  if (!draft.state.profile.erased) settle(draft, draft.clockMs, 'fact');
  if (draft.events.length === 0) return { kind: 'accepted', events: [] };
  return { kind: 'accepted', events: draft.events, folded: { from: state, to: draft.state } };
}

/** Where the relationship stands (docs/reference/rules.md). */
export const stageOf = (state: CustomerState): Stage => state.relationship.stage;

/** Latest business time the customer's stream has seen, epoch ms. */
export const businessClockMs = (state: CustomerState): number => state.businessClockMs;

/** The customer aggregate as three pure functions over one stream, `customer-<customerId>`. */
export const customerDecider = {
  category: 'customer',
  /** 2: all areas. Bump when the shape of the state or a fold changes: older snapshots are then ignored. */
  stateSchemaVersion: 2,
  initialState: (): CustomerState => initialCustomer,
  evolve: evolveCustomer,
  decide: decideCustomer,
  joining: customerJoining,
} as const;

/** The customer as far as reviews and advice look at them: without the orders, whose ids only new purchases are compared with. */
function evolveForReviews(state: CustomerState, event: StreamEvent): CustomerState {
  const next = evolveCustomer(state, event);
  return next.ledger.orders.length === 0 ? next : { ...next, ledger: { ...next.ledger, orders: [] } };
}

/**
 * All that a read model needs to list customers whose review falls due and to advise on one of them, self-contained: a
 * fold over the customer's events and a pure question to its result. The app hands it in, because projections do not
 * import the domain.
 */
export const dueReviewFold: {
  readonly initial: () => CustomerState;
  readonly evolve: (state: CustomerState, event: StreamEvent) => CustomerState;
  readonly nextReviewAtMs: (state: CustomerState, rules: RulesInForce) => number | null;
  readonly join: (a: CustomerState, b: CustomerState) => CustomerState;
  /** Bump with what `evolve` keeps: documents are then folded anew. */
  readonly version: number;
} = {
  initial: () => initialCustomer,
  evolve: evolveForReviews,
  nextReviewAtMs,
  join: joinStates,
  version: 4,
};
