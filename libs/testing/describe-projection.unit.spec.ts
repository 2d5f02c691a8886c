import { describeProjection } from './describe-projection.js';
import { purchasesProjection, touchesProjection } from './sample-projections.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

describeProjection(purchasesProjection, [
  {
    it: 'adds up what each customer bought',
    given: (history) =>
      history
        .customer('ada')
        .type('PurchaseRecorded', { orderId: 'o-1', total: EUR(500) })
        .customer('bob')
        .type('PurchaseRecorded', { orderId: 'o-2', total: EUR(100) })
        .customer('ada')
        .type('PurchaseRecorded', { orderId: 'o-3', total: EUR(250) }),
    then: { ada: { count: 2, totalMinor: 750, lastOrderId: 'o-3' }, bob: { count: 1 }, cyd: null },
  },
  {
    it: 'forgets a customer who gave everything back',
    given: (history) =>
      history.type('PurchaseRecorded', { total: EUR(500) }).type('ReturnRecorded', { refund: EUR(500) }),
    then: { ada: null },
  },
]);

describeProjection(
  touchesProjection,
  [
    {
      it: 'has a row for everything that happened',
      given: (history) => history.type('CustomerRegistered').type('PurchaseRecorded'),
      then: { 'ada/0': { kind: 'CustomerRegistered' }, 'ada/1': { kind: 'PurchaseRecorded' } },
    },
  ],
  { runs: 5 },
);
