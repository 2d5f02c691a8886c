import type { AnyRecordedEvent, EventType } from '@rapport/contracts';

/** What a line of the contact history is about. */
export type TouchCategory =
  | 'touch'
  | 'purchase'
  | 'payment'
  | 'service'
  | 'survey'
  | 'promise'
  | 'activity'
  | 'need'
  | 'externalData'
  | 'contract'
  | 'sales'
  | 'campaign'
  | 'consent'
  | 'relationship';

/** in = the customer acted, out = we did, internal = a step of ours the customer did not take part in. */
export type TouchDirection = 'in' | 'out' | 'internal';

interface TouchKind {
  readonly category: TouchCategory;
  /** `recorded`: the event itself says it. */
  readonly direction: TouchDirection | 'recorded';
}

const kind = (category: TouchCategory, direction: TouchKind['direction']): TouchKind => ({
  category,
  direction,
});

/** Every event type a contact history shows, and who acted. */
export const TOUCH_TYPES = {
  TouchPointRecorded: kind('touch', 'recorded'),
  ReferralMade: kind('touch', 'in'),
  ReferralConverted: kind('touch', 'internal'),
  AdvocacyRecorded: kind('touch', 'in'),
  ExternalDataReceived: kind('externalData', 'internal'),
  PurchaseRecorded: kind('purchase', 'in'),
  ReturnRecorded: kind('purchase', 'in'),
  InvoiceIssued: kind('payment', 'out'),
  PaymentReceived: kind('payment', 'in'),
  PaymentFailed: kind('payment', 'in'),
  DefaultDeclared: kind('payment', 'internal'),
  DefaultCured: kind('payment', 'in'),
  WrittenOff: kind('payment', 'internal'),
  CaseOpened: kind('service', 'in'),
  ComplaintRaised: kind('service', 'in'),
  CaseAcknowledged: kind('service', 'out'),
  CaseReplied: kind('service', 'out'),
  CaseNoteAdded: kind('service', 'internal'),
  CompensationOffered: kind('service', 'out'),
  CaseEscalated: kind('service', 'internal'),
  CaseResolved: kind('service', 'out'),
  ResolutionAccepted: kind('service', 'in'),
  CaseReopened: kind('service', 'in'),
  CaseClosed: kind('service', 'internal'),
  SurveyResponded: kind('survey', 'in'),
  PromiseMade: kind('promise', 'recorded'),
  PromiseKept: kind('promise', 'internal'),
  PromiseBroken: kind('promise', 'internal'),
  ActivityPlanned: kind('activity', 'internal'),
  ActivityRescheduled: kind('activity', 'internal'),
  // The contact an activity brought is a touch point of its own.
  ActivityCompleted: kind('activity', 'internal'),
  ActivityCancelled: kind('activity', 'internal'),
  NeedRecorded: kind('need', 'recorded'),
  NeedMet: kind('need', 'internal'),
  NeedUnmet: kind('need', 'internal'),
  ContractSigned: kind('contract', 'in'),
  ContractActivated: kind('contract', 'internal'),
  ContractAmended: kind('contract', 'in'),
  ContractRenewed: kind('contract', 'recorded'),
  ContractCancelled: kind('contract', 'recorded'),
  ContractExpired: kind('contract', 'internal'),
  LeadIdentified: kind('sales', 'internal'),
  LeadQualified: kind('sales', 'internal'),
  LeadDisqualified: kind('sales', 'internal'),
  ContractTerminated: kind('contract', 'recorded'),
  OpportunityOpened: kind('sales', 'internal'),
  OpportunityRevised: kind('sales', 'internal'),
  OpportunityAdvanced: kind('sales', 'internal'),
  OpportunityReopened: kind('sales', 'internal'),
  OpportunityWon: kind('sales', 'in'),
  OpportunityLost: kind('sales', 'internal'),
  OfferMade: kind('sales', 'out'),
  OfferAccepted: kind('sales', 'in'),
  OfferDeclined: kind('sales', 'in'),
  OfferSuppressed: kind('sales', 'internal'),
  CampaignContactSent: kind('campaign', 'out'),
  CampaignHeldOut: kind('campaign', 'internal'),
  CampaignContactDelivered: kind('campaign', 'internal'),
  CampaignContactOpened: kind('campaign', 'in'),
  CampaignContactClicked: kind('campaign', 'in'),
  CampaignContactBounced: kind('campaign', 'internal'),
  CampaignResponded: kind('campaign', 'in'),
  CampaignOptedOut: kind('campaign', 'in'),
  CampaignConverted: kind('campaign', 'internal'),
  ConsentGranted: kind('consent', 'in'),
  ConsentDenied: kind('consent', 'in'),
  ConsentRevoked: kind('consent', 'in'),
  ConsentExpired: kind('consent', 'internal'),
  ErasureRequested: kind('consent', 'in'),
  ErasureRequestClosed: kind('consent', 'internal'),
  ProcessingRestricted: kind('consent', 'in'),
  RestrictionLifted: kind('consent', 'internal'),
  CustomerDataExported: kind('consent', 'out'),
  CustomerRegistered: kind('relationship', 'internal'),
  RelationshipStageMoved: kind('relationship', 'internal'),
  RelationshipStageChosen: kind('relationship', 'internal'),
  RelationshipStageOverridden: kind('relationship', 'internal'),
  RepairStarted: kind('relationship', 'internal'),
  RepairConcluded: kind('relationship', 'internal'),
  GoodbyeSaid: kind('relationship', 'internal'),
  WinBackStarted: kind('relationship', 'out'),
  WinBackConcluded: kind('relationship', 'internal'),
  CoCreationStarted: kind('relationship', 'in'),
  CoCreationContributed: kind('relationship', 'in'),
  CoCreationEnded: kind('relationship', 'internal'),
} as const satisfies Partial<Record<EventType, TouchKind>>;

export type TouchType = keyof typeof TOUCH_TYPES;

/** Who acted in an event of the contact history. */
export function directionOf(event: Extract<AnyRecordedEvent, { type: TouchType }>): TouchDirection {
  const { direction } = TOUCH_TYPES[event.type];
  if (direction !== 'recorded') return direction;
  switch (event.type) {
    case 'TouchPointRecorded':
      return event.data.direction;
    case 'PromiseMade':
      return event.data.by === 'customer' ? 'in' : 'out';
    case 'NeedRecorded':
      return event.data.basis === 'stated' ? 'in' : 'internal';
    case 'ContractRenewed':
      return event.data.automatic ? 'internal' : 'in';
    case 'ContractCancelled':
    case 'ContractTerminated':
      return event.data.byCustomer ? 'in' : 'out';
    default:
      return 'internal';
  }
}

/**
 * Self-service: the customer was in touch without an employee or agent of ours (S5). What we did among ourselves or sent out by
 * machine is no contact of theirs.
 */
export const isSelfService = (direction: TouchDirection, actor: { readonly kind: string }): boolean =>
  direction === 'in' && actor.kind !== 'employee' && actor.kind !== 'agent';
