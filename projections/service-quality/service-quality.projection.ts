import { dayNumberOf } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { epochMsOfRecorded, occurredAtMsOf } from '../_parts/business-order.js';
import { ownerOf } from '../_parts/owner.js';
import { flagsOf, minutesBetween } from './case-outcome.js';
import { moodOfSurvey, moodOfTouch } from './mood.js';
import type { CaseRow, Mood, ServiceQualityRow } from './service-quality.model.js';
import { openCases, quality, reasons } from './service-quality.queries.js';

const EVENTS = [
  'TouchPointRecorded', 'TouchPointCorrected', 'SurveyResponded', 'AdvocacyRecorded', 'PurchaseRecorded', 'ReturnRecorded',
  'CaseOpened', 'ComplaintRaised', 'CaseAcknowledged', 'CaseReplied', 'CompensationOffered', 'CaseEscalated',
  'CaseResolved', 'ResolutionAccepted', 'CaseReopened', 'NeedRecorded', 'NeedMet', 'NeedUnmet',
] as const; // prettier-ignore
type QualityEvent = EventFor<(typeof EVENTS)[number]>;

const CASE_PREFIX = 'case:';

/** What happened to a product or service in a period, how did customers take it, and if badly, why? (S13) */
export const serviceQuality: ProjectionDefinition<ServiceQualityRow, (typeof EVENTS)[number]> = {
  name: 'service-quality',
  version: 1,
  question:
    'What happened to a product or service in a period, how did customers take it, and if badly, why?',
  events: EVENTS,
  keys: keysOf,
  begins: ({ type }) =>
    type === 'TouchPointRecorded' ||
    type === 'SurveyResponded' ||
    type === 'AdvocacyRecorded' ||
    type === 'PurchaseRecorded' ||
    type === 'ReturnRecorded',
  initial: () => ({ kind: null }),
  evolve: evolve,
  sortedBy: ['day', 'openDueMs'],
  indexes: {
    kind: (row) => row.kind,
    productId: (row) => (row.kind === null ? null : row.productId),
    day: (row) => (row.kind === null ? null : row.dayNumber),
    mood: (row) => (row.kind === 'reaction' ? row.mood : null),
    reasonCode: (row) => (row.kind === 'reaction' ? row.reasonCode : null),
    qty: (row) => (row.kind === 'sale' || row.kind === 'return' ? row.qty : null),
    outcome: (row) => (row.kind === 'case' ? flagsOf(row) : null),
    openDueMs: (row) => (row.kind === 'case' && row.resolvedAtMs === null ? row.dueAtMs : null),
    severity: (row) => (row.kind === 'case' ? row.severity : null),
    firstResponseMin: (row) =>
      row.kind === 'case' ? minutesBetween(row.openedAtMs, row.firstResponseAtMs) : null,
    resolutionMin: (row) => (row.kind === 'case' ? minutesBetween(row.openedAtMs, row.resolvedAtMs) : null),
    need: (row) => (row.kind === 'need' ? row.status : null),
    satisfaction: (row) => (row.kind === 'case' ? row.satisfaction : null),
  },
  /** Rows of merged customers keep their own keys; two documents under one key are the same fact. */
  combine: (rows) => rows[0]!,
  queries: [quality, reasons, openCases],
};

function keysOf(event: QualityEvent): readonly string[] {
  const owner = ownerOf(event);
  switch (event.type) {
    case 'TouchPointRecorded':
      return moodOfTouch(event.data) === null ? [] : [`${owner}/${event.eventId}`];
    case 'SurveyResponded':
    case 'AdvocacyRecorded':
      return [`${owner}/${event.eventId}`];
    case 'TouchPointCorrected':
      return [`${owner}/${event.data.targetEventId}`];
    case 'PurchaseRecorded':
      return productsOf(event.data.lines).map((productId) => `${owner}/${event.eventId}/${productId}/sale`);
    case 'ReturnRecorded': {
      const products = productsOf(event.data.lines);
      return products.length === 0
        ? [`${owner}/${event.eventId}`]
        : products.flatMap((productId) => [
            `${owner}/${event.eventId}/${productId}`,
            `${owner}/${event.eventId}/${productId}/return`,
          ]);
    }
    case 'NeedRecorded':
    case 'NeedMet':
    case 'NeedUnmet':
      return [`${owner}/need:${event.data.needId}`];
    case 'ComplaintRaised':
      return [`${owner}/${CASE_PREFIX}${event.data.caseId}`, `${owner}/${event.eventId}`];
    default:
      return [`${owner}/${CASE_PREFIX}${event.data.caseId}`];
  }
}

type Lines = readonly { readonly productId: string; readonly qty: number }[] | undefined;
const productsOf = (lines: Lines): string[] => [...new Set((lines ?? []).map(({ productId }) => productId))];
const qtyOf = (lines: Lines, productId: string): number =>
  (lines ?? []).reduce((sum, line) => (line.productId === productId ? sum + line.qty : sum), 0);

function evolve(row: ServiceQualityRow, event: QualityEvent, key: string): ServiceQualityRow | null {
  const atMs = occurredAtMsOf(event);
  const [, , productId = null, part] = key.split('/');
  switch (event.type) {
    case 'TouchPointRecorded':
      return reaction(
        atMs,
        event.data.productId ?? null,
        moodOfTouch(event.data)!,
        event.data.reasonCode ?? null,
      );
    case 'TouchPointCorrected': {
      const { changes } = event.data;
      if (row.kind === 'reaction') {
        row.mood = (changes.sentiment === undefined ? null : moodOfTouch(changes)) ?? row.mood;
        row.productId = changes.productId ?? row.productId;
        row.reasonCode = changes.reasonCode ?? row.reasonCode;
        return row;
      }
      // The touch said nothing of the customer's mood: the reaction is known since the correction.
      const mood = row.kind === null ? moodOfTouch(changes) : null;
      if (mood === null) return row.kind === null ? null : row;
      return reaction(atMs, changes.productId ?? null, mood, changes.reasonCode ?? null);
    }
    case 'SurveyResponded':
      return reaction(atMs, event.data.productId ?? null, moodOfSurvey(event.data), null);
    case 'AdvocacyRecorded':
      return event.data.kind === 'publicComplaint'
        ? reaction(atMs, null, 'negative', 'publicComplaint')
        : reaction(atMs, null, 'positive', null);
    case 'PurchaseRecorded':
      return {
        kind: 'sale',
        productId,
        dayNumber: dayNumberOf(atMs),
        qty: qtyOf(event.data.lines, productId!),
      };
    case 'ReturnRecorded':
      return part === 'return'
        ? {
            kind: 'return',
            productId,
            dayNumber: dayNumberOf(atMs),
            qty: qtyOf(event.data.lines, productId!),
          }
        : reaction(atMs, productId, 'negative', event.data.reasonCode);
    case 'ComplaintRaised':
      return key.includes(`/${CASE_PREFIX}`)
        ? opened(row, event, atMs)
        : reaction(atMs, event.data.productId ?? null, 'negative', event.data.reasonCode);
    case 'CaseOpened':
      return opened(row, event, atMs);
    case 'NeedRecorded':
      return {
        kind: 'need',
        productId: event.data.productIds?.[0] ?? null,
        dayNumber: dayNumberOf(atMs),
        status: row.kind === 'need' ? row.status : 'open',
      };
    case 'NeedMet':
    case 'NeedUnmet': {
      if (row.kind !== 'need') return null;
      const productIds = event.type === 'NeedMet' ? event.data.productIds : undefined;
      return {
        ...row,
        productId: row.productId ?? productIds?.[0] ?? null,
        status: event.type === 'NeedMet' ? 'met' : 'unmet',
      };
    }
    default:
      // A step of a case whose opening is not in the log tells nothing about a product.
      return row.kind === 'case' ? step(row, event, atMs) : null;
  }
}

const reaction = (
  atMs: number,
  productId: string | null,
  mood: Mood,
  reasonCode: string | null,
): ServiceQualityRow => ({ kind: 'reaction', productId, dayNumber: dayNumberOf(atMs), mood, reasonCode });

function opened(
  row: ServiceQualityRow,
  event: EventFor<'CaseOpened' | 'ComplaintRaised'>,
  atMs: number,
): ServiceQualityRow {
  if (row.kind === 'case') return row;
  const dueAtMs = epochMsOfRecorded(event.data.slaDueAt);
  return {
    kind: 'case',
    caseKind: event.type === 'CaseOpened' ? event.data.kind : 'complaint',
    productId: event.data.productId ?? null,
    dayNumber: dayNumberOf(atMs),
    severity: event.data.severity,
    reasonCode: event.type === 'ComplaintRaised' ? event.data.reasonCode : null,
    openedAtMs: atMs,
    firstDueAtMs: dueAtMs,
    dueAtMs,
    firstResponseAtMs: null,
    firstResolvedAtMs: null,
    resolvedAtMs: null,
    reopenedAtMs: null,
    reopenings: 0,
    replies: 0,
    escalations: 0,
    compensations: 0,
    satisfaction: null,
    handlerId: null,
  };
}

type CaseStep = EventFor<
  | 'CaseAcknowledged'
  | 'CaseReplied'
  | 'CompensationOffered'
  | 'CaseEscalated'
  | 'CaseResolved'
  | 'ResolutionAccepted'
  | 'CaseReopened'
>;

function step(row: CaseRow, event: CaseStep, atMs: number): CaseRow {
  switch (event.type) {
    case 'CaseAcknowledged':
    case 'CaseReplied':
      if (event.type === 'CaseReplied') row.replies += 1;
      row.handlerId = event.data.handlerId;
      row.firstResponseAtMs = Math.min(row.firstResponseAtMs ?? atMs, atMs);
      return row;
    case 'CompensationOffered':
      row.compensations += 1;
      return row;
    case 'CaseEscalated':
      row.escalations += 1;
      row.handlerId = event.data.toHandlerId;
      return row;
    case 'CaseResolved':
      row.satisfaction = event.data.satisfaction ?? row.satisfaction;
      row.firstResponseAtMs = Math.min(row.firstResponseAtMs ?? atMs, atMs);
      row.firstResolvedAtMs = Math.min(row.firstResolvedAtMs ?? atMs, atMs);
      // A late resolution that lies before the reopening settles nothing.
      if (row.reopenedAtMs === null || atMs >= row.reopenedAtMs)
        row.resolvedAtMs = Math.max(row.resolvedAtMs ?? atMs, atMs);
      return row;
    case 'ResolutionAccepted':
      row.satisfaction = event.data.satisfaction ?? row.satisfaction;
      return row;
    case 'CaseReopened':
      row.reopenings += 1;
      if (row.reopenedAtMs === null || atMs >= row.reopenedAtMs) {
        row.reopenedAtMs = atMs;
        if (event.data.slaDueAt !== undefined) row.dueAtMs = epochMsOfRecorded(event.data.slaDueAt);
        if (row.resolvedAtMs !== null && atMs >= row.resolvedAtMs) row.resolvedAtMs = null;
      }
      return row;
  }
}
