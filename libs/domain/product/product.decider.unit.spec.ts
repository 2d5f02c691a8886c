import type { StreamEvent } from '@rapport/contracts';
import type { AggregateDecision } from '../decision.js';
import { productDecider, productReferenceOf } from './product.decider.js';
import type { ProductCommand, ProductState } from './product.decider.js';

const define: ProductCommand = {
  type: 'DefineProduct',
  productId: 'em-2',
  name: 'Espresso machine',
  family: 'machines',
  tier: 2,
  kind: 'durable',
  listPrice: { amountMinor: 89_900, currency: 'EUR' },
};
const after = (...decisions: readonly AggregateDecision[]): ProductState =>
  decisions
    .flatMap((decision) => (decision.kind === 'accepted' ? decision.events : []))
    .reduce<ProductState>(
      (state, event) => productDecider.evolve(state, event as unknown as StreamEvent),
      productDecider.initialState(),
    );
const codeOf = (decision: AggregateDecision): string | undefined =>
  decision.kind === 'refused' ? decision.refusal.code : undefined;

describe('A product', () => {
  const defined = after(productDecider.decide(null, define));

  it('is defined once, and tells decisions its family, tier and kind', () => {
    expect(productReferenceOf('em-2', defined)).toEqual({ productId: 'em-2', family: 'machines', tier: 2, kind: 'durable' }); // prettier-ignore
    expect(codeOf(productDecider.decide(defined, define))).toBe('ID_ALREADY_USED');
    expect(productReferenceOf('em-2', null)).toBeUndefined();
  });

  it('is revised field by field', () => {
    const revised = productDecider.decide(defined, { type: 'ReviseProduct', productId: 'em-2', tier: 3 });
    expect(productDecider.evolve(defined, { type: 'ProductRevised', data: { productId: 'em-2', tier: 3 } } as unknown as StreamEvent)).toEqual({ family: 'machines', tier: 3, kind: 'durable' }); // prettier-ignore
    expect(revised).toMatchObject({ kind: 'accepted', events: [{ type: 'ProductRevised', data: { tier: 3 } }] }); // prettier-ignore
    expect(codeOf(productDecider.decide(defined, { type: 'ReviseProduct', productId: 'em-2' }))).toBe('NOTHING_TO_DO'); // prettier-ignore
  });

  it('that nobody defined is not revised', () => {
    expect(productDecider.decide(null, { type: 'ReviseProduct', productId: 'x', tier: 1 })).toMatchObject({
      refusal: { code: 'UNKNOWN_PRODUCT', wayOut: [{ fact: { eventType: 'ProductDefined' } }] },
    });
  });
});
