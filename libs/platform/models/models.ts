import { epochMsOf, isoOf, RapportError } from '@rapport/contracts';
import type { ValueTerms } from '@rapport/projection-engine';
import type { Clock } from '@rapport/runtime';
import type { Principal } from '../access/principal.js';
import type { AnalystAnswer, AnalystJob } from '../analyst/analyst-jobs.js';
import type { ReadRequest } from '../read-side/read-request.js';
import { isKnown, MODEL_NAMES_TO_FIT, type KnownRun, type ModelName, type ModelRuns } from './model-runs.js';
import type { ScoringRun } from './score-customers.js';

export interface ModelsParts {
  readonly runs: ModelRuns;
  readonly clock: Clock;
  readonly valueTerms: ValueTerms;
  readonly requestHash: (request: unknown) => string;
  readonly doJob: <Job extends AnalystJob>(job: Job) => Promise<AnalystAnswer<Job>>;
  /** Resolves when a projection is complete to the head of the log. */
  readonly catchUp: (projection: string) => Promise<void>;
}

export interface FitOrder {
  readonly model: string;
  /** ISO-8601; default now. */
  readonly cutoff?: string;
  /** Default week. */
  readonly timeUnit?: 'day' | 'week';
  readonly idempotencyKey: string;
  readonly principal: Principal;
  readonly correlationId: string;
}

/** A fit as callers see it. */
export type ShownRun = KnownRun['run'] & { readonly recordedAt: string };

/** Which fits: those for a day (epoch ms), as known then; both absent = all. */
export type FitsAsked = Pick<ReadRequest, 'asOfMs' | 'knownAt'>;

/** Fits of the value models, and scoring runs that rest on them. */
export class Models {
  constructor(private readonly parts: ModelsParts) {}

  /**
   * The latest fit of each model that has one. With a day: the fits that figures of that day rest on (cut-off at or
   * before it), as far as they were known.
   */
  latest({ asOfMs, knownAt }: FitsAsked = {}): readonly ShownRun[] {
    if (asOfMs !== undefined || knownAt !== undefined)
      return this.parts.runs.inForce(asOfMs ?? Number.POSITIVE_INFINITY, knownAt).map(shownRun);
    return MODEL_NAMES_TO_FIT.flatMap((model) => this.parts.runs.of(model).slice(0, 1).map(shownRun));
  }

  /** Fits of one model, newest first, as far as they were known and do not look beyond the day. Throws NOT_FOUND. */
  fitsOf(model: string, { asOfMs = Number.POSITIVE_INFINITY, knownAt }: FitsAsked = {}): readonly ShownRun[] {
    return this.parts.runs
      .of(modelNamed(model))
      .filter((known) => epochMsOf(known.run.cutoff) <= asOfMs && isKnown(known, knownAt))
      .map(shownRun);
  }

  /**
   * Fits a model on the purchases up to the cut-off and records the result. The same key again answers the first result.
   * Throws NOT_FOUND, NOT_ENOUGH_DATA, KEY_REUSED, OCCURRED_IN_FUTURE, READ_YOUR_WRITES_TIMEOUT, CONFLICT, UNAVAILABLE.
   */
  async fit(order: FitOrder): Promise<{ readonly run: ShownRun; readonly replayed: boolean }> {
    const { runs, clock, doJob, requestHash, catchUp } = this.parts;
    const model = modelNamed(order.model);
    const { timeUnit = 'week' } = order;
    const origin = {
      subject: order.principal.subject,
      commandKey: `k:${order.idempotencyKey}`,
      requestHash: requestHash({ model, cutoff: order.cutoff ?? null, timeUnit }),
      correlationId: order.correlationId,
    };
    const known = await runs.recordedBy(model, origin);
    if (known) return { run: shownRun(known), replayed: true };
    const nowMs = clock.nowMs();
    const cutoff = order.cutoff === undefined ? isoOf(nowMs) : isoOf(epochMsOf(order.cutoff));
    if (epochMsOf(cutoff) > nowMs + FUTURE_MS) throw new RapportError('OCCURRED_IN_FUTURE', 'The cut-off lies in the future.'); // prettier-ignore
    await catchUp('lifetime-value');
    const run = await doJob({ kind: 'fit', model, cutoff, timeUnit });
    return { run: shownRun(await runs.record(run, origin, isoOf(nowMs))), replayed: false };
  }

  /** Scores every customer as of an instant (default now) for the list of customers at risk. */
  async score(asOf?: string): Promise<ScoringRun> {
    const { runs, clock, valueTerms, doJob, catchUp } = this.parts;
    const nowMs = clock.nowMs();
    const asOfMs = asOf === undefined ? nowMs : epochMsOf(asOf);
    await catchUp('churn-risk');
    return doJob({ kind: 'score', asOfMs, isPast: asOfMs < nowMs, models: runs.at(asOfMs), valueTerms });
  }
}

const FUTURE_MS = 24 * 3_600_000;

function modelNamed(name: string): ModelName {
  const model = MODEL_NAMES_TO_FIT.find((known) => known === name);
  if (!model) throw new RapportError('NOT_FOUND', `There is no model of this name; there are ${MODEL_NAMES_TO_FIT.join(', ')}.`); // prettier-ignore
  return model;
}

const shownRun = ({ run, recordedAt }: KnownRun): ShownRun => ({ ...run, recordedAt });
