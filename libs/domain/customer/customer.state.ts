import { initialAgenda } from './agenda/agenda.decider.js';
import type { AgendaState } from './agenda/agenda.decider.js';
import { initialConsent } from './consent/consent.decider.js';
import type { ConsentState } from './consent/consent.decider.js';
import { initialContracts } from './contracts/contracts.decider.js';
import type { ContractsState } from './contracts/contracts.decider.js';
import { initialIdentity } from './identity/identity.decider.js';
import type { IdentityState } from './identity/identity.decider.js';
import { initialLedger } from './ledger/ledger.decider.js';
import type { LedgerState } from './ledger/ledger.decider.js';
import { initialMarketing } from './marketing/marketing.state.js';
import type { MarketingState } from './marketing/marketing.state.js';
import { initialNeeds } from './needs/needs.decider.js';
import type { NeedsState } from './needs/needs.decider.js';
import { BEGINNING_MS } from './occurrence.js';
import { initialProfile } from './profile/profile.state.js';
import type { ProfileState } from './profile/profile.state.js';
import { initialPrivacy } from './privacy/privacy.decider.js';
import type { PrivacyState } from './privacy/privacy.decider.js';
import { initialRelationship } from './relationship/relationship.state.js';
import type { RelationshipState } from './relationship/relationship.state.js';
import { initialSales } from './sales/sales.state.js';
import type { SalesState } from './sales/sales.state.js';
import { initialService } from './service/service.decider.js';
import type { ServiceState } from './service/service.decider.js';
import { initialTouchPoints } from './touch-points/touch-points.state.js';
import type { TouchPointsState } from './touch-points/touch-points.state.js';

/**
 * What deciding needs to know of a customer: a JSON value without personal plaintext, small whatever the length of the
 * history. Lists hold what is open or the latest few, never everything.
 */
export interface CustomerState {
  /** Events folded so far. */
  readonly seq: number;
  /** Latest business time seen, epoch ms; late facts do not turn it back. */
  readonly businessClockMs: number;
  readonly profile: ProfileState;
  readonly consent: ConsentState;
  readonly privacy: PrivacyState;
  readonly touchPoints: TouchPointsState;
  readonly agenda: AgendaState;
  readonly needs: NeedsState;
  readonly ledger: LedgerState;
  readonly service: ServiceState;
  readonly contracts: ContractsState;
  readonly sales: SalesState;
  readonly marketing: MarketingState;
  readonly relationship: RelationshipState;
  readonly identity: IdentityState;
}

export const initialCustomer: CustomerState = {
  seq: 0,
  businessClockMs: BEGINNING_MS,
  profile: initialProfile,
  consent: initialConsent,
  privacy: initialPrivacy,
  touchPoints: initialTouchPoints,
  agenda: initialAgenda,
  needs: initialNeeds,
  ledger: initialLedger,
  service: initialService,
  contracts: initialContracts,
  sales: initialSales,
  marketing: initialMarketing,
  relationship: initialRelationship,
  identity: initialIdentity,
};
