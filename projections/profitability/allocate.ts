import type { DataOf, PurchaseRecorded, ReturnRecorded } from '@rapport/contracts';
import type { DiscountBand } from './profitability.model.js';

type Purchase = DataOf<typeof PurchaseRecorded>;
type Return = DataOf<typeof ReturnRecorded>;

/** What one product has of an order. Amounts in minor units of the order's currency. */
export interface Share {
  readonly productId: string | null;
  readonly pieces: number;
  readonly revenueMinor: number;
  readonly discountMinor: number;
  /** null = not known in the order's currency. */
  readonly costMinor: number | null;
}

const inCurrency = (
  money: { amountMinor: number; currency: string } | undefined,
  currency: string,
): number => (money !== undefined && money.currency === currency ? money.amountMinor : 0);

/** What is paid for the goods: the total without tax. */
export const netOf = (purchase: Purchase): number =>
  purchase.total.amountMinor - inCurrency(purchase.tax, purchase.total.currency);

/** Splits a whole number by weights; the parts add up to it (largest remainders first, of equal ones the earlier). */
export function split(whole: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const exact = weights.map((weight) => (sum > 0 ? (whole * weight) / sum : whole / weights.length));
  const parts = exact.map(Math.floor);
  let left = whole - parts.reduce((total, part) => total + part, 0);
  const byRemainder = exact.map((value, index) => ({ index, rest: value - Math.floor(value) }));
  byRemainder.sort((a, b) => b.rest - a.rest || a.index - b.index);
  for (let at = 0; left > 0; at = (at + 1) % parts.length, left -= 1) parts[byRemainder[at]!.index]! += 1;
  return parts;
}

/** The order by product, each once: revenue and discount by what the lines are worth; all on no product without lines. */
export function sharesOf(purchase: Purchase): Share[] {
  const { currency } = purchase.total;
  const netMinor = netOf(purchase);
  const discountMinor = inCurrency(purchase.discount, currency);
  const lines = purchase.lines ?? [];
  if (lines.length === 0)
    return [{ productId: null, pieces: 0, revenueMinor: netMinor, discountMinor, costMinor: null }];
  const weights = lines.map((line) => Math.max(0, line.qty * inCurrency(line.unitPrice, currency)));
  const revenues = split(netMinor, weights);
  const discounts = split(discountMinor, weights);
  const byProduct = new Map<string, Share>();
  lines.forEach((line, index) => {
    const known = byProduct.get(line.productId);
    const cost =
      line.unitCost !== undefined && line.unitCost.currency === currency
        ? line.unitCost.amountMinor * line.qty
        : null;
    byProduct.set(line.productId, {
      productId: line.productId,
      pieces: line.qty + (known?.pieces ?? 0),
      revenueMinor: revenues[index]! + (known?.revenueMinor ?? 0),
      discountMinor: discounts[index]! + (known?.discountMinor ?? 0),
      costMinor:
        known === undefined
          ? cost
          : known.costMinor === null || cost === null
            ? null
            : known.costMinor + cost,
    });
  });
  return [...byProduct.values()];
}

/** A refund by product: as its lines say, all on the one product returned, else on no product. */
export function refundsOf(data: Return): Refund[] {
  return refundParts(data).map((part) => ({ ...part, costBackMinor: costBackOf(data, part.productId) }));
}

interface Refund {
  readonly productId: string | null;
  readonly pieces: number;
  readonly refundMinor: number;
  /** What came back and can be sold again is worth to us; 0 = nothing, or not known. */
  readonly costBackMinor: number;
}

/** In the currency of the refund; goods that are written off are worth nothing. */
const costBackOf = ({ lines = [], refund, goods }: Return, productId: string | null): number =>
  goods === 'writtenOff'
    ? 0
    : lines
        .filter((line) => line.productId === productId)
        .reduce((sum, line) => sum + inCurrency(line.costBack, refund.currency), 0);

function refundParts(data: Return): Omit<Refund, 'costBackMinor'>[] {
  const { amountMinor, currency } = data.refund;
  const lines = data.lines ?? [];
  const products = [...new Set(lines.map((line) => line.productId))];
  const piecesOf = (productId: string): number =>
    lines.filter((line) => line.productId === productId).reduce((sum, line) => sum + line.qty, 0);
  if (products.length === 1)
    return [{ productId: products[0]!, pieces: piecesOf(products[0]!), refundMinor: amountMinor }];
  const parts = products.map((productId) => ({
    productId: productId as string | null,
    pieces: piecesOf(productId),
    refundMinor: lines
      .filter((line) => line.productId === productId)
      .reduce((sum, line) => sum + inCurrency(line.refund, currency), 0),
  }));
  const left = amountMinor - parts.reduce((sum, part) => sum + part.refundMinor, 0);
  return left === 0 && parts.length > 0
    ? parts
    : [...parts, { productId: null, pieces: 0, refundMinor: left }];
}

/** How much of the price before the discount was given away. */
export function discountBandOf(purchase: Purchase): DiscountBand {
  const discount = inCurrency(purchase.discount, purchase.total.currency);
  const before = netOf(purchase) + discount;
  if (discount <= 0 || before <= 0) return 'none';
  const share = discount / before;
  return share <= 0.05 ? 'upTo5' : share <= 0.1 ? 'upTo10' : share <= 0.2 ? 'upTo20' : 'over20';
}
