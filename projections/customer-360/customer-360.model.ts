import type { Channel, DataOf, Stage } from '@rapport/contracts';
import type {
  CaseOpened,
  ComplaintRaised,
  ConsentGranted,
  ContractSigned,
  CustomerDetailsCorrected,
  OfferMade,
  OpportunityAdvanced,
  OpportunityOpened,
  PartyLinked,
  PreferenceSet,
  ProfileFactRecorded,
  PromiseMade,
  RelationTraitRecorded,
  SurveyResponded,
} from '@rapport/contracts';
import type { Stamp } from '../_parts/business-order.js';
import type { ProfileQuality } from '../_parts/profile-quality.js';
import type { LoyaltyFacts } from '../_parts/loyalty/loyalty.model.js';
import type { TouchDirection, TouchType } from '../_parts/touch-types.js';
import type { StandingOnFile } from './standing-on-file.js';
import type { CustomerGroup } from '../_parts/customer-group.js';

/*
 * Entities that callers name (cases, contracts, offers …) are arrays with ids, never objects keyed by those ids:
 * an id may be any word, `constructor` too. All lists are capped; what goes first is said at the cap.
 */

export type DetailField = DataOf<typeof CustomerDetailsCorrected>['changes'][number]['field'];

export interface IdentifierOnFile {
  type: string;
  /** Token. */
  value: string;
  verified: boolean;
  sourceSystem?: string;
  /** Log position of the event that added it: what was removed before may come back, and merged customers have one order. */
  position: number;
}

export interface StageEntry {
  stage: Stage;
  /** Business time it was entered, epoch ms. */
  sinceMs: number;
  /** null = registered. */
  from: Stage | null;
  how: 'registered' | 'rule' | 'chosen' | 'override';
  reasonCode: string | null;
  eventId: string;
}

export interface ConsentOnFile extends Stamp {
  purpose: DataOf<typeof ConsentGranted>['purpose'];
  channelScope: DataOf<typeof ConsentGranted>['channelScope'];
  status: 'granted' | 'denied' | 'revoked' | 'expired';
  /** End of validity, epoch ms; null = until revoked. */
  expiresAtMs: number | null;
}

export interface PreferenceOnFile extends Stamp {
  kind: DataOf<typeof PreferenceSet>['kind'];
  key: string;
  value: string;
}

export interface ProfileFactOnFile extends Stamp {
  category: DataOf<typeof ProfileFactRecorded>['category'];
  key: string;
  /** Token. */
  value: string;
  confidencePct: number;
  /** yyyy-mm-dd, that day included; null = open. */
  validTo: string | null;
}

export interface CaseOnFile {
  caseId: string;
  kind: DataOf<typeof CaseOpened>['kind'] | 'complaint';
  /** 1 worst … 4 least. */
  severity: number;
  status:
    'opened' | 'acknowledged' | 'answered' | 'escalated' | 'resolved' | 'accepted' | 'reopened' | 'closed';
  /** Epoch ms. */
  openedAtMs: number;
  slaDueAtMs: number;
  reasonCode?: DataOf<typeof ComplaintRaised>['reasonCode'];
  productId?: string;
  handlerId?: string;
}

export interface OpportunityOnFile {
  opportunityId: string;
  kind: DataOf<typeof OpportunityOpened>['kind'];
  stage: DataOf<typeof OpportunityAdvanced>['to'];
  status: 'open' | 'lost';
  expectedMinor: number;
  currency: string;
  probabilityPct: number;
  /** yyyy-mm-dd. */
  expectedCloseDate: string | null;
  ownerId: string | null;
  openedAtMs: number;
}

export interface ContractOnFile360 {
  contractId: string;
  productId: string;
  /** yyyy-mm-dd. */
  startDate: string;
  /** First day it runs; null = it awaits its activation. */
  activeFrom: string | null;
  endDate: string | null;
  autoRenew: boolean;
  recurring: DataOf<typeof ContractSigned>['recurring'] | null;
  status: 'running' | 'noticeGiven' | 'ended';
}

export interface OfferOnFile {
  offerId: string;
  kind: DataOf<typeof OfferMade>['kind'];
  productId: string;
  channel: Channel;
  madeAtMs: number;
}

export interface PromiseOnFile {
  promiseId: string;
  by: DataOf<typeof PromiseMade>['by'];
  what: DataOf<typeof PromiseMade>['what'];
  dueAtMs: number;
  status: 'open' | 'broken';
}

export interface TraitOnFile extends Stamp {
  trait: DataOf<typeof RelationTraitRecorded>['trait'];
  side: DataOf<typeof RelationTraitRecorded>['side'];
  /** Of commitment; null = the trait as a whole. */
  component: NonNullable<DataOf<typeof RelationTraitRecorded>['component']> | null;
  /** 0-100. */
  score: number;
  method: DataOf<typeof RelationTraitRecorded>['method'];
}

export interface AnswerOnFile extends Stamp {
  instrument: DataOf<typeof SurveyResponded>['instrument'];
  score: number;
}

/** Pieces held, from purchases less returns; may be below 0 while a late purchase is still to come. */
export interface HoldingOnFile {
  productId: string;
  pieces: number;
  /** Latest purchase, epoch ms. */
  boughtAtMs: number;
}

export interface MoneyOfCurrency {
  /** All minor units. */
  purchasedMinor: number;
  purchases: number;
  refundedMinor: number;
  returns: number;
  invoicedMinor: number;
  paidMinor: number;
  /** In default and not made good. */
  inDefaultMinor: number;
  /** Given up as a loss in our books; still owed. */
  writtenOffMinor: number;
  /** What serving the customer cost. */
  serviceCostMinor: number;
}

export interface DefaultOnFile {
  invoiceId: string;
  amountMinor: number;
  currency: string;
}

export interface PartyOnFile {
  otherCustomerId: string;
  role: DataOf<typeof PartyLinked>['role'];
  fromDate: string;
  toDate: string | null;
}

/**
 * One touch as a short row, because the list is rewritten with every touch:
 * occurredAt (epoch ms), source sequence, event id, type, channel, direction, self-service (0 or 1), what it was about
 * (kind of touch, order, case, offer … or null), sentiment (-100..100 or null).
 */
export type TouchLine = [
  occurredAtMs: number,
  sourceSeq: number,
  eventId: string,
  type: TouchType,
  channel: Channel,
  direction: TouchDirection,
  selfService: 0 | 1,
  about: string | null,
  sentiment: number | null,
];

/** Everything about one customer that events determine. Key: `<customerId>`. Personal values are tokens, unopened. */
export interface Customer360 extends CustomerGroup {
  /** Customers that are part of this one, in the order they were taken in; empty for a customer that was never merged. */
  members: { customerId: string; mergeId: string; sinceMs: number }[];
  /** Business time of the registration, epoch ms; null while only other facts are known. */
  registeredAtMs: number | null;
  acquisitionChannel: Channel | null;
  roles: string[];
  /** Personal details by field: tokens, each with the event that said it. */
  details: Partial<Record<DetailField, Stamp & { value: string }>>;
  identifiers: IdentifierOnFile[];
  /** Removed while several of their type were on file: left out by the edge, which alone can compare values. */
  removedIdentifiers: { type: string; value: string; sourceSystem?: string; position: number }[];
  manager: { managerId: string; fromDate: string } | null;
  needLevel: (Stamp & { level: number }) | null;
  standing: StandingOnFile;
  quality: ProfileQuality;
  loyalty: LoyaltyFacts;
  stage: Stage;
  stageSinceMs: number;
  /** Set while the stage is an override: rules decide again from then, epoch ms. */
  stageHeldUntilMs: number | null;
  /** Oldest first. */
  stageHistory: StageEntry[];
  consents: ConsentOnFile[];
  preferences: PreferenceOnFile[];
  profileFacts: ProfileFactOnFile[];
  parties: PartyOnFile[];
  cases: CaseOnFile[];
  opportunities: OpportunityOnFile[];
  contracts: ContractOnFile360[];
  offers: OfferOnFile[];
  promises: PromiseOnFile[];
  promisesKept: number;
  promisesBroken: number;
  repair: {
    repairId: string;
    ownerId: string;
    caseIds: string[];
    startedAtMs: number;
    dueAtMs: number;
  } | null;
  winBack: { winBackId: string; channel: string; startedAtMs: number } | null;
  coCreations: string[];
  /** Latest in business time last. */
  touches: TouchLine[];
  /** Contacts by channel: all, and those without an employee or agent. */
  contactsByChannel: Partial<Record<Channel, [contacts: number, selfService: number]>>;
  firstContactAtMs: number | null;
  lastContactAtMs: number | null;
  money: Record<string, MoneyOfCurrency>;
  defaults: DefaultOnFile[];
  holdings: HoldingOnFile[];
  /** Latest answer of each instrument. */
  satisfaction: AnswerOnFile[];
  traits: TraitOnFile[];
  referrals: number;
  fraudSignals: { signalId: string; score: number; confirmed: boolean }[];
  goodbye: { reasonCode: string; atMs: number } | null;
  erased: boolean;
}
