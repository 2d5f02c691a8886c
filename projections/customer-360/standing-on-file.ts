import type { DataOf, Money } from '@rapport/contracts';
import type { CustomerClassified, ServiceLevelSet, StrategicAccountDesignated } from '@rapport/contracts';
import { isoOf } from '@rapport/contracts';
import type { EventFor } from '@rapport/projection-engine';
import { latestOf, stampOf, supersedes } from '../_parts/business-order.js';
import type { Stamp } from '../_parts/business-order.js';

/** What the customer is to us: class, service level, strategic account. */
export interface StandingOnFile {
  classification:
    | (Stamp & {
        /** 1-4; null = unclassified. */
        customerClass: number | null;
        /** A year. */
        value: Money;
        potentialValue: Money;
        serviceGradeWanted: DataOf<typeof CustomerClassified>['serviceGradeWanted'];
        ruleBookVersion: string;
      })
    | null;
  serviceLevel:
    (Stamp & { level: string; slaHours: number; reason: DataOf<typeof ServiceLevelSet>['reason'] }) | null;
  strategic:
    | (Stamp & {
        standing: DataOf<typeof StrategicAccountDesignated>['standing'];
        sponsorId: string;
        planId: string | null;
      })
    | null;
}

export const initialStanding = (): StandingOnFile => ({
  classification: null,
  serviceLevel: null,
  strategic: null,
});

/** Takes in one event; changes `standing`. */
export function noteStanding(
  standing: StandingOnFile,
  event: EventFor<
    'CustomerClassified' | 'ServiceLevelSet' | 'StrategicAccountDesignated' | 'StrategicAccountWithdrawn'
  >,
  atMs: number,
): void {
  const stamp = stampOf(event, atMs);
  switch (event.type) {
    case 'CustomerClassified': {
      if (!supersedes(stamp, standing.classification)) return;
      const { value, potentialValue, serviceGradeWanted, ruleBookVersion } = event.data;
      standing.classification = {
        ...stamp,
        customerClass: event.data.class ?? null,
        value: { ...value },
        potentialValue: { ...potentialValue },
        serviceGradeWanted,
        ruleBookVersion,
      };
      return;
    }
    case 'ServiceLevelSet': {
      const { level, slaHours, reason } = event.data;
      if (supersedes(stamp, standing.serviceLevel))
        standing.serviceLevel = { ...stamp, level, slaHours, reason };
      return;
    }
    case 'StrategicAccountDesignated': {
      const { standing: strategic, sponsorId, planId } = event.data;
      standing.strategic = { ...stamp, standing: strategic, sponsorId, planId: planId ?? null };
      return;
    }
    case 'StrategicAccountWithdrawn':
      standing.strategic = null;
  }
}

export const joinedStanding = (a: StandingOnFile, b: StandingOnFile): StandingOnFile => ({
  classification: latestOf(a.classification, b.classification),
  serviceLevel: latestOf(a.serviceLevel, b.serviceLevel),
  strategic:
    a.strategic?.standing === b.strategic?.standing
      ? latestOf(a.strategic, b.strategic)
      : ([a.strategic, b.strategic].find((one) => one?.standing === 'strategic') ??
        a.strategic ??
        b.strategic),
});

const sourceOf = ({ atMs, eventId }: Stamp): { at: string; eventId: string } => ({
  at: isoOf(atMs),
  eventId,
});

/** As it is answered: when each became true and which event says so. */
export function standingAnswerOf({ classification, serviceLevel, strategic }: StandingOnFile) {
  return {
    /** null while nobody looked. */
    classification: classification && {
      class: classification.customerClass,
      value: classification.value,
      potentialValue: classification.potentialValue,
      serviceGradeWanted: classification.serviceGradeWanted,
      ruleBookVersion: classification.ruleBookVersion,
      ...sourceOf(classification),
    },
    serviceLevel: serviceLevel && {
      level: serviceLevel.level,
      slaHours: serviceLevel.slaHours,
      reason: serviceLevel.reason,
      ...sourceOf(serviceLevel),
    },
    strategic: strategic && {
      standing: strategic.standing,
      sponsorId: strategic.sponsorId,
      planId: strategic.planId,
      ...sourceOf(strategic),
    },
  };
}
