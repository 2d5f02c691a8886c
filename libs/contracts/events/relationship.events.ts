import { Type } from '@sinclair/typebox';
import { defineEvent } from './event-contract.js';
import { code, evidence, instant, integer, money, object, oneOf, percent, personalText } from './schema.js';

/** In the order a relationship takes: contact → involvement → intimacy → deterioration → repair → dissolution. */
export const STAGES = [
  'contact',
  'involvement',
  'intimacy',
  'deterioration',
  'repair',
  'dissolution',
] as const;
export type Stage = (typeof STAGES)[number];

/** Why somebody says that a relationship is over. */
export const GOODBYE_REASONS = ['customerLeft', 'firmEnded', 'death', 'liquidation', 'fraud'] as const;
export const TRAITS = ['adaptation', 'trust', 'commitment', 'communication', 'cooperation', 'conflictResolution', 'interdependence', 'pastSatisfaction', 'powerBalance'] as const; // prettier-ignore

/** Of commitment (Meyer & Allen 1991): affective, continuity (calculated), normative. */
export const TRAIT_COMPONENTS = ['affective', 'continuity', 'normative'] as const;

const base = { category: 'customer', area: 'relationship' } as const;
const move = {
  from: oneOf(STAGES, 'stage left'),
  to: oneOf(STAGES, 'stage entered'),
  reasonCode: code('why: name of the guard signal or the reason given'),
  evidence,
  ruleBookVersion: code('rule book that allowed it'),
  daysInStage: integer('whole days spent in the stage left', 0, 100_000),
};

export const RelationshipStageMoved = defineEvent({
  ...base,
  type: 'RelationshipStageMoved',
  kind: 'ruleDecision',
  meaning: 'The relationship moved to another stage because the rules saw the evidence.',
  rows: ['S8'],
  emittedBy: ['every fact and every due review (trigger rule)'],
  schema: object({ ...move, trigger: oneOf(['fact', 'review'], 'a new fact, or a review that fell due') }),
  example: {
    from: 'contact',
    to: 'involvement',
    trigger: 'fact',
    reasonCode: 'firstPurchase',
    evidence: ['3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111'],
    ruleBookVersion: 'default-1',
    daysInStage: 12,
  },
});

export const RelationshipStageChosen = defineEvent({
  ...base,
  type: 'RelationshipStageChosen',
  kind: 'manualDecision',
  meaning: 'A person moved the relationship to another stage and the guard was met.',
  rows: ['S8'],
  emittedBy: ['MoveStage', 'StartRepair', 'ConcludeRepair'],
  schema: object({ ...move, note: Type.Optional(personalText('reason in words (personal)')) }),
  personal: [{ path: 'note', fieldId: 'stageMove.note' }],
  example: {
    from: 'involvement',
    to: 'dissolution',
    reasonCode: 'explicitGoodbye',
    evidence: [],
    ruleBookVersion: 'default-1',
    daysInStage: 90,
  },
});

export const RelationshipStageOverridden = defineEvent({
  ...base,
  type: 'RelationshipStageOverridden',
  kind: 'manualDecision',
  meaning: 'A sales director or steward set the stage against the guards, for a limited time.',
  rows: ['S8'],
  emittedBy: ['OverrideStage'],
  schema: object({
    ...move,
    note: personalText('reason in words (personal)'),
    holdUntil: instant('rules decide again from'),
  }),
  personal: [{ path: 'note', fieldId: 'stageOverride.note' }],
  example: {
    from: 'contact',
    to: 'intimacy',
    reasonCode: 'override',
    note: 'board agreement',
    evidence: [],
    ruleBookVersion: 'default-1',
    daysInStage: 3,
    holdUntil: '2026-03-01T00:00:00.000Z',
  },
});

export const RelationTraitRecorded = defineEvent({
  ...base,
  type: 'RelationTraitRecorded',
  kind: 'fact',
  meaning: 'A trait that sustains the relationship was measured.',
  rows: ['S9'],
  emittedBy: ['RecordRelationTrait'],
  schema: object({
    trait: oneOf(TRAITS, 'what the relation lives on'),
    side: oneOf(['firm', 'customer'], 'who shows it: we or the customer'),
    component: Type.Optional(
      oneOf(
        TRAIT_COMPONENTS,
        'component of commitment: liking, need (cost of leaving) or obligation; absent = the trait as a whole',
      ),
    ),
    score: integer('0 none … 100 full', 0, 100),
    method: oneOf(['survey', 'observed', 'model'], 'how it was measured'),
    evidence: Type.Optional(evidence),
  }),
  example: { trait: 'trust', side: 'customer', score: 75, method: 'survey' },
});

export const CoCreationStarted = defineEvent({
  ...base,
  type: 'CoCreationStarted',
  kind: 'fact',
  meaning: 'The customer and we began to make something together.',
  rows: ['S7'],
  emittedBy: ['StartCoCreation'],
  schema: object({
    projectId: code('id of the joint project'),
    role: oneOf(['betaTester', 'coDesigner', 'coInvestor'], 'role of the customer'),
    rightsSharePct: Type.Optional(percent("the customer's share of the rights")),
    price: Type.Optional(money('what the customer pays for taking part')),
  }),
  example: { projectId: 'prj-1', role: 'coDesigner', rightsSharePct: 10 },
});

export const CoCreationContributed = defineEvent({
  ...base,
  type: 'CoCreationContributed',
  kind: 'fact',
  meaning: 'The customer put something into a joint project: an idea, time, a test or money.',
  rows: ['S7'],
  emittedBy: ['RecordContribution'],
  schema: object({
    projectId: code('id of the joint project'),
    kind: oneOf(['idea', 'design', 'test', 'time', 'investment', 'problemSolved'], 'what was put in'),
    hours: Type.Optional(integer('hours given by the customer', 0, 100_000)),
    value: Type.Optional(money('what it is worth')),
    note: Type.Optional(personalText('the contribution in words (personal)')),
  }),
  personal: [{ path: 'note', fieldId: 'coCreation.note' }],
  example: { projectId: 'prj-1', kind: 'test', hours: 6 },
});

export const CoCreationEnded = defineEvent({
  ...base,
  type: 'CoCreationEnded',
  kind: 'fact',
  meaning: 'A joint project ended: what came of it, and what the customer had from it.',
  rows: ['S7'],
  emittedBy: ['EndCoCreation'],
  schema: object({
    projectId: code('id of the joint project'),
    outcome: oneOf(['launched', 'shelved', 'abandoned'], 'what came of it'),
    rightsSharePct: Type.Optional(percent("the customer's share of the rights")),
    customerReturn: Type.Optional(money('what the customer earned or saved by it')),
  }),
  example: {
    projectId: 'prj-1',
    outcome: 'launched',
    rightsSharePct: 10,
    customerReturn: { amountMinor: 500_000, currency: 'EUR' },
  },
});

export const RepairStarted = defineEvent({
  ...base,
  type: 'RepairStarted',
  kind: 'manualDecision',
  meaning: 'A plan to repair the relationship began, with an owner and what it is linked to.',
  rows: ['S8', 'S18'],
  emittedBy: ['StartRepair'],
  schema: object({
    repairId: code('id of the repair within the customer'),
    ownerId: code('who owns the plan'),
    caseIds: Type.Array(code('case'), { maxItems: 50, description: 'cases to be healed' }),
    contactAttempts: evidence,
    plan: personalText('what will be done (personal)'),
    dueAt: instant('to be concluded by'),
  }),
  personal: [{ path: 'plan', fieldId: 'repair.plan' }],
  example: {
    repairId: 'r-1',
    ownerId: 'am-7',
    caseIds: ['c-2'],
    contactAttempts: [],
    plan: 'call, replace, compensate',
    dueAt: '2026-02-01T00:00:00.000Z',
  },
});

export const RepairConcluded = defineEvent({
  ...base,
  type: 'RepairConcluded',
  kind: 'manualDecision',
  meaning: 'A person ended a repair as recovered or failed; where the rules end it, only the stage moves.',
  rows: ['S8', 'S18'],
  emittedBy: ['ConcludeRepair'],
  schema: object({
    repairId: code('id of the repair'),
    outcome: oneOf(['recovered', 'failed'], 'how it ended'),
    reasonCode: code('what the outcome rests on: the guard that was met, or a code of your own'),
    compensation: Type.Optional(money('what the customer got to make it good')),
  }),
  example: { repairId: 'r-1', outcome: 'recovered', reasonCode: 'resolutionAccepted' },
});

export const GoodbyeSaid = defineEvent({
  ...base,
  type: 'GoodbyeSaid',
  kind: 'fact',
  meaning: 'The relationship was ended explicitly, or by death or liquidation.',
  rows: ['S8'],
  emittedBy: ['RecordGoodbye'],
  schema: object({
    reasonCode: oneOf(GOODBYE_REASONS, 'why it ended'),
  }),
  example: { reasonCode: 'customerLeft' },
});

export const WinBackStarted = defineEvent({
  ...base,
  type: 'WinBackStarted',
  kind: 'manualDecision',
  meaning: 'We began to win a former customer back, and the rules allowed it.',
  rows: ['S18'],
  emittedBy: ['StartWinBack'],
  schema: object({
    winBackId: code('id of the attempt'),
    channel: code('channel used'),
    campaignId: Type.Optional(code('campaign it is part of')),
    offerId: Type.Optional(code('offer it is made with')),
    reason: personalText('why now (personal)'),
  }),
  personal: [{ path: 'reason', fieldId: 'winBack.reason' }],
  example: { winBackId: 'w-1', channel: 'email', reason: 'new product fits' },
});

export const WinBackConcluded = defineEvent({
  ...base,
  type: 'WinBackConcluded',
  kind: 'fact',
  meaning: 'A win-back attempt ended: the customer came back or not.',
  rows: ['S18'],
  emittedBy: ['ConcludeWinBack', 'a returning customer', 'due review at the end of the win-back window'],
  schema: object({
    winBackId: code('id of the attempt'),
    outcome: oneOf(['won', 'lost'], 'how it ended'),
    reasonCode: code('what the outcome rests on: what the customer did, or a code of your own'),
  }),
  example: { winBackId: 'w-1', outcome: 'won', reasonCode: 'purchase' },
});

export const ModelEvidenceNoted = defineEvent({
  ...base,
  type: 'ModelEvidenceNoted',
  kind: 'fact',
  meaning: 'A model score was handed to the rules as evidence; the domain never computes scores.',
  rows: ['S8', 'S15'],
  emittedBy: ['NoteModelEvidence'],
  schema: object({
    pAlive: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'probability that the customer is still active (0-1)',
    }),
    modelRunId: code('model run that produced it'),
    asOf: instant('instant the score was computed for'),
  }),
  example: { pAlive: 0.21, modelRunId: 'value-2026-01', asOf: '2026-01-01T00:00:00.000Z' },
});
