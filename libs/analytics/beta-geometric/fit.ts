import { maximiseLikelihood } from '../maximum-likelihood.js';
import { groupSummaries } from '../summary-table.js';
import type { GroupedSummaries, SummaryTable } from '../summary-table.js';
import type { TimeUnit } from '../time-unit.js';
import { meanNegativeLogLikelihood } from './likelihood.js';
import type { PurchaseFit, PurchaseModelName, PurchaseParameters } from './purchase-model.js';

/** Fewer customers with a repeat than this do not carry four parameters: rank them with RFM instead of a model. */
export const MIN_REPEATERS_FOR_A_MODEL = 100;

/** Parameters are searched within a factor of a million of one (alpha: of the customers' mean age). */
const BOUND = Math.log(1e6);

/** Starts as (r, alpha / (r / mean purchase rate), a, b); the first suits most shops, the others are restarts. */
const STARTS: readonly (readonly [number, number, number, number])[] = [
  [0.5, 1, 1, 2],
  [1, 1, 0.3, 3],
  [0.2, 0.5, 2, 5],
  [3, 2, 0.1, 0.5],
  [0.1, 3, 5, 20],
];

/** Fits either model by maximum likelihood; see `fitBgNbd` and `fitMbgNbd`. */
export function fitPurchaseModel<U extends TimeUnit>(
  model: PurchaseModelName,
  table: SummaryTable<U>,
): PurchaseFit<U> {
  const data = groupSummaries(table);
  const { meanAge, meanRate } = scaleOf(data);
  const { parameters, standardErrors, ...evidence } = maximiseLikelihood({
    objective: meanNegativeLogLikelihood(model, data),
    observations: data.customers,
    starts: STARTS.map(([r, factor, a, b]) =>
      Float64Array.from([r, (factor * r) / meanRate, a, b], Math.log),
    ),
    lower: new Float64Array([-BOUND, Math.log(meanAge) - BOUND, -BOUND, -BOUND]),
    upper: new Float64Array([BOUND, Math.log(meanAge) + BOUND, BOUND, BOUND]),
    identification: [
      { from: 0, to: 1, status: 'purchaseRateNotIdentified' },
      { from: 2, to: 3, status: 'dropoutNotIdentified' },
    ],
  });
  return {
    model,
    timeUnit: table.timeUnit,
    parameters: named(parameters),
    ...evidence,
    standardErrors: standardErrors && named(standardErrors),
    customers: data.customers,
    repeaters: data.customers - data.customersByX[0]!,
    distinctRows: data.rows,
  };
}

/** Mean age of a customer, and mean purchases in a unit of time, which places the first search. */
function scaleOf(data: GroupedSummaries): { meanAge: number; meanRate: number } {
  let purchases = 0;
  let age = 0;
  for (let row = 0; row < data.rows; row += 1) {
    purchases += data.weight[row]! * data.x[row]!;
    age += data.weight[row]! * data.times[data.ageIndex[row]!]!;
  }
  const meanAge = age > 0 ? age / data.customers : 1;
  // Half a purchase keeps the start finite when nobody bought again.
  return { meanAge, meanRate: Math.max(purchases, 0.5) / (meanAge * data.customers) };
}

function named(values: Float64Array): PurchaseParameters {
  return { r: values[0]!, alpha: values[1]!, a: values[2]!, b: values[3]! };
}
