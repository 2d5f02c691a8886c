import { Type } from '@sinclair/typebox';
import type { TProperties } from '@sinclair/typebox';
import { OFFER_KINDS, ROLES, STAGES, SUPPRESSORS } from '@rapport/contracts';
import { oneOf } from './one-of.js';

const object = <T extends TProperties>(properties: T, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(description ? { description } : {}) });
const LEVEL = '^[a-z][A-Za-z0-9]{0,99}$';
const share = (description: string) =>
  Type.Integer({ minimum: 0, maximum: 100, description: `percent: ${description}` });
const amountByCurrency = (description: string) =>
  Type.Record(
    Type.String({ pattern: '^[A-Z]{3}$' }),
    Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'minor units a year' }),
    {
      additionalProperties: false,
      description: `${description}; by currency (ISO-4217); in another currency nothing is known`,
    },
  );
const needLevel = (description: string) => Type.Integer({ minimum: 1, maximum: 6, description });
const sentence = (description: string) => Type.String({ minLength: 1, maxLength: 500, description });

/**
 * A question about a customer: `{is: <predicate>, with: {thresholds}}`, composed by `all`, `any`, `atLeast … of` and `not`.
 * `reason` is the code a stage move carries when this part decided it.
 */
export const ConditionSchema = Type.Recursive(
  (This) => {
    const reason = Type.Optional(Type.String({ description: 'reason code of a move decided by this part' }));
    return Type.Union([
      object({ all: Type.Array(This, { minItems: 1 }), reason }),
      object({ any: Type.Array(This, { minItems: 1 }), reason }),
      object({ atLeast: Type.Integer({ minimum: 1 }), of: Type.Array(This, { minItems: 1 }), reason }),
      object({ not: This, reason }),
      object({
        is: Type.String({ description: 'name of a predicate' }),
        with: Type.Optional(
          Type.Record(Type.String(), Type.Unknown(), { description: 'thresholds of the predicate' }),
        ),
        reason,
      }),
    ]);
  },
  { $id: 'Condition' },
);

/** Conditions are checked by the compiler, which can name the predicate and the threshold that is wrong. */
const condition = Type.Unknown({ description: 'a condition, see ConditionSchema' });

const guard = object({
  sentence: sentence('what the guard asks for, in words'),
  when: condition,
});

const exit = object({
  to: oneOf(
    [...STAGES, 'before'] as const,
    'stage entered; `before` = the one held before deterioration, at most',
  ),
  guard: Type.String({ minLength: 1, maxLength: 100, description: 'name of a guard of this role set' }),
  automatic: Type.Optional(
    Type.Boolean({ description: 'false: only a person may make the move; default true' }),
  ),
});

const exits = object(
  Object.fromEntries(
    STAGES.map((stage) => [stage, Type.Optional(Type.Array(exit, { maxItems: 20 }))]),
  ) as TProperties,
  'ways out of each stage, the most urgent first',
);

const need = object({
  rule: Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,99}$', description: 'the rule as a sentence-like name' }),
  sentence: sentence('what is refused and why'),
  suppressedBy: oneOf(SUPPRESSORS, 'what an offer is held back by when the need is not met'),
  whatever: Type.Optional(
    Type.Boolean({
      description: 'true: also for what the customer asked for; default only our own initiative',
    }),
  ),
  when: condition,
});

const offersOfStage = object(
  Object.fromEntries(
    OFFER_KINDS.map((kind) => [
      kind,
      Type.Optional(object({ needs: Type.Array(need, { maxItems: 20 }) }, 'allowed when all needs are met')),
    ]),
  ) as TProperties,
  'kinds of offer the stage allows; a kind not named is refused',
);

/** The rules of the business as data, every threshold of them. */
export const RuleBookSchema = object({
  version: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$',
    description: 'cited by every decision',
  }),
  objective: sentence('what this rule book is for'),
  slaHoursBySeverity: object(
    Object.fromEntries(
      ['1', '2', '3', '4'].map((severity) => [
        severity,
        Type.Number({ minimum: 0, maximum: 8760, description: 'hours' }),
      ]),
    ) as TProperties,
    'hours in which a case has to be resolved, by severity',
  ),
  serviceLevels: Type.Array(
    object({
      level: Type.String({ pattern: LEVEL, description: 'name of the level' }),
      slaHours: Type.Number({
        minimum: 0,
        maximum: 8760,
        description:
          'hours in which a case of such a customer has to be resolved, whatever its severity allows beyond it',
      }),
    }),
    { minItems: 1, maxItems: 20, description: 'levels of service a customer may have' },
  ),
  classification: object(
    {
      highValueMinorPerYear: amountByCurrency('a customer worth at least this a year is of high value'),
      highPotentialMinorPerYear: amountByCurrency(
        'one who could be worth at least this a year has potential',
      ),
      automatic: Type.Optional(
        object(
          {
            marginPct: share(
              'of the net sales of the last twelve months is what the customer is worth, less what serving them cost',
            ),
            highGradeFromNeedLevel: needLevel(
              'whoever said nothing else wants a high grade of service from this level of need on',
            ),
            statedHoldsDays: Type.Integer({
              minimum: 0,
              maximum: 3650,
              description: 'days for which a class that a person stated stands against these rules',
            }),
          },
          'customers are put into their class by themselves; absent: only when somebody states their value',
        ),
      ),
      serviceLevelByClass: object(
        Object.fromEntries(
          ['1', '2', '3', '4', 'unclassified'].map((name) => [
            name,
            Type.String({ pattern: LEVEL, description: 'level of service' }),
          ]),
        ) as TProperties,
        'level of service a class gets unless somebody sets another one',
      ),
    },
    'value first: high value → 3 (wants high grade) or 4 (low grade will do); low value → 2 with potential, else 1 if high grade is wanted',
  ),
  strategicAccounts: object(
    {
      candidateFromNeedLevel: needLevel('lowest level of need of a candidate'),
      strategicFromNeedLevel: needLevel('lowest level of need of a strategic account'),
      evidence: Type.Array(oneOf(['jointInvestment', 'solvedProblem'] as const, 'kind of evidence'), {
        minItems: 1,
        uniqueItems: true,
        description: 'one of these is needed besides the level to be strategic',
      }),
    },
    'who may be a strategic account; revenue is never asked',
  ),
  dataQuality: object(
    {
      completenessPctAtLeast: share('fields that should be known and are'),
      validityPctAtLeast: share('values that pass their check'),
      uniquenessPctAtLeast: share('identifiers that lead to nobody else'),
      timelinessDaysAtMost: Type.Integer({
        minimum: 1,
        maximum: 3650,
        description: 'days since somebody confirmed the record',
      }),
    },
    'below these a record is on the list of its steward',
  ),
  nextBestActions: object({
    priorAnswers: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'answers the expected acceptance counts as: so many real ones weigh as much',
    }),
    actions: Type.Array(
      object({
        action: Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,99}$', description: 'what to do, as a name' }),
        sentence: sentence('what to do, in words'),
        priority: Type.Integer({
          minimum: 0,
          maximum: 100,
          description: 'weight before anything was learned',
        }),
        when: condition,
        offer: Type.Optional(
          oneOf(OFFER_KINDS, 'kind of offer it is: held back by what such an offer needs at the stage'),
        ),
        expectedAcceptancePct: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 100,
            description: 'share of yes expected of such an offer; needed beside `offer`',
          }),
        ),
        needs: Type.Optional(
          Type.Array(need, { maxItems: 20, description: 'what holds the action back when it is not met' }),
        ),
      }),
      { maxItems: 100, description: 'actions worth doing when their condition is met' },
    ),
  }),
  overrideMaxHoldDays: Type.Integer({
    minimum: 0,
    maximum: 90,
    description: 'longest time an override holds, in days',
  }),
  winBackWindowDays: Type.Integer({
    minimum: 1,
    maximum: 3650,
    description: 'days after which an unanswered win-back is lost',
  }),
  promiseGraceDays: Type.Integer({
    minimum: 0,
    maximum: 365,
    description: 'days after its due time before an open promise of ours is broken',
  }),
  roleSets: Type.Array(
    object({
      name: Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,99}$' }),
      appliesTo: Type.Array(oneOf(ROLES, 'role'), {
        minItems: 1,
        description: 'the first set that applies to a role of the customer decides',
      }),
      extends: Type.Optional(Type.String({ description: 'set whose guards and exits are taken over' })),
      guards: Type.Record(Type.String({ pattern: '^[A-Z][A-Za-z0-9]{0,99}$' }), guard, {
        additionalProperties: false,
        description: 'guards by name, which begins with a capital letter',
      }),
      exits,
    }),
    { minItems: 1, maxItems: 20, description: 'rules per role; the first set is the default' },
  ),
  offers: object({
    always: Type.Array(need, { maxItems: 20, description: 'needs of every offer' }),
    stages: object(
      Object.fromEntries(STAGES.map((stage) => [stage, offersOfStage])) as TProperties,
      'what may be sold where',
    ),
  }),
});

export interface GuardDocument {
  readonly sentence: string;
  readonly when: unknown;
}
export interface ExitDocument {
  readonly to: (typeof STAGES)[number] | 'before';
  readonly guard: string;
  readonly automatic?: boolean;
}
export interface NeedDocument {
  readonly rule: string;
  readonly sentence: string;
  readonly suppressedBy: (typeof SUPPRESSORS)[number];
  readonly whatever?: boolean;
  readonly when: unknown;
}
export interface NextBestActionDocument {
  readonly action: string;
  readonly sentence: string;
  readonly priority: number;
  readonly when: unknown;
  readonly offer?: (typeof OFFER_KINDS)[number];
  readonly expectedAcceptancePct?: number;
  readonly needs?: readonly NeedDocument[];
}
export interface RoleSetDocument {
  readonly name: string;
  readonly appliesTo: readonly (typeof ROLES)[number][];
  readonly extends?: string;
  readonly guards: Readonly<Record<string, GuardDocument>>;
  readonly exits: { readonly [S in (typeof STAGES)[number]]?: readonly ExitDocument[] };
}
/** A rule book as it is written. */
export interface RuleBookDocument {
  readonly version: string;
  readonly objective: string;
  readonly slaHoursBySeverity: Readonly<Record<'1' | '2' | '3' | '4', number>>;
  readonly serviceLevels: readonly { readonly level: string; readonly slaHours: number }[];
  readonly classification: {
    readonly highValueMinorPerYear: Readonly<Record<string, number>>;
    readonly highPotentialMinorPerYear: Readonly<Record<string, number>>;
    readonly automatic?: {
      readonly marginPct: number;
      readonly highGradeFromNeedLevel: number;
      readonly statedHoldsDays: number;
    };
    readonly serviceLevelByClass: Readonly<Record<'1' | '2' | '3' | '4' | 'unclassified', string>>;
  };
  readonly strategicAccounts: {
    readonly candidateFromNeedLevel: number;
    readonly strategicFromNeedLevel: number;
    readonly evidence: readonly ('jointInvestment' | 'solvedProblem')[];
  };
  readonly dataQuality: {
    readonly completenessPctAtLeast: number;
    readonly validityPctAtLeast: number;
    readonly uniquenessPctAtLeast: number;
    readonly timelinessDaysAtMost: number;
  };
  readonly nextBestActions: {
    readonly priorAnswers: number;
    readonly actions: readonly NextBestActionDocument[];
  };
  readonly overrideMaxHoldDays: number;
  readonly winBackWindowDays: number;
  readonly promiseGraceDays: number;
  readonly roleSets: readonly RoleSetDocument[];
  readonly offers: {
    readonly always: readonly NeedDocument[];
    readonly stages: {
      readonly [S in (typeof STAGES)[number]]: {
        readonly [K in (typeof OFFER_KINDS)[number]]?: { readonly needs: readonly NeedDocument[] };
      };
    };
  };
}
