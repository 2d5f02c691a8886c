import { epochMsOf } from '@rapport/contracts';
import { describeProjection, eventBuilder, testCustomerId } from '@rapport/testing';
import { contextAt, foldAll, readerOf } from '../_parts/customer-events.builder.js';
import type { TemplateNameDocument } from './template-name.model.js';
import { templateName } from './template-name.projection.js';
import { customer } from './template-name.queries.js';

describeProjection(templateName, [
  {
    it: 'counts purchases and keeps the latest, also when an older one is recorded later',
    given: (history) =>
      history
        .at('2026-02-01T00:00:00.000Z')
        .type('PurchaseRecorded')
        .at('2026-01-01T00:00:00.000Z')
        .type('PurchaseRecorded'),
    then: { ada: { purchases: 2, lastPurchaseMs: epochMsOf('2026-02-01T00:00:00.000Z') } },
  },
]);

describe('template-name customer', () => {
  it('answers for the day asked for', async () => {
    const events = eventBuilder().at('2026-02-01T00:00:00.000Z').type('PurchaseRecorded').build();
    const reader = await readerOf(templateName, foldAll<TemplateNameDocument>(templateName, events));
    const customerId = testCustomerId('ada');
    expect(await customer.run(reader, { customerId }, contextAt('2026-02-11T00:00:00.000Z'))).toEqual({
      customerId,
      purchases: 1,
      daysSinceLastPurchase: 10,
    });
  });
});
