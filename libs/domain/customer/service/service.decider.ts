import { MS_PER_SECOND, epochMsOf, isoOf } from '@rapport/contracts';
import type { Refusal } from '@rapport/contracts';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import { refuse } from '../refuse.js';
import { capped, later, markOf, replacedAt } from '../occurrence.js';
import type { Mark, Occurrence, SliceEvolvers } from '../occurrence.js';

// Events: CaseOpened, ComplaintRaised, CaseAcknowledged, CaseReplied, CaseNoteAdded, CompensationOffered, CaseEscalated,
// CaseResolved, ResolutionAccepted, CaseReopened, CaseClosed. opened → acknowledged → replied* → resolved → accepted | reopened → closed.

export type CaseStatus =
  'opened' | 'acknowledged' | 'replied' | 'reopened' | 'resolved' | 'accepted' | 'closed';

/** The mark is the opening: the evidence a stage move cites. */
export interface CaseState extends Mark {
  readonly caseId: string;
  readonly complaint: boolean;
  readonly severity: number;
  readonly slaDueAtMs: number;
  readonly status: CaseStatus;
  /** We gave a first sign: an acknowledgement or a reply. */
  readonly responded: boolean;
  readonly replied: boolean;
  /** Since when the customer waits: the opening or the latest reopening, epoch ms. */
  readonly waitingSinceMs: number;
  readonly resolved: Mark | null;
  readonly accepted: Mark | null;
  readonly reopened: Mark | null;
}

export interface ServiceState {
  /** Open cases and the latest settled ones. */
  readonly cases: readonly CaseState[];
  readonly casesForgotten: number;
  /** Latest complaints, settled or not. */
  readonly complaints: readonly (Mark & { readonly severity: number })[];
  readonly lastReopened: Mark | null;
  /** Ids of the latest compensations offered. */
  readonly compensationIds: readonly string[];
}

export const initialService: ServiceState = {
  cases: [],
  casesForgotten: 0,
  complaints: [],
  lastReopened: null,
  compensationIds: [],
};

const CASES_KEPT = 60;
/** The most complaints a rule may count. */
export const COMPLAINTS_KEPT = 10;
/** Enough to notice an id used twice; older ones are in the log. */
const COMPENSATIONS_KEPT = 20;

/** Something the customer still waits for. */
export const isOpen = (known: Pick<CaseState, 'status'>): boolean =>
  known.status === 'opened' ||
  known.status === 'acknowledged' ||
  known.status === 'replied' ||
  known.status === 'reopened';

/** What falls out of a full list is the oldest settled case, and only without one the oldest. */
const withCase = (state: ServiceState, entry: CaseState): ServiceState => {
  if (state.cases.length < CASES_KEPT) return { ...state, cases: [...state.cases, entry] };
  const settled = state.cases.findIndex((known) => !isOpen(known));
  const out = Math.max(0, settled);
  return {
    ...state,
    cases: [...state.cases.slice(0, out), ...state.cases.slice(out + 1), entry],
    casesForgotten: state.casesForgotten + 1,
  };
};

const opened = (
  state: ServiceState,
  data: { readonly caseId: string; readonly severity: number; readonly slaDueAt: string },
  occurrence: Occurrence,
  complaint: boolean,
): ServiceState =>
  withCase(state, {
    ...markOf(occurrence),
    caseId: data.caseId,
    complaint,
    severity: data.severity,
    slaDueAtMs: epochMsOf(data.slaDueAt),
    status: 'opened',
    responded: false,
    replied: false,
    waitingSinceMs: occurrence.atMs,
    resolved: null,
    accepted: null,
    reopened: null,
  });

export const caseOf = (state: ServiceState, caseId: string): CaseState | undefined =>
  state.cases.find((known) => known.caseId === caseId);

const changed = (state: ServiceState, caseId: string, change: Partial<CaseState>): ServiceState => {
  const index = state.cases.findIndex((known) => known.caseId === caseId);
  if (index < 0) return state;
  return { ...state, cases: replacedAt(state.cases, index, { ...state.cases[index]!, ...change }) };
};

export const serviceEvolvers: SliceEvolvers<ServiceState> = {
  CaseOpened: (state, data, occurrence) => opened(state, data, occurrence, false),
  ComplaintRaised: (state, data, occurrence) => ({
    ...opened(state, data, occurrence, true),
    complaints: capped(state.complaints, { ...markOf(occurrence), severity: data.severity }, COMPLAINTS_KEPT),
  }),
  CaseAcknowledged: (state, data) => changed(state, data.caseId, { status: 'acknowledged', responded: true }),
  CaseReplied: (state, data) =>
    changed(state, data.caseId, { status: 'replied', responded: true, replied: true }),
  CompensationOffered: (state, data) => ({
    ...state,
    compensationIds: capped(state.compensationIds, data.compensationId, COMPENSATIONS_KEPT),
  }),
  CaseResolved: (state, data, occurrence) =>
    changed(state, data.caseId, { status: 'resolved', resolved: markOf(occurrence) }),
  ResolutionAccepted: (state, data, occurrence) =>
    changed(state, data.caseId, { status: 'accepted', accepted: markOf(occurrence) }),
  CaseReopened: (state, data, occurrence) => ({
    ...changed(state, data.caseId, {
      status: 'reopened',
      resolved: null,
      accepted: null,
      reopened: markOf(occurrence),
      waitingSinceMs: occurrence.atMs,
      ...(data.slaDueAt === undefined ? {} : { slaDueAtMs: epochMsOf(data.slaDueAt) }),
    }),
    lastReopened: later(state.lastReopened, markOf(occurrence)),
  }),
  CaseClosed: (state, data) => changed(state, data.caseId, { status: 'closed' }),
};

type ServiceCommand = CustomerCommandOf<
  | 'OpenCase'
  | 'RaiseComplaint'
  | 'AcknowledgeCase'
  | 'ReplyToCase'
  | 'AddCaseNote'
  | 'OfferCompensation'
  | 'EscalateCase'
  | 'ResolveCase'
  | 'AcceptResolution'
  | 'ReopenCase'
  | 'CloseCase'
>;

const ANY: readonly CaseStatus[] = [
  'opened', 'acknowledged', 'replied', 'reopened', 'resolved', 'accepted', 'closed',
]; // prettier-ignore

/** In which states of a case each step is possible. */
const POSSIBLE: Readonly<Record<string, readonly CaseStatus[]>> = {
  AcknowledgeCase: ['opened', 'reopened'],
  ReplyToCase: ['opened', 'acknowledged', 'replied', 'reopened'],
  AddCaseNote: ANY,
  OfferCompensation: ANY.filter((status) => status !== 'closed'),
  EscalateCase: ['opened', 'acknowledged', 'replied', 'reopened'],
  ResolveCase: ['opened', 'acknowledged', 'replied', 'reopened'],
  AcceptResolution: ['resolved', 'closed'],
  ReopenCase: ['resolved', 'accepted', 'closed'],
  CloseCase: ['resolved', 'accepted'],
};

/** When a case of this severity that begins to wait at the command's time has to be resolved, ISO-8601 UTC. */
const dueAt = (draft: Draft, severity: number): string =>
  isoOf(
    draft.context.occurredAtMs +
      draft.context.ruleBook.slaMs(severity, draft.state.profile.serviceLevel?.slaHours),
  );

/** Whole seconds from an instant to the command's time; a late fact that lies before it waited none. */
const secondsSince = (sinceMs: number, draft: Draft): number =>
  Math.max(0, Math.floor((draft.context.occurredAtMs - sinceMs) / MS_PER_SECOND));

/** ID_ALREADY_USED, DATES_OUT_OF_ORDER, UNKNOWN_CASE, CASE_STATE_FORBIDS, INVALID_VALUE. */
export function decideService(draft: Draft, command: ServiceCommand): Refusal | undefined {
  const state = draft.state.service;
  const known = caseOf(state, command.caseId);
  if (
    (command.type === 'OpenCase' || command.type === 'RaiseComplaint' || command.type === 'ReopenCase') &&
    command.slaDueAt !== undefined &&
    epochMsOf(command.slaDueAt) < draft.context.occurredAtMs
  )
    return refuse('DATES_OUT_OF_ORDER', 'The case would be due before it was opened.');
  if (command.type === 'OpenCase' || command.type === 'RaiseComplaint') {
    if (known) return refuse('ID_ALREADY_USED', 'The customer has a case with this id.');
    const slaDueAt = command.slaDueAt ?? dueAt(draft, command.severity);
    if (command.type === 'OpenCase') draft.record('CaseOpened', { ...dataOf(command), slaDueAt });
    else draft.record('ComplaintRaised', { ...dataOf(command), slaDueAt });
    return undefined;
  }
  if (known === undefined) {
    // A case so old that the state let go of it is believed.
    if (state.casesForgotten === 0) return refuse('UNKNOWN_CASE', 'The customer has no such case.');
  } else if (
    !POSSIBLE[command.type]!.includes(known.status) ||
    (command.type === 'AcceptResolution' && known.accepted !== null)
  )
    return refuse('CASE_STATE_FORBIDS', `The case is ${known.status}.`);
  // What is not known of a forgotten case is left out, never guessed.
  const waited = known === undefined ? {} : { waitS: secondsSince(known.waitingSinceMs, draft) };
  switch (command.type) {
    case 'AcknowledgeCase':
      draft.record('CaseAcknowledged', {
        ...dataOf(command),
        ...(known === undefined ? {} : { firstResponse: !known.responded }),
        ...waited,
      });
      return undefined;
    case 'ReplyToCase':
      draft.record('CaseReplied', {
        ...dataOf(command),
        firstResponse: known ? !known.replied : false,
        ...waited,
      });
      return undefined;
    case 'AddCaseNote':
      draft.record('CaseNoteAdded', dataOf(command));
      return undefined;
    case 'OfferCompensation':
      if (state.compensationIds.includes(command.compensationId))
        return refuse('ID_ALREADY_USED', 'The customer has a compensation with this id.');
      if (command.amount !== undefined && command.amount.amountMinor <= 0)
        return refuse('INVALID_VALUE', 'The amount of a compensation is more than nothing.');
      draft.record('CompensationOffered', dataOf(command));
      return undefined;
    case 'EscalateCase':
      draft.record('CaseEscalated', dataOf(command));
      return undefined;
    case 'ResolveCase':
      draft.record('CaseResolved', {
        ...dataOf(command),
        ...(known === undefined ? {} : { resolutionS: secondsSince(known.atMs, draft) }),
      });
      return undefined;
    case 'AcceptResolution':
      draft.record('ResolutionAccepted', dataOf(command));
      return undefined;
    case 'ReopenCase': {
      const slaDueAt = command.slaDueAt ?? (known === undefined ? undefined : dueAt(draft, known.severity));
      draft.record('CaseReopened', { ...dataOf(command), ...(slaDueAt === undefined ? {} : { slaDueAt }) });
      return undefined;
    }
    case 'CloseCase':
      draft.record('CaseClosed', dataOf(command));
      return undefined;
    default:
      return command satisfies never;
  }
}
