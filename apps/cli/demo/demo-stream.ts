import { createHash } from 'node:crypto';
import { isoOf } from '@rapport/contracts';
import { customerLife, demoCustomerRef, type DemoItem, type LifeFrame } from './customer-life.js';

/** Everything that happens to `customers` customers, in business-time order (equal instants: by customer). */
export function demoStream(customers: number, frame: LifeFrame): readonly DemoItem[] {
  const all: { item: DemoItem; customer: number; order: number }[] = [];
  for (let customer = 0; customer < customers; customer++)
    customerLife(customer, frame).forEach((item, order) => all.push({ item, customer, order }));
  all.sort((a, b) => a.item.atMs - b.item.atMs || a.customer - b.customer || a.order - b.order);
  return all.map(({ item }) => item);
}

/** A last look at every customer at the end of the demo: reviews that fell due in silence are carried out. */
export function closingReviews(customers: number, frame: LifeFrame): readonly DemoItem[] {
  return Array.from({ length: customers }, (_, index) => ({
    atMs: frame.untilMs,
    customer: demoCustomerRef(index),
    item: {
      command: 'ReviewRelationship',
      customer: demoCustomerRef(index),
      sourceSystem: 'demo',
      sourceEventId: `review-${isoOf(frame.untilMs).slice(0, 10)}`,
      occurredAt: isoOf(frame.untilMs),
      channel: 'external',
    },
  }));
}

/** Fingerprint of a stream: two runs with the same seed print the same. */
export function fingerprintOf(items: readonly DemoItem[]): string {
  const hash = createHash('sha256');
  for (const { item } of items) hash.update(JSON.stringify(item)).update('\n');
  return hash.digest('hex').slice(0, 16);
}
