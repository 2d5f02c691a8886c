import { epochMsOf } from '@rapport/contracts';
import type { ProjectionDefinition } from '@rapport/projection-engine';
import { latestOf, stampOf, supersedes } from '../_parts/business-order.js';
import { ownerKeys } from '../_parts/owner.js';
import type { CustomerClassesDocument } from './customer-classes.model.js';
import { classes, classNameOf, customer, members } from './customer-classes.queries.js';

const EVENTS = [
  'CustomerRegistered',
  'CustomerGrouped',
  'CustomerClassified',
  'ClassificationReleased',
  'ServiceLevelSet',
  'CustomerErased',
] as const;

/** Which customers are worth what, and what service do they want and get? (S10, S15) */
export const customerClasses: ProjectionDefinition<CustomerClassesDocument, (typeof EVENTS)[number]> = {
  name: 'customer-classes',
  version: 2,
  question: 'Which customers are worth what, and what service do they want and get?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => ({ groupCode: null, classification: null, serviceLevel: null, erased: false }),
  evolve: (document, event) => {
    switch (event.type) {
      case 'CustomerRegistered':
        document.groupCode = event.data.groupCode ?? null;
        return document;
      case 'CustomerGrouped':
        document.groupCode = event.data.groupCode;
        return document;
      case 'CustomerClassified': {
        const stamp = stampOf(event);
        if (!supersedes(stamp, document.classification)) return document;
        const { data } = event;
        document.classification = {
          ...stamp,
          customerClass: data.class ?? null,
          valueMinor: data.value.amountMinor,
          potentialMinor: data.potentialValue.amountMinor,
          currency: data.value.currency,
          serviceGradeWanted: data.serviceGradeWanted,
          highValueFromMinor: data.highValueFrom.amountMinor,
          highPotentialFromMinor: data.highPotentialFrom.amountMinor,
          ruleBookVersion: data.ruleBookVersion,
          basis: data.basis ?? 'stated',
          heldUntilMs: data.heldUntil === undefined ? null : epochMsOf(data.heldUntil),
        };
        return document;
      }
      case 'ClassificationReleased':
        if (document.classification !== null) document.classification.heldUntilMs = null;
        return document;
      case 'ServiceLevelSet': {
        const stamp = stampOf(event);
        const { level, slaHours, reason } = event.data;
        if (supersedes(stamp, document.serviceLevel))
          document.serviceLevel = { ...stamp, level, slaHours, reason };
        return document;
      }
      case 'CustomerErased':
        document.erased = true;
        return document;
    }
  },
  sortedBy: ['class', 'valueMinor'],
  indexes: {
    class: (document) => classNameOf(document),
    groupCode: (document) => document.groupCode,
    currency: (document) => document.classification?.currency ?? null,
    valueMinor: (document) => document.classification?.valueMinor ?? 0,
    potentialMinor: (document) => document.classification?.potentialMinor ?? 0,
    serviceLevel: (document) => document.serviceLevel?.level ?? null,
  },
  combine: (documents) =>
    documents.reduce((a, b) => ({
      groupCode: a.groupCode ?? b.groupCode,
      classification: latestOf(a.classification, b.classification),
      serviceLevel: latestOf(a.serviceLevel, b.serviceLevel),
      erased: a.erased || b.erased,
    })),
  queries: [classes, members, customer],
};
