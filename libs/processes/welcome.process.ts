import { epochMsOf, isoOf, MS_PER_DAY } from '@rapport/contracts';
import { defineProcess, responsibleFor } from './process.js';

/** A welcome is late after it: the first days shape what a customer expects (S18 "welcoming"). */
const WELCOME_WITHIN_DAYS = 2;

/** Who registers, or becomes involved without having registered, is welcomed once. */
export const welcome = defineProcess({
  name: 'welcome',
  purpose: 'Somebody new is welcomed by a person within two days.',
  rows: ['S18'],
  metric: {
    name: 'welcomedInTime',
    meaning: 'share of the planned welcomes that were done by their time',
    better: 'higher',
  },
  events: ['CustomerRegistered', 'RelationshipStageMoved', 'RelationshipStageChosen'],
  // A web visit makes somebody known without making them a customer; the first purchase or a second contact does.
  concerns: ({ type, data }) =>
    type === 'CustomerRegistered'
      ? data.implicit !== true
      : data.from === 'contact' && data.to === 'involvement',
  react: (trigger, customer, settings) => {
    if (!customer.profile.roles.includes('customer')) return [];
    const { stage } = customer.relationship;
    if (stage !== 'contact' && stage !== 'involvement') return [];
    return [
      {
        step: 'plan',
        oncePerCustomer: true,
        command: {
          type: 'PlanActivity',
          activityId: 'welcome',
          kind: 'call',
          dueAt: isoOf(epochMsOf(trigger.metadata.occurredAt) + WELCOME_WITHIN_DAYS * MS_PER_DAY),
          ownerId: responsibleFor(customer, settings),
          subject: 'Welcome',
        },
      },
    ];
  },
});
