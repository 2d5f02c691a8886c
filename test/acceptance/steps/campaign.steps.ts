import { MS_PER_DAY } from '@rapport/contracts';
import { moneyOf } from '../expectation.js';
import type { Steps } from '../step-table.js';
import type { Story } from '../story.js';

/** Nobody finds so many customers on one side of a draw without finding one on the other. */
const MOST_DRAWN = 300;

/** Group of a campaign as the story keeps it. */
const groupOf = (word: 'contacted' | 'heldOut', campaign: string): string => `${word} for ${campaign}`;

async function buy(story: Story, names: readonly string[], product: string, price: string, atMs: number | undefined): Promise<void> {
  const total = moneyOf(price)!;
  for (const name of names)
    await story.command('RecordPurchase', name, {}, {
      atMs,
      fields: { orderId: story.newId('order'), lines: [{ productId: story.named(product), qty: 1, unitPrice: total }], total, channel: 'web' },
    });
} // prettier-ignore

/** Sentences about a campaign with many customers. */
export const CAMPAIGN_STEPS: Steps = {
  // Chance says who is held out: customers are asked about one after the other until both groups are full.
  'for {word} {int} customers are contacted by {word} and {int} are held out': async (
    story, { atMs = story.nowMs }, campaign: string, contacted: number, channel: string, heldOut: number,
  ) => {
    const campaignId = story.named(campaign);
    const wanted = { contacted, heldOut };
    const isFull = (group: 'contacted' | 'heldOut'): boolean => story.groupOf(groupOf(group, campaignId)).length >= wanted[group];
    for (let n = 1; !isFull('contacted') || !isFull('heldOut'); n += 1) {
      if (n > MOST_DRAWN) throw new Error(`after ${MOST_DRAWN} customers one of the groups of ${campaignId} is not full`);
      const name = `Member${n}`;
      await story.command('RegisterCustomer', name, {}, {
        atMs: atMs - 10 * MS_PER_DAY,
        fields: { roles: ['customer'], identifiers: [story.identifierOf(name)], channel: 'web' },
      });
      await story.command('GrantConsent', name, {}, {
        atMs: atMs - 9 * MS_PER_DAY,
        fields: { purpose: 'marketing', channelScope: 'any', legalBasis: 'consent', textVersion: '1', channel: 'web' },
      });
      const contact = { atMs, fields: { campaignId, channel, contactId: story.newId('contact') } };
      await story.command('ContactForCampaign', name, {}, { ...contact, dryRun: true });
      const { status, body } = story.examined();
      const isHeldOut = (body as { code?: string }).code === 'CAMPAIGN_HOLD_OUT';
      if (status !== 200 && !isHeldOut) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
      const group = isHeldOut ? 'heldOut' : 'contacted';
      if (isFull(group)) continue;
      await story.command('ContactForCampaign', name, {}, contact);
      if (isHeldOut) story.examined();
      story.join(groupOf(group, campaignId), name);
    }
  },
  'everybody contacted for {word} buys {string} for {money}': (story, { atMs }, campaign: string, product: string, price: string) =>
    buy(story, story.groupOf(groupOf('contacted', story.named(campaign))), product, price, atMs),
  '{int} of those held out for {word} buys {string} for {money}': (story, { atMs }, count: number, campaign: string, product: string, price: string) =>
    buy(story, story.groupOf(groupOf('heldOut', story.named(campaign))).slice(0, count), product, price, atMs),
}; // prettier-ignore
