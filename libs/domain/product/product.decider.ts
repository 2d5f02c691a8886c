import type {
  DataOf,
  ProductDefined,
  ProductKind,
  ProductReference,
  ProductRevised,
  StreamEvent,
} from '@rapport/contracts';
import { dataOf } from '../customer/command-data.js';
import { accepted, refused } from '../decision.js';
import type { AggregateDecision } from '../decision.js';

// Stream: product-<productId>. Events: ProductDefined, ProductRevised.

type Defined = DataOf<typeof ProductDefined>;
type Revised = DataOf<typeof ProductRevised>;

export type ProductCommand =
  | ({ readonly type: 'DefineProduct' } & Readonly<Defined>)
  | ({ readonly type: 'ReviseProduct' } & Readonly<Revised>);

/** What decisions need to know of a product; null until it is defined. Prices are for readers. */
export type ProductState = {
  readonly family: string;
  readonly tier: number;
  readonly kind: ProductKind;
} | null;

function evolve(state: ProductState, event: StreamEvent): ProductState {
  switch (event.type) {
    case 'ProductDefined':
    case 'ProductRevised': {
      const { family, tier, kind } = { ...state, ...(event.data as Partial<Defined>) } as Defined;
      return { family, tier, kind };
    }
    default:
      return state;
  }
}

/** ID_ALREADY_USED, UNKNOWN_PRODUCT, NOTHING_TO_DO. */
function decide(state: ProductState, command: ProductCommand): AggregateDecision {
  switch (command.type) {
    case 'DefineProduct':
      if (state !== null) return refused('ID_ALREADY_USED', 'The catalogue has a product with this id.');
      return accepted('ProductDefined', dataOf(command));
    case 'ReviseProduct': {
      if (state === null) return unknownProduct(command.productId);
      const { productId: _, ...changes } = dataOf(command);
      if (Object.values(changes).every((value) => value === undefined))
        return refused('NOTHING_TO_DO', 'Nothing to revise was named.');
      return accepted('ProductRevised', dataOf(command));
    }
    default:
      return command satisfies never;
  }
}

const unknownProduct = (productId: string): AggregateDecision =>
  refused('UNKNOWN_PRODUCT', 'The catalogue has no such product.', [defineProduct(productId)]);

/** The way out of every refusal for a product nobody defined. */
export const defineProduct = (productId: string) => ({
  rule: 'productIsDefined',
  sentence: `Define the product ${productId} in the catalogue.`,
  fact: { eventType: 'ProductDefined', data: { productId } },
});

/** What a decision on a customer is told of a product; undefined for one that nobody defined. */
export const productReferenceOf = (
  productId: string,
  state: ProductState | undefined,
): ProductReference | undefined => (state ? { productId, ...state } : undefined);

/** The catalogue: what we sell, what it belongs to, and how far up it stands. */
export const productDecider = {
  category: 'product',
  stateSchemaVersion: 1,
  initialState: (): ProductState => null,
  evolve,
  decide,
} as const;
