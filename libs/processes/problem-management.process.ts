import { epochMsOf, isoOf, MS_PER_DAY } from '@rapport/contracts';
import type { EventType } from '@rapport/contracts';
import type { CustomerState } from '@rapport/domain';
import { defineProcess, responsibleFor } from './process.js';
import type { ProcessStep, TriggerOf } from './process.js';
import { isValuable } from './valuable.js';

/** Severities that alert somebody: 1 is the worst of four. */
const SEVERE = 2;
const ALERT_WITHIN_DAYS = 1;
/** Time of a repair plan: what a customer who is about to leave still waits for. */
const REPAIR_WITHIN_DAYS = 14;

const severeOpen = (customer: CustomerState) =>
  customer.service.cases.filter(
    ({ complaint, severity, status }) =>
      complaint && severity <= SEVERE && ['opened', 'acknowledged', 'replied', 'reopened'].includes(status),
  );

/** A strategic account, or a candidate, in danger or gone: its sponsor is told. The standing stays (S7). */
function sponsorAlert(trigger: TriggerOf<EventType>, { profile }: CustomerState): ProcessStep[] {
  if (profile.strategic === null || !isStageMove(trigger)) return [];
  const { to } = trigger.data;
  if (to !== 'deterioration' && to !== 'dissolution') return [];
  return [
    {
      step: 'sponsor',
      command: {
        type: 'PlanActivity',
        activityId: `sponsor-${trigger.eventId.slice(0, 8)}`,
        kind: 'call',
        dueAt: isoOf(epochMsOf(trigger.metadata.occurredAt) + ALERT_WITHIN_DAYS * MS_PER_DAY),
        ownerId: profile.strategic.sponsorId,
        subject: `The strategic account is at ${to}`,
      },
    },
  ];
}

const isStageMove = (
  trigger: TriggerOf<EventType>,
): trigger is TriggerOf<
  'RelationshipStageMoved' | 'RelationshipStageChosen' | 'RelationshipStageOverridden'
> =>
  trigger.type === 'RelationshipStageMoved' ||
  trigger.type === 'RelationshipStageChosen' ||
  trigger.type === 'RelationshipStageOverridden';

/** A severe complaint of a valuable customer alerts their manager; once the relationship deteriorates, a repair begins. */
export const problemManagement = defineProcess({
  name: 'problem-management',
  purpose:
    'A severe complaint of a valuable customer alerts the account manager within a day, a relationship that deteriorates over it gets a repair plan, and a strategic account in danger alerts its sponsor.',
  rows: ['S7', 'S15', 'S18'],
  metric: {
    name: 'recovered',
    meaning: 'share of the concluded repairs that recovered the relationship',
    better: 'higher',
  },
  events: [
    'ComplaintRaised',
    'CaseReopened',
    'RelationshipStageMoved',
    'RelationshipStageChosen',
    'RelationshipStageOverridden',
  ],
  concerns: ({ type, data }) =>
    type === 'CaseReopened' ||
    (type === 'ComplaintRaised'
      ? data.severity <= SEVERE
      : data.to === 'deterioration' || data.to === 'dissolution'),
  react: (trigger, customer, settings): readonly ProcessStep[] => {
    const sponsor = sponsorAlert(trigger, customer);
    if (!isValuable(customer)) return sponsor;
    const severe = severeOpen(customer);
    const atMs = epochMsOf(trigger.metadata.occurredAt);
    const ownerId = responsibleFor(customer, settings);
    const { stage, repair } = customer.relationship;
    const steps: ProcessStep[] = [...sponsor];
    if (trigger.type === 'ComplaintRaised' || trigger.type === 'CaseReopened') {
      const { caseId } = trigger.data;
      if (!severe.some((known) => known.caseId === caseId)) return [];
      steps.push({
        step: 'alert',
        command: {
          type: 'PlanActivity',
          activityId: `problem-${caseId}`,
          kind: 'call',
          dueAt: isoOf(atMs + ALERT_WITHIN_DAYS * MS_PER_DAY),
          ownerId,
          subject: 'Severe complaint of a valuable customer',
          caseId,
        },
      });
    }
    if (stage === 'deterioration' && repair === null && severe.length > 0)
      steps.push({
        step: 'repair',
        command: {
          type: 'StartRepair',
          repairId: `repair-${trigger.eventId.slice(0, 8)}`,
          ownerId,
          caseIds: severe.map(({ caseId }) => caseId),
          contactAttempts: [],
          plan: 'Call the customer, settle the complaint, let them choose the remedy.',
          dueAt: isoOf(Math.max(atMs, customer.businessClockMs) + REPAIR_WITHIN_DAYS * MS_PER_DAY),
        },
      });
    return steps;
  },
});
