import { isoOf, MS_PER_DAY } from '@rapport/contracts';
import type { Steps } from '../step-table.js';
import type { Story } from '../story.js';

/** Buys on days that no two customers share, each in their own rhythm; every third one stopped after a year. */
async function buyAgainAndAgain(story: Story, customers: number): Promise<void> {
  const total = { amountMinor: 2_000, currency: 'EUR' };
  const items = Array.from({ length: customers }, (_, n) => {
    const gapDays = 15 + ((n * 37) % 90);
    const untilDaysAgo = n % 3 === 0 ? 350 : (n * 13) % gapDays;
    const days = Array.from({ length: Math.floor((720 - untilDaysAgo) / gapDays) }, (__, i) => 720 - (n % 30) - i * gapDays);
    const customer = `acceptance/customerNo:${story.newId('buyer')}`;
    return days.map((daysAgo, i) => ({
      command: 'RecordPurchase',
      customer,
      channel: 'web',
      orderId: `${story.newId('order')}`,
      sourceEventId: `${customer}-${i}`,
      occurredAt: isoOf(story.nowMs - daysAgo * MS_PER_DAY),
      total: { ...total, amountMinor: total.amountMinor + ((n * 173 + i * 31) % 900) },
    }));
  }).flat();
  for (let at = 0; at < items.length; at += BATCH) {
    await story.post('/v1/batch', { items: items.slice(at, at + BATCH) });
    const { refused, invalid } = story.examined().body as { refused: number; invalid: number };
    if (refused + invalid > 0) throw new Error(JSON.stringify(story.examined().body));
  }
} // prettier-ignore
const BATCH = 500;

/** Sentences about what is learned from all customers together. */
export const MODEL_STEPS: Steps = {
  '{int} customers have bought again and again over two years': (story, _, customers: number) =>
    buyAgainAndAgain(story, customers),
  'the model of purchases is fitted': (story) => story.post('/v1/models/mbgNbd/fits', {}),
  'everybody is scored': (story) => story.post('/v1/scoring-runs', {}),
};
