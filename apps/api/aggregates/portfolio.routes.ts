import { PortfolioHandedOver, schema } from '@rapport/contracts';
import { HAND_OVER } from '../customer/customer.access.js';
import { fieldsOf } from '../http/command-route.js';
import type { AggregateArea } from './aggregate.routes.js';

const handOver = schema.object({
  managerId: schema.code('whose customers are handed over'),
  ...fieldsOf(PortfolioHandedOver, { optional: ['handOverId'] }).properties,
});

export const ACCOUNT_MANAGERS: AggregateArea = {
  category: 'accountManager',
  collection: 'account-managers',
  area: 'account managers',
  routes: [
    {
      path: ':managerId/hand-overs',
      command: 'HandOverPortfolio',
      fields: handOver,
      guarded: true,
      access: HAND_OVER,
      summary: 'Give all customers of an account manager to a successor; a dry run lists who moves',
      preview: {
        projection: 'account-portfolio',
        query: 'customers',
        paramsOf: ({ managerId }) => ({ managerId }),
      },
    },
  ],
};
