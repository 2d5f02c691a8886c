import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import { code, instant, integer, object, oneOf } from './schema.js';

export const MODEL_NAMES = ['bgNbd', 'mbgNbd', 'gammaGamma'] as const;

/** A fit is an event on `model-<name>`: every score names the run that produced it and can be reproduced. */
export const ModelFitted = defineEvent({
  type: 'ModelFitted',
  kind: 'ruleDecision',
  category: 'model',
  area: 'models',
  meaning: 'A value model was fitted on the summaries of a read model at a cut-off time.',
  rows: ['S6', 'S15'],
  emittedBy: ['FitModel'],
  schema: object({
    modelRunId: code('id of the run'),
    model: oneOf(MODEL_NAMES, 'model'),
    parameters: Type.Record(Type.String(), Type.Number(), { description: 'parameters by name' }),
    timeUnit: oneOf(['day', 'week'], 'unit of time of recency, age and horizon'),
    currency: Type.Optional(
      Type.String({ pattern: '^[A-Z]{3}$', description: 'currency of the spend model' }),
    ),
    cutoff: instant('facts up to this business time were used'),
    knownAtPosition: Type.String({ description: 'log position of the summaries' }),
    customers: integer('customers used', 0, 1_000_000_000),
    repeatCustomers: integer('customers with a repeat purchase', 0, 1_000_000_000),
    logLikelihood: Type.Number({ description: 'natural logarithm' }),
    status: oneOf(
      ['converged', 'notConverged', 'dropoutNotIdentified', 'notEnoughData'],
      'quality of the fit',
    ),
    gradientNorm: Type.Number({ description: 'norm of the gradient at the optimum' }),
  }),
  example: {
    modelRunId: 'mbgNbd-1',
    model: 'mbgNbd',
    parameters: { r: 0.52484, alpha: 6.18309, a: 0.89136, b: 1.614 },
    timeUnit: 'week',
    cutoff: '1997-09-30T23:59:59.999Z',
    knownAtPosition: '6919',
    customers: 2357,
    repeatCustomers: 946,
    logLikelihood: -9582.1357,
    status: 'converged',
    gradientNorm: 1e-6,
  },
});
