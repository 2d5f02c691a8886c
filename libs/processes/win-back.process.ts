import { CHANNELS } from '@rapport/contracts';
import type { CustomerState } from '@rapport/domain';
import { defineProcess } from './process.js';

/** Channels a win-back may go by, the least intrusive first. */
const ORDER = [
  'email',
  'mail',
  'mobileApp',
  'chat',
  'callCentre',
  'fieldSales',
] as const satisfies readonly (typeof CHANNELS)[number][];

/** The first channel on which the customer allows marketing; a win-back without consent is not started. */
function consentedChannel({ consent, businessClockMs }: CustomerState): string | undefined {
  return ORDER.find((channel) => {
    const word = consent
      .filter(
        (entry) =>
          entry.purpose === 'marketing' && (entry.channelScope === 'any' || entry.channelScope === channel),
      )
      .reduce<CustomerState['consent'][number] | undefined>(
        (latest, entry) =>
          latest === undefined ||
          entry.atMs > latest.atMs ||
          (entry.atMs === latest.atMs && entry.seq > latest.seq)
            ? entry
            : latest,
        undefined,
      );
    return word?.status === 'granted' && (word.expiresAtMs === null || word.expiresAtMs > businessClockMs);
  });
}

/** Who is lost and may be asked is won back, in the time the rules leave for it. */
export const winBack = defineProcess({
  name: 'win-back',
  purpose: 'A lost customer who agreed to be asked is asked back as soon as the rules allow it.',
  rows: ['S15', 'S18'],
  metric: {
    name: 'wonBack',
    meaning: 'share of the concluded win-backs that were won',
    better: 'higher',
  },
  events: ['RelationshipStageMoved', 'RelationshipStageChosen', 'RelationshipStageOverridden'],
  concerns: ({ data }) => data.to === 'dissolution',
  react: (trigger, customer) => {
    const { stage, winBack: running } = customer.relationship;
    const channel = consentedChannel(customer);
    if (stage !== 'dissolution' || running !== null || channel === undefined) return [];
    return [
      {
        step: 'start',
        command: {
          type: 'StartWinBack',
          winBackId: `win-back-${trigger.eventId.slice(0, 8)}`,
          channel,
          reason: 'The relationship ended and may be begun anew.',
        },
      },
    ];
  },
});
