import { epochMsOf, isoOf } from '@rapport/contracts';
import type { ApiUnderTest } from './api-under-test.js';

export const TOUCHES = 1_000;
const PURCHASES = 20;
const START_MS = epochMsOf('2026-01-05T09:00:00.000Z');
export const minuteAfter = (n: number): string => isoOf(START_MS + n * 60_000);

/** 1,000 touch points and, contacts as well, 20 purchases under a number of a system, some in one and the same instant. */
export async function tellLongHistory(api: ApiUnderTest, customer: string, offset: number): Promise<void> {
  const touches = Array.from({ length: TOUCHES }, (_, n) => ({ command: 'RecordTouchPoint', customer, sourceEventId: `${customer}-t${n}`, occurredAt: minuteAfter(Math.floor(n / 2) * 3 + offset), direction: n % 3 === 0 ? 'out' : 'in', kind: 'call', channel: 'callCentre' })); // prettier-ignore
  const purchases = Array.from({ length: PURCHASES }, (_, n) => ({ command: 'RecordPurchase', customer, sourceEventId: `${customer}-p${n}`, occurredAt: minuteAfter(n * 5_000 + offset), orderId: `${customer.replace(/\W/g, '')}-${n}`, total: { amountMinor: 1_000 + offset, currency: 'EUR' } })); // prettier-ignore
  for (const items of [touches, purchases]) {
    const { body } = await api.post('/v1/batch', { items });
    expect(body.refused + body.invalid).toBe(0);
  }
}

/** Ids of every event in the contact history of a customer, read page by page. */
export async function eventIdsOf(api: ApiUnderTest, reference: string): Promise<string[]> {
  const found: string[] = [];
  for (let cursor = ''; ;) {
    const { body } = await api.get(
      `/v1/customers/${encodeURIComponent(reference)}/history?limit=200${cursor}`,
    );
    found.push(...body.data.rows.map((row: { eventId: string }) => row.eventId));
    if (!body.meta.next) return found;
    cursor = `&cursor=${encodeURIComponent(body.meta.next as string)}`;
  }
}
