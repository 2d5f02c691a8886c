import { isoOf, MS_PER_DAY } from '@rapport/contracts';
import type { Story } from '../story.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

/** Lets happen what brings a customer who registered 200 days ago to a stage; nothing for contact. */
export async function broughtTo(story: Story, name: string, stage: string): Promise<void> {
  const ago = (days: number): number => story.nowMs - days * MS_PER_DAY;
  const purchase = (days: number): Promise<void> =>
    story.command('RecordPurchase', name, {}, {
      atMs: ago(days),
      fields: { orderId: story.newId('order'), lines: [{ productId: 'espresso-1kg', qty: 1, unitPrice: EUR(2_000) }], total: EUR(2_000), channel: 'web' },
    }); // prettier-ignore
  const ways: Readonly<Record<string, () => Promise<void>>> = {
    contact: async () => undefined,
    involvement: () => purchase(190),
    intimacy: async () => {
      for (const days of [190, 150, 120]) await purchase(days);
      await story.command('RecordSurveyResponse', name, {}, { atMs: ago(80), fields: { instrument: 'NPS', score: 10, channel: 'email' } }); // prettier-ignore
    },
    deterioration: async () => {
      await purchase(190);
      await story.command('RaiseComplaint', name, {}, { atMs: ago(20), fields: { caseId: 'damage', reasonCode: 'broken', severity: 1, channel: 'callCentre' } }); // prettier-ignore
      await story.command('ReviewRelationship', name, {}, { atMs: ago(15) });
    },
    repair: async () => {
      await ways['deterioration']!();
      await story.command('StartRepair', name, {}, {
        atMs: ago(14),
        fields: { repairId: 'repair', ownerId: 'am-1', caseIds: ['damage'], plan: 'call and replace', dueAt: isoOf(ago(-10)) },
      }); // prettier-ignore
    },
    dissolution: async () => {
      await purchase(190);
      await story.command(
        'RecordGoodbye',
        name,
        {},
        { atMs: ago(40), fields: { reasonCode: 'customerLeft' } },
      );
    },
  };
  const way = ways[stage];
  if (!way) throw new Error(`there is no stage ${stage}`);
  await way();
}

/** Corrects the latest touch point of a customer. */
export const correctTouchPoint = (
  story: Story,
  name: string,
  cells: Readonly<Record<string, string>>,
  atMs: number | undefined,
): Promise<void> =>
  story.command('CorrectTouchPoint', name, {}, {
    atMs,
    fields: {
      targetEventId: story.named(`<event of ${name}>`),
      changes: Object.fromEntries(Object.entries(cells).map(([field, cell]) => [field, /^-?\d+$/.test(cell) ? Number(cell) : cell])),
      reason: 'entered wrongly',
    },
  }); // prettier-ignore
