import { isoOf, MS_PER_DAY } from '@rapport/contracts';
import type { Steps } from '../step-table.js';
import type { Story } from '../story.js';

const DAYS_OBSERVED = 720;
const BATCH = 500;

/**
 * Days before today on which somebody bought, as the models suppose it: in a rhythm of their own (days between two
 * purchases), until they leave, with a chance of their own after each purchase. The same `n` buys on the same days.
 */
function purchaseDaysOf(n: number): readonly number[] {
  let seed = (n + 1) * 7_919;
  const chance = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  chance();
  const rhythmDays = 15 + 60 * chance();
  const leaves = 0.5 * chance() ** 2;
  const days: number[] = [];
  for (let day = DAYS_OBSERVED * (0.6 + 0.4 * chance()); day > 0; day += rhythmDays * Math.log(chance())) {
    days.push(Math.floor(day));
    if (chance() < leaves) break;
  }
  return days;
}

async function buyAgainAndAgain(story: Story, customers: number): Promise<void> {
  const items = Array.from({ length: customers }, (_, n) => {
    const customer = `acceptance/customerNo:${story.newId('buyer')}`;
    return purchaseDaysOf(n).map((daysAgo, i) => ({
      command: 'RecordPurchase',
      customer,
      channel: 'web',
      orderId: story.newId('order'),
      sourceEventId: `${customer}-${i}`,
      occurredAt: isoOf(story.nowMs - daysAgo * MS_PER_DAY),
      total: { amountMinor: 2_000, currency: 'EUR' },
    }));
  }).flat();
  for (let at = 0; at < items.length; at += BATCH) {
    await story.post('/v1/batch', { items: items.slice(at, at + BATCH) });
    const { refused, invalid } = story.examined().body as { refused: number; invalid: number };
    if (refused + invalid > 0) throw new Error(JSON.stringify(story.examined().body));
  }
}

/** Sentences about what is learned from all customers together. */
export const MODEL_STEPS: Steps = {
  '{int} customers have bought again and again over two years': (story, _, customers: number) =>
    buyAgainAndAgain(story, customers),
  'the model of purchases is fitted': async (story) => {
    await story.post('/v1/models/mbgNbd/fits', {});
    const { data } = story.examined().body as { data?: { status: string } };
    if (data?.status !== 'converged') throw new Error(`the fit: ${JSON.stringify(story.examined().body)}`);
  },
  'everybody is scored': (story) => story.post('/v1/scoring-runs', {}),
};
