import type { CustomerDataExported, DataOf, ErasureRequestClosed, ErasureRequested, ProcessingRestricted, RestrictionLifted } from '@rapport/contracts'; // prettier-ignore
import type {
  AccountManagerAssigned, AccountManagerReleased, ActivityCancelled, ActivityCompleted, ActivityPlanned, ActivityRescheduled,
  AdvocacyRecorded, CampaignContactSent, CampaignResponded, CaseAcknowledged, CaseClosed, CaseEscalated, CaseNoteAdded, CaseOpened, CaseReopened, CaseReplied,
  CaseResolved, CoCreationContributed, CoCreationEnded, CoCreationStarted, CompensationOffered, ComplaintRaised,
  ConsentDenied, ConsentGranted, ConsentRevoked, ContractCancelled, ContractRenewed, ContractSigned,
  CustomerDetailsCorrected, CustomerErased, CustomerGrouped, CustomerRegistered, DefaultCured, DefaultDeclared,
  ExternalDataReceived, FraudSignalCleared, FraudSignalRaised, GoodbyeSaid, IdentifierAdded, IdentifierRemoved,
  InvoiceIssued, LeadDisqualified, LeadIdentified, LeadQualified, ModelEvidenceNoted, NeedLevelAssessed, NeedMet,
  NeedRecorded, NeedUnmet, OpportunityAdvanced, OpportunityLost, OpportunityOpened, OpportunityReopened, OpportunityRevised,
  OpportunityWon, PartyLinked, PaymentFailed, PaymentReceived, PreferenceSet, ProfileFactRecorded, PromiseBroken,
  PromiseKept, PromiseMade, PurchaseRecorded, ReferralConverted, ReferralMade, RelationTraitRecorded, ResolutionAccepted,
  ReturnRecorded, ServiceCostRecorded, Stage, SurveyResponded, TouchPointCorrected, TouchPointRecorded, WinBackConcluded, WinBackStarted,
  ContractActivated, ContractAmended, ContractTerminated, FraudSignalConfirmed, WalletShareReported, WrittenOff,
} from '@rapport/contracts'; // prettier-ignore
import type {
  ClassificationReleased, CustomerClassified, DataQualityAssessed, DataStewardAppointed, PartyUnlinked, RolesChanged, ServiceLevelSet,
  StrategicAccountDesignated, StrategicAccountWithdrawn,
} from '@rapport/contracts'; // prettier-ignore
import type { IdentityStep } from './identity/identity.commands.js';

/** A command is what a caller asks for: imperative name, plain values, personal values in plain text until encoded. */
type Command<Type extends string, Fields> = { readonly type: Type } & Fields;
type With<C, Omitted extends string = never> = Readonly<Omit<DataOf<C>, Omitted>>;

/** `caseId`, `offerId` … are the caller's own ids within the customer; a missing one is derived from the command key. */
export type CustomerCommand =
  // profile
  | Command<
      'RegisterCustomer',
      With<typeof CustomerRegistered, 'acquisitionChannel' | 'malformedIdentifiers'>
    >
  | Command<'CorrectCustomerDetails', With<typeof CustomerDetailsCorrected, 'malformedFields'>>
  // `identifierType` is the event's `type`: a command's own `type` is its name
  | Command<
      'AddIdentifier',
      With<typeof IdentifierAdded, 'type' | 'malformed'> & {
        readonly identifierType: DataOf<typeof IdentifierAdded>['type'];
      }
    >
  | Command<
      'RemoveIdentifier',
      With<typeof IdentifierRemoved, 'type'> & {
        readonly identifierType: DataOf<typeof IdentifierRemoved>['type'];
      }
    >
  | Command<'AssignCustomerGroup', With<typeof CustomerGrouped>>
  | Command<
      'AssignAccountManager',
      With<typeof AccountManagerAssigned, 'previousManagerId'> & {
        /** Only while this account manager is responsible. */
        readonly replacing?: string;
      }
    >
  | Command<'ReleaseAccountManager', With<typeof AccountManagerReleased>>
  | Command<'SetNeedLevel', With<typeof NeedLevelAssessed, 'previousLevel' | 'assessorId'>>
  | Command<'RecordProfileFact', With<typeof ProfileFactRecorded>>
  | Command<'RecordPreference', With<typeof PreferenceSet>>
  | Command<'LinkParty', With<typeof PartyLinked>>
  | Command<'UnlinkParty', With<typeof PartyUnlinked>>
  | Command<'ChangeRoles', With<typeof RolesChanged>>
  // the class follows from the thresholds of the rule book
  | Command<
      'ClassifyCustomer',
      Pick<DataOf<typeof CustomerClassified>, 'value' | 'potentialValue' | 'serviceGradeWanted'>
    >
  | Command<'ReleaseClassification', With<typeof ClassificationReleased>>
  | Command<
      'SetServiceLevel',
      Pick<DataOf<typeof ServiceLevelSet>, 'level' | 'reason'> & {
        /** Default: the hours the rule book gives to the level. */
        readonly slaHours?: number;
      }
    >
  | Command<
      'DesignateStrategicAccount',
      With<typeof StrategicAccountDesignated, 'previousStanding' | 'needLevel' | 'ruleBookVersion'>
    >
  | Command<'WithdrawStrategicAccount', With<typeof StrategicAccountWithdrawn, 'previousStanding'>>
  | Command<'AppointDataSteward', With<typeof DataStewardAppointed, 'previousStewardId'>>
  | Command<'AssessDataQuality', With<typeof DataQualityAssessed, 'stewardId'>>
  | Command<'EraseCustomer', With<typeof CustomerErased, 'memberIds'>>
  // consent
  | Command<'GrantConsent', With<typeof ConsentGranted>>
  | Command<'DenyConsent', With<typeof ConsentDenied>>
  | Command<'RevokeConsent', With<typeof ConsentRevoked>>
  // privacy
  | Command<'RequestErasure', With<typeof ErasureRequested, 'dueAt'>>
  | Command<'CloseErasureRequest', With<typeof ErasureRequestClosed>>
  | Command<'RestrictProcessing', With<typeof ProcessingRestricted>>
  | Command<'LiftRestriction', With<typeof RestrictionLifted>>
  | Command<'ExportCustomerData', With<typeof CustomerDataExported>>
  // touch points
  | Command<'RecordTouchPoint', With<typeof TouchPointRecorded>>
  | Command<'CorrectTouchPoint', With<typeof TouchPointCorrected, 'encounterId' | 'original' | 'productIds'>>
  | Command<'RecordSurveyResponse', With<typeof SurveyResponded>>
  | Command<'RecordReferral', With<typeof ReferralMade>>
  | Command<'ConvertReferral', With<typeof ReferralConverted>>
  | Command<'RecordAdvocacy', With<typeof AdvocacyRecorded>>
  | Command<'ReceiveExternalData', With<typeof ExternalDataReceived>>
  | Command<'MakePromise', With<typeof PromiseMade>>
  | Command<'KeepPromise', With<typeof PromiseKept>>
  | Command<'BreakPromise', With<typeof PromiseBroken>>
  // agenda; who is to do it is the actor, or stays, unless given
  | Command<'PlanActivity', With<typeof ActivityPlanned, 'ownerId'> & { readonly ownerId?: string }>
  | Command<
      'RescheduleActivity',
      With<typeof ActivityRescheduled, 'ownerId' | 'previousDueAt' | 'previousOwnerId'> & {
        readonly ownerId?: string;
      }
    >
  | Command<
      'CompleteActivity',
      With<typeof ActivityCompleted, 'kind' | 'touchEventId'> & {
        /** The contact it brought, recorded with it. */
        readonly touch?: DataOf<typeof TouchPointRecorded>;
      }
    >
  | Command<'CancelActivity', With<typeof ActivityCancelled, 'kind'>>
  // needs
  | Command<'RecordNeed', With<typeof NeedRecorded>>
  | Command<
      'CloseNeed',
      With<typeof NeedMet> &
        Partial<With<typeof NeedUnmet, 'needId' | 'note'>> & { readonly outcome: 'met' | 'unmet' }
    >
  // ledger
  | Command<'RecordPurchase', With<typeof PurchaseRecorded>>
  | Command<'RecordReturn', With<typeof ReturnRecorded>>
  | Command<'IssueInvoice', With<typeof InvoiceIssued>>
  | Command<'RecordPayment', With<typeof PaymentReceived, 'daysLate'>>
  | Command<'RecordPaymentFailure', With<typeof PaymentFailed>>
  | Command<'DeclareDefault', With<typeof DefaultDeclared>>
  | Command<'CureDefault', With<typeof DefaultCured>>
  | Command<'RecordServiceCost', With<typeof ServiceCostRecorded>>
  | Command<'RecordFraudSignal', With<typeof FraudSignalRaised>>
  | Command<'ClearFraudSignal', With<typeof FraudSignalCleared>>
  | Command<'ConfirmFraudSignal', With<typeof FraudSignalConfirmed>>
  | Command<'WriteOff', With<typeof WrittenOff>>
  | Command<'ReportWalletShare', With<typeof WalletShareReported>>
  // service; slaDueAt follows from severity and the rule book unless given
  | Command<'OpenCase', With<typeof CaseOpened, 'slaDueAt'> & { readonly slaDueAt?: string }>
  | Command<'RaiseComplaint', With<typeof ComplaintRaised, 'slaDueAt'> & { readonly slaDueAt?: string }>
  | Command<'AcknowledgeCase', With<typeof CaseAcknowledged, 'firstResponse' | 'waitS'>>
  | Command<'ReplyToCase', With<typeof CaseReplied, 'firstResponse' | 'waitS'>>
  | Command<'AddCaseNote', With<typeof CaseNoteAdded>>
  | Command<'OfferCompensation', With<typeof CompensationOffered>>
  | Command<'EscalateCase', With<typeof CaseEscalated>>
  | Command<'ResolveCase', With<typeof CaseResolved, 'resolutionS'>>
  | Command<'AcceptResolution', With<typeof ResolutionAccepted>>
  | Command<'ReopenCase', With<typeof CaseReopened, 'slaDueAt'> & { readonly slaDueAt?: string }>
  | Command<'CloseCase', With<typeof CaseClosed>>
  // contracts
  | Command<'SignContract', With<typeof ContractSigned>>
  | Command<'RenewContract', With<typeof ContractRenewed>>
  | Command<'CancelContract', With<typeof ContractCancelled>>
  | Command<'ActivateContract', With<typeof ContractActivated>>
  | Command<'AmendContract', With<typeof ContractAmended>>
  | Command<'ExpireContract', { readonly contractId: string }>
  | Command<'TerminateContract', With<typeof ContractTerminated>>
  // sales
  | Command<'IdentifyLead', With<typeof LeadIdentified>>
  | Command<'QualifyLead', With<typeof LeadQualified>>
  | Command<'DisqualifyLead', With<typeof LeadDisqualified>>
  | Command<
      'OpenOpportunity',
      With<typeof OpportunityOpened, 'kind'> & {
        /** Needed where no product of the catalogue tells it; a renewal or win-back is always asked for as such. */
        readonly kind?: DataOf<typeof OpportunityOpened>['kind'];
      }
    >
  | Command<'AdvanceOpportunity', With<typeof OpportunityAdvanced, 'from'>>
  | Command<'ReviseOpportunity', With<typeof OpportunityRevised>>
  | Command<'ReopenOpportunity', With<typeof OpportunityReopened, 'at'>>
  | Command<'WinOpportunity', With<typeof OpportunityWon>>
  | Command<'LoseOpportunity', With<typeof OpportunityLost>>
  | Command<
      'OfferProduct',
      {
        readonly offerId: string;
        readonly productId: string;
        /** A save offer or renewal, or a win-back: asked for as such; first, up- and cross-sell are derived. */
        readonly purpose?: 'retain' | 'winBack';
        readonly channel: DataOf<typeof import('@rapport/contracts').OfferMade>['channel'];
        readonly initiative: 'firm' | 'customer';
        readonly reason?: string;
      }
    >
  | Command<
      'RecordOfferAnswer',
      { readonly offerId: string; readonly answer: 'accepted' | 'declined'; readonly reasonCode?: string }
    >
  // marketing; the variant and whether the customer is left out follow from customer and campaign
  | Command<
      'ContactForCampaign',
      Pick<With<typeof CampaignContactSent>, 'contactId' | 'campaignId' | 'channel' | 'cost'>
    >
  | Command<
      'RecordCampaignResponse',
      {
        readonly campaignId: string;
        readonly outcome: 'delivered' | 'opened' | 'clicked' | 'bounced' | 'responded' | 'optedOut';
        /** Of a response; default `response`. */
        readonly responseKind?: string;
        readonly value?: DataOf<typeof CampaignResponded>['value'];
        readonly note?: string;
        /** Of a bounce. */
        readonly reasonCode?: string;
        /** Where nobody was contacted: the channel the reaction came by. */
        readonly channel?: DataOf<typeof CampaignContactSent>['channel'];
      }
    >
  // relationship
  | Command<
      'MoveStage',
      {
        readonly to: Stage;
        readonly reasonCode: string;
        readonly evidence: readonly string[];
        readonly note?: string;
      }
    >
  | Command<'OverrideStage', { readonly to: Stage; readonly note: string; readonly holdUntil: string }>
  | Command<
      'StartRepair',
      {
        readonly repairId: string;
        readonly ownerId: string;
        readonly caseIds: readonly string[];
        readonly contactAttempts: readonly string[];
        readonly plan: string;
        readonly dueAt: string;
      }
    >
  | Command<
      'ConcludeRepair',
      {
        readonly repairId: string;
        readonly outcome: 'recovered' | 'failed';
        /** Stage to return to when recovered; at most the one held before deterioration; default that one's best. */
        readonly to?: 'contact' | 'involvement' | 'intimacy';
        readonly reasonCode: string;
      }
    >
  | Command<'StartWinBack', With<typeof WinBackStarted>>
  | Command<'ConcludeWinBack', With<typeof WinBackConcluded>>
  | Command<'RecordGoodbye', With<typeof GoodbyeSaid>>
  | Command<'RecordRelationTrait', With<typeof RelationTraitRecorded>>
  | Command<'StartCoCreation', With<typeof CoCreationStarted>>
  | Command<'RecordContribution', With<typeof CoCreationContributed>>
  | Command<'EndCoCreation', With<typeof CoCreationEnded>>
  | Command<'NoteModelEvidence', With<typeof ModelEvidenceNoted>>
  | IdentityStep
  /** Applies what fell due by the command's business time; the scheduler sends it to customers listed in `due-reviews`. */
  | Command<'ReviewRelationship', object>;

export type CustomerCommandType = CustomerCommand['type'];
export type CustomerCommandOf<T extends CustomerCommandType> = Extract<CustomerCommand, { type: T }>;

/** Commands that record a fact about what happened: an unknown identifier registers the customer at contact in the same append. */
export const FACT_COMMANDS = [
  'RecordTouchPoint', 'RecordPurchase', 'RecordSurveyResponse', 'RaiseComplaint', 'OpenCase', 'RecordReferral', 'RecordAdvocacy',
  'SignContract', 'IdentifyLead', 'RecordCampaignResponse', 'GrantConsent', 'DenyConsent', 'RevokeConsent', 'RecordProfileFact',
  'RecordPreference', 'RecordNeed', 'ReceiveExternalData', 'ReportWalletShare',
] as const satisfies readonly CustomerCommandType[]; // prettier-ignore

/** Rights of a person over their data: carried out for merged customers too. */
export const PRIVACY_COMMANDS = [
  'RequestErasure', 'CloseErasureRequest', 'EraseCustomer', 'RestrictProcessing', 'LiftRestriction', 'ExportCustomerData',
] as const satisfies readonly CustomerCommandType[]; // prettier-ignore

/** Registration to perform first when the addressed customer is not registered yet; only with a fact command. */
export type ImplicitRegistration = Pick<CustomerCommandOf<'RegisterCustomer'>, 'identifiers'> &
  Partial<Omit<CustomerCommandOf<'RegisterCustomer'>, 'type'>>;

/** What `decide` receives: a command, and with a fact about an unknown customer the registration that goes before it. */
export type CustomerRequest = CustomerCommand & {
  readonly registerFirst?: ImplicitRegistration;
  /** Merge by which the request came here from the customer it was addressed to. */
  readonly via?: string;
};
