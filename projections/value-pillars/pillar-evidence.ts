import type { EventFor } from '@rapport/projection-engine';
import type { ValuePillar } from './value-pillars.model.js';

export interface Evidence {
  readonly pillar: ValuePillar;
  /** 0 hurts … 100 builds. */
  readonly score: number;
  readonly productId?: string | null;
  readonly reasonCode?: string | null;
}

export const EVIDENCE_TYPES = [
  'SurveyResponded', 'ComplaintRaised', 'CaseOpened', 'CaseResolved', 'TouchPointRecorded', 'ReturnRecorded', 'NeedMet',
  'NeedUnmet', 'AdvocacyRecorded', 'OpportunityLost', 'OfferDeclined', 'ContractCancelled',
] as const; // prettier-ignore

/** What neither hurts nor builds. */
export const MIDDLE = 50;

/** A complaint is below the middle whatever its severity: 1 says the pillar failed, 4 that it gave way. */
const COMPLAINT = { 1: 0, 2: 15, 3: 30, 4: 45 } as const;
/** Something did not do what it was bought for. */
const FAILED_SOLUTION = 25;
const UNMET_NEED = 20;
/** Reason codes by which customers name the price. */
const PRICE_REASONS: ReadonlySet<string> = new Set(['price', 'tooExpensive', 'priceTooHigh']);

const MOST_EFFORT = 7;
const effortScore = (effort: number): number =>
  Math.round(((MOST_EFFORT - effort) * 100) / (MOST_EFFORT - 1));
const namesPrice = (reasonCode: string | undefined): reasonCode is string =>
  reasonCode !== undefined && PRICE_REASONS.has(reasonCode);

/** What an event says about pillars of value: nothing, one thing, or one for each pillar. */
export function evidenceOf(event: EventFor<(typeof EVIDENCE_TYPES)[number]>): readonly Evidence[] {
  switch (event.type) {
    case 'SurveyResponded': {
      const { instrument, score, productId, pillarScores } = event.data;
      const asked = Object.entries(pillarScores ?? {}).map(([pillar, given]) => ({
        pillar: pillar as ValuePillar,
        score: given!,
        productId: productId ?? null,
      }));
      const convenience = instrument === 'CES' && pillarScores?.convenience === undefined;
      return convenience
        ? [...asked, { pillar: 'convenience', score: effortScore(score), productId: productId ?? null }]
        : asked;
    }
    case 'ComplaintRaised': {
      const { valuePillar, severity, productId, reasonCode } = event.data;
      if (valuePillar === undefined) return [];
      const score = COMPLAINT[severity as keyof typeof COMPLAINT];
      return [{ pillar: valuePillar, score, productId: productId ?? null, reasonCode }];
    }
    case 'CaseOpened':
      return event.data.kind === 'fault'
        ? [{ pillar: 'solution', score: FAILED_SOLUTION, productId: event.data.productId ?? null }]
        : [];
    case 'CaseResolved':
      return event.data.effort === undefined
        ? []
        : [{ pillar: 'convenience', score: effortScore(event.data.effort) }];
    case 'TouchPointRecorded':
      return touchEvidence(event.data);
    case 'ReturnRecorded':
      return namesPrice(event.data.reasonCode)
        ? [{ pillar: 'price', score: 0, reasonCode: event.data.reasonCode }]
        : [
            {
              pillar: 'solution',
              score: FAILED_SOLUTION,
              productId: event.data.lines?.[0]?.productId ?? null,
              reasonCode: event.data.reasonCode,
            },
          ];
    case 'NeedMet':
      return [{ pillar: 'solution', score: 100, productId: event.data.productIds?.[0] ?? null }];
    case 'NeedUnmet':
      return [
        {
          pillar: event.data.bridge === 'price' ? 'price' : 'solution',
          score: UNMET_NEED,
          reasonCode: event.data.gapCode,
        },
      ];
    case 'AdvocacyRecorded':
      return [{ pillar: 'emotion', score: event.data.kind === 'publicComplaint' ? 0 : 100 }];
    case 'OpportunityLost':
      return namesPrice(event.data.lossReasonCode)
        ? [{ pillar: 'price', score: 0, reasonCode: event.data.lossReasonCode }]
        : [];
    case 'OfferDeclined':
      return namesPrice(event.data.reasonCode)
        ? [{ pillar: 'price', score: 0, reasonCode: event.data.reasonCode }]
        : [];
    case 'ContractCancelled':
      return event.data.byCustomer && namesPrice(event.data.reasonCode)
        ? [{ pillar: 'price', score: 0, reasonCode: event.data.reasonCode }]
        : [];
  }
}

/** A touch says how it felt and how hard it was. */
export function touchEvidence(touch: {
  readonly sentiment?: number;
  readonly pleasant?: boolean;
  readonly unpleasant?: boolean;
  readonly effort?: number;
  readonly productId?: string;
  readonly reasonCode?: string;
}): readonly Evidence[] {
  const about = { productId: touch.productId ?? null, reasonCode: touch.reasonCode ?? null };
  const felt =
    touch.sentiment !== undefined
      ? Math.round((touch.sentiment + 100) / 2)
      : touch.unpleasant === true
        ? 0
        : touch.pleasant === true
          ? 100
          : undefined;
  return [
    ...(felt === undefined ? [] : [{ pillar: 'emotion' as const, score: felt, ...about }]),
    ...(touch.effort === undefined
      ? []
      : [{ pillar: 'convenience' as const, score: effortScore(touch.effort), ...about }]),
  ];
}
