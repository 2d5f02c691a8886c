import { fitGammaGamma, fitPurchaseModel, MIN_REPEATERS_FOR_A_MODEL, type PurchaseFit, type SpendFit } from '@rapport/analytics'; // prettier-ignore
import { epochMsOf, minorUnitExponent, RapportError } from '@rapport/contracts';
import type { ModelRun, ProjectionReader } from '@rapport/projection-engine';
import { collectSummaries, type LifetimeValueDocument } from '@rapport/projections';
import type { ModelName } from './model-runs.js';

export interface FitRequest {
  readonly model: ModelName;
  /** Facts up to the end of this day (UTC) are used, ISO-8601. */
  readonly cutoff: string;
  readonly timeUnit: 'day' | 'week';
  /** Log position of the summaries. */
  readonly position: string;
}

/**
 * A fit of one value model on the summaries of the lifetime-value read model at a cut-off.
 * Throws NOT_ENOUGH_DATA below 100 repeat buyers.
 */
export async function fitModel(
  reader: ProjectionReader<LifetimeValueDocument>,
  request: FitRequest,
): Promise<Omit<ModelRun, 'modelRunId'>> {
  const input = await collectSummaries(reader, epochMsOf(request.cutoff), request.timeUnit);
  if (input.repeatCustomers < MIN_REPEATERS_FOR_A_MODEL)
    throw new RapportError(
      'NOT_ENOUGH_DATA',
      `${input.repeatCustomers} customers bought on more than one day up to the cut-off; ${MIN_REPEATERS_FOR_A_MODEL} are needed.`,
    );
  const common = {
    model: request.model,
    timeUnit: request.timeUnit,
    cutoff: request.cutoff,
    knownAtPosition: request.position,
    repeatCustomers: input.repeatCustomers,
  };
  if (request.model === 'gammaGamma') {
    if (input.currency === null) throw new RapportError('NOT_ENOUGH_DATA', 'Nothing was bought yet.');
    const fit = fitGammaGamma(input.spend, 10 ** minorUnitExponent(input.currency));
    return { ...common, currency: input.currency, customers: fit.customers, ...figuresOf(fit) };
  }
  const fit = fitPurchaseModel(request.model, input.table);
  return { ...common, customers: fit.customers, ...figuresOf(fit) };
}

const figuresOf = (fit: PurchaseFit<'day' | 'week'> | SpendFit) => ({
  parameters: { ...fit.parameters },
  logLikelihood: fit.logLikelihood,
  gradientNorm: fit.gradientNorm,
  status: STATUS[fit.status],
});

/** What the event calls how far a fit can be trusted: parameters the data do not determine are a lack of data. */
const STATUS = {
  converged: 'converged',
  notConverged: 'notConverged',
  dropoutNotIdentified: 'dropoutNotIdentified',
  purchaseRateNotIdentified: 'notEnoughData',
  spendNotIdentified: 'notEnoughData',
} as const satisfies Record<PurchaseFit<'day'>['status'] | SpendFit['status'], ModelRun['status']>;
