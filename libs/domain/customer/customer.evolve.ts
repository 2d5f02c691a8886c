import { epochMsOf } from '@rapport/contracts';
import type { AnyNewEvent, EventType, StreamEvent } from '@rapport/contracts';
import { agendaEvolvers } from './agenda/agenda.decider.js';
import { consentEvolvers } from './consent/consent.decider.js';
import { contractsEvolvers } from './contracts/contracts.decider.js';
import type { CustomerState } from './customer.state.js';
import { identityEvolvers } from './identity/identity.decider.js';
import { ledgerEvolvers } from './ledger/ledger.decider.js';
import { needsEvolvers } from './needs/needs.decider.js';
import type { Occurrence, SliceEvolvers } from './occurrence.js';
import { marketingEvolvers } from './marketing/marketing.state.js';
import { profileEvolvers } from './profile/profile.state.js';
import { privacyEvolvers } from './privacy/privacy.decider.js';
import { relationshipEvolvers } from './relationship/relationship.state.js';
import { salesEvolvers } from './sales/sales.state.js';
import { serviceEvolvers } from './service/service.decider.js';
import { touchPointsEvolvers } from './touch-points/touch-points.state.js';

type SliceName = Exclude<keyof CustomerState, 'seq' | 'businessClockMs'>;

const slices: { readonly [S in SliceName]: SliceEvolvers<CustomerState[S]> } = {
  profile: profileEvolvers,
  consent: consentEvolvers,
  privacy: privacyEvolvers,
  touchPoints: touchPointsEvolvers,
  agenda: agendaEvolvers,
  needs: needsEvolvers,
  ledger: ledgerEvolvers,
  service: serviceEvolvers,
  contracts: contractsEvolvers,
  sales: salesEvolvers,
  marketing: marketingEvolvers,
  relationship: relationshipEvolvers,
  identity: identityEvolvers,
};

type Step = readonly [
  slice: SliceName,
  evolve: (slice: unknown, data: unknown, occurrence: Occurrence) => unknown,
];

/** Event type → the slices it changes: one look-up an event, whatever the number of areas. */
const steps = new Map<string, readonly Step[]>();
for (const [slice, evolvers] of Object.entries(slices))
  for (const [type, evolve] of Object.entries(evolvers))
    steps.set(type, [...(steps.get(type) ?? []), [slice, evolve] as unknown as Step]);

/** The state after one event. Never changes the state it is given. */
export function evolveOccurrence(
  state: CustomerState,
  event: { readonly type: EventType | string; readonly data: AnyNewEvent['data'] | unknown },
  occurrence: Occurrence,
): CustomerState {
  const next: { -readonly [K in keyof CustomerState]: CustomerState[K] } = {
    ...state,
    seq: occurrence.seq,
    businessClockMs: occurrence.atMs > state.businessClockMs ? occurrence.atMs : state.businessClockMs,
  };
  const changed = next as Record<SliceName, unknown>;
  for (const [slice, evolve] of steps.get(event.type) ?? [])
    changed[slice] = evolve(changed[slice], event.data, occurrence);
  return next;
}

/** Folds a recorded event; a type this version does not know only moves the clock. */
export function evolveCustomer(state: CustomerState, event: StreamEvent): CustomerState {
  return evolveOccurrence(state, event, {
    id: event.eventId,
    atMs: epochMsOf(event.metadata.occurredAt),
    seq: state.seq + 1,
    channel: event.metadata.channel,
  });
}
