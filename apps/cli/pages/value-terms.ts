/** What a figure of value rests on, as the API answers it. */
export interface ValueTermsShown {
  readonly horizonDays: number;
  readonly annualDiscountRate: number;
  readonly margin: number;
}

export interface ModelReference {
  readonly model: string;
  readonly timeUnit: string;
  readonly cutoff: string;
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;

/** Stands beside every figure of value: margin, horizon, discount, model with its unit of time. */
export const termsLine = (terms: ValueTermsShown, model: ModelReference | null): string =>
  [
    `margin ${percent(terms.margin)}`,
    `horizon ${terms.horizonDays} days`,
    `discount ${percent(terms.annualDiscountRate)} a year`,
    model ? `${model.model} in ${model.timeUnit}s, fitted to ${model.cutoff.slice(0, 10)}` : 'no model',
  ].join(', ');
