import { epochMsOf, isoOf, MS_PER_DAY } from '@rapport/contracts';
import { defineProcess, responsibleFor } from './process.js';
import type { TriggerOf } from './process.js';

type Enquiry = TriggerOf<'CaseOpened' | 'LeadIdentified'>;

/** A lead cools within a day; nobody promised it a time as a case does. */
const LEAD_WAITS_MS = MS_PER_DAY;
/** Looked at when this part of the promised time is gone: late enough to let people work, early enough to keep it. */
const PART_OF_SLA = 0.5;

const ENQUIRIES: readonly string[] = ['request', 'question'];

const openedMs = (trigger: Enquiry): number => epochMsOf(trigger.metadata.occurredAt);

function dueMs(trigger: Enquiry): number {
  if (trigger.type === 'LeadIdentified') return openedMs(trigger) + 2 * LEAD_WAITS_MS;
  return Math.max(openedMs(trigger), epochMsOf(trigger.data.slaDueAt));
}

/** A request, a question or a lead that nobody answered becomes somebody's task before its time is over. */
export const enquiryFollowUp = defineProcess({
  name: 'enquiry-follow-up',
  purpose: 'An enquiry that nobody answered in half of its time becomes the task of a person.',
  rows: ['S3', 'S18'],
  metric: {
    name: 'followedUpInTime',
    meaning: 'share of the planned follow-ups that were done by their time',
    better: 'higher',
  },
  events: ['CaseOpened', 'LeadIdentified'],
  concerns: (trigger) => trigger.type === 'LeadIdentified' || ENQUIRIES.includes(trigger.data.kind),
  lookAtMs: (trigger) =>
    trigger.type === 'LeadIdentified'
      ? openedMs(trigger) + LEAD_WAITS_MS
      : openedMs(trigger) + Math.floor((dueMs(trigger) - openedMs(trigger)) * PART_OF_SLA),
  react: (trigger, customer, settings) => {
    const plan = (activityId: string, ownerId: string, of: { readonly caseId?: string }) => [
      {
        step: 'plan',
        command: {
          type: 'PlanActivity' as const,
          activityId,
          kind: 'call' as const,
          dueAt: isoOf(dueMs(trigger)),
          ownerId,
          subject: 'Unanswered enquiry',
          ...of,
        },
      },
    ];
    const responsible = responsibleFor(customer, settings);
    if (trigger.type === 'LeadIdentified') {
      const { leadId, ownerId } = trigger.data;
      const lead = customer.sales.leads.find((known) => known.leadId === leadId);
      if (lead === undefined || lead.status !== 'identified') return [];
      const answered = customer.touchPoints.recent.some(
        (touch) => touch.direction === 'out' && touch.atMs >= openedMs(trigger),
      );
      return answered ? [] : plan(`enquiry-${leadId}`, ownerId ?? responsible, {});
    }
    const { caseId } = trigger.data;
    const known = customer.service.cases.find((one) => one.caseId === caseId);
    if (known === undefined || known.responded || known.status !== 'opened') return [];
    return plan(`enquiry-${caseId}`, responsible, { caseId });
  },
});
