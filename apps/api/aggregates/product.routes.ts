import { ProductDefined, ProductRevised } from '@rapport/contracts';
import { CATALOGUE } from '../customer/customer.access.js';
import { fieldsOf } from '../http/command-route.js';
import type { AggregateArea } from './aggregate.routes.js';

export const PRODUCT_AREA: AggregateArea = {
  category: 'product',
  collection: 'products',
  area: 'catalogue',
  routes: [
  { path: '', command: 'DefineProduct', fields: fieldsOf(ProductDefined), ownId: 'productId', access: CATALOGUE, summary: 'Put a product into the catalogue' },
  { path: ':productId/revisions', command: 'ReviseProduct', fields: fieldsOf(ProductRevised), access: CATALOGUE, summary: 'Revise what the catalogue says of a product' },
  ],
}; // prettier-ignore
