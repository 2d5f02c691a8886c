import { Value } from '@sinclair/typebox/value';
import { MS_PER_DAY, OFFER_KINDS, STAGES } from '@rapport/contracts';
import type { Stage } from '@rapport/contracts';
import { compileCondition } from './condition.js';
import { ALLOWED_MOVES } from './rule-book.js';
import type {
  CustomerClass,
  Exit,
  Guard,
  Need,
  NextBestAction,
  RoleSet,
  RuleBook,
  Worth,
} from './rule-book.js';
import { pathOfPointer, RuleBookError } from './rule-book.error.js';
import { RuleBookSchema } from './rule-book.schema.js';
import { reasonOf } from './schema-reason.js';
import type {
  NeedDocument,
  NextBestActionDocument,
  RoleSetDocument,
  RuleBookDocument,
} from './rule-book.schema.js';
import defaultRuleBook from './default.rule-book.json' with { type: 'json' };

const MS_PER_HOUR = MS_PER_DAY / 24;
/** The guard of our own initiative towards somebody who left. */
const WIN_BACK_GUARD = 'G8WinBack';
/** Stages to which a repaired relationship may return. */
const BEFORE: readonly Stage[] = ['contact', 'involvement', 'intimacy'];

/**
 * Checks and compiles a rule book (plain JSON). Costs milliseconds, so do it once per version, not per decision.
 * Throws RuleBookError naming the JSON path and the reason.
 */
export function compileRuleBook(json: unknown): RuleBook {
  const error = Value.Errors(RuleBookSchema, json).First();
  if (error) throw new RuleBookError(pathOfPointer(error.path, json), reasonOf(error));
  const document = json as RuleBookDocument;
  const levels = compileServiceLevels(document);
  const { candidateFromNeedLevel, strategicFromNeedLevel } = document.strategicAccounts;
  if (strategicFromNeedLevel < candidateFromNeedLevel)
    throw new RuleBookError('$.strategicAccounts.strategicFromNeedLevel', 'is below the level of a candidate'); // prettier-ignore
  const roleSets = compileRoleSets(document.roleSets);
  const alwaysNeeds = compileNeeds(document.offers.always, '$.offers.always');
  const offers = new Map<string, readonly Need[]>();
  for (const stage of STAGES)
    for (const kind of OFFER_KINDS) {
      const needs = document.offers.stages[stage][kind]?.needs;
      if (needs)
        offers.set(`${stage} ${kind}`, compileNeeds(needs, `$.offers.stages.${stage}.${kind}.needs`));
    }
  const slaMs = compileSla(document.slaHoursBySeverity);
  return {
    version: document.version,
    objective: document.objective,
    document,
    slaMs: (severity, slaHoursOfLevel = Number.POSITIVE_INFINITY) =>
      Math.min(slaMs[severity - 1] ?? slaMs[3]!, slaHoursOfLevel * MS_PER_HOUR),
    slaHoursOf: (level) => levels.get(level),
    classOf: (worth) => classOf(document.classification, worth),
    serviceLevelOf: (customerClass) =>
      document.classification.serviceLevelByClass[customerClass ?? 'unclassified'],
    overrideMaxHoldMs: document.overrideMaxHoldDays * MS_PER_DAY,
    winBackWindowMs: document.winBackWindowDays * MS_PER_DAY,
    promiseGraceMs: document.promiseGraceDays * MS_PER_DAY,
    roleSets: roleSets.map(({ set }) => set),
    roleSetFor: (roles) => {
      for (const { set, appliesTo } of roleSets)
        for (const role of roles) if (appliesTo.has(role)) return set;
      return roleSets[0]!.set;
    },
    offerNeeds: (stage, kind) => offers.get(`${stage} ${kind}`),
    alwaysNeeds,
    nextBestActions: {
      priorAnswers: document.nextBestActions.priorAnswers,
      actions: compileActions(document.nextBestActions.actions),
    },
  };
}

/** The rule book the product ships with; docs/reference/rules.md shows it. */
export const loadDefaultRuleBook = (): RuleBook => compileRuleBook(defaultRuleBook);

/** The default as data, to start an own rule book from. */
export const defaultRuleBookDocument = defaultRuleBook as unknown as RuleBookDocument;

function compileActions(documents: readonly NextBestActionDocument[]): NextBestAction[] {
  const names = new Set<string>();
  return documents.map((document, index) => {
    const path = `$.nextBestActions.actions[${index}]`;
    const { action, sentence, priority, offer, expectedAcceptancePct } = document;
    if (names.has(action)) throw new RuleBookError(`${path}.action`, 'two actions have this name');
    names.add(action);
    if ((offer === undefined) !== (expectedAcceptancePct === undefined))
      throw new RuleBookError(`${path}.expectedAcceptancePct`, 'an offer has one, other actions have none');
    return {
      action,
      sentence,
      priority,
      when: compileCondition(document.when, `${path}.when`),
      asWritten: document.when,
      offer: offer === undefined ? null : { kind: offer, expectedAcceptance: expectedAcceptancePct! / 100 },
      needs: compileNeeds(document.needs ?? [], `${path}.needs`),
    };
  });
}

/** Severity 1 is the worst: what is worse never waits longer. */
function compileSla(hours: RuleBookDocument['slaHoursBySeverity']): number[] {
  const severities = ['1', '2', '3', '4'] as const;
  severities.slice(1).forEach((severity, index) => {
    const worse = severities[index]!;
    if (hours[severity] < hours[worse])
      throw new RuleBookError(
        `$.slaHoursBySeverity.${severity}`,
        `is shorter than the ${hours[worse]} hours of severity ${worse}, which is worse`,
      );
  });
  return severities.map((severity) => hours[severity] * MS_PER_HOUR);
}

function compileServiceLevels({ serviceLevels, classification }: RuleBookDocument): Map<string, number> {
  const levels = new Map<string, number>();
  for (const [index, { level, slaHours }] of serviceLevels.entries()) {
    if (levels.has(level))
      throw new RuleBookError(`$.serviceLevels[${index}].level`, 'two levels have this name');
    levels.set(level, slaHours);
  }
  for (const [name, level] of Object.entries(classification.serviceLevelByClass))
    if (!levels.has(level))
      throw new RuleBookError(
        `$.classification.serviceLevelByClass.${name}`,
        `no level of service is called ${level}`,
      );
  return levels;
}

/** Value first; where a threshold for the currency is missing, or the figure, it is not high. */
function classOf(rules: RuleBookDocument['classification'], worth: Worth): CustomerClass | null {
  const reaches = (money: Worth['value'], thresholds: Readonly<Record<string, number>>): boolean =>
    money !== undefined && money.amountMinor >= (thresholds[money.currency] ?? Number.POSITIVE_INFINITY);
  if (reaches(worth.value, rules.highValueMinorPerYear)) return worth.serviceGradeWanted === 'high' ? 3 : 4;
  if (reaches(worth.potentialValue, rules.highPotentialMinorPerYear)) return 2;
  return worth.serviceGradeWanted === 'high' ? 1 : null;
}

const compileNeeds = (needs: readonly NeedDocument[], path: string): Need[] =>
  needs.map((need, index) => ({
    rule: need.rule,
    sentence: need.sentence,
    suppressedBy: need.suppressedBy,
    whatever: need.whatever ?? false,
    when: compileCondition(need.when, `${path}[${index}].when`),
    asWritten: need.when,
  }));

function compileRoleSets(
  documents: readonly RoleSetDocument[],
): { readonly set: RoleSet; readonly appliesTo: ReadonlySet<string> }[] {
  const merged = new Map<string, Pick<RoleSetDocument, 'guards' | 'exits'>>();
  const setOfRole = new Map<string, string>();
  return documents.map((document, index) => {
    const path = `$.roleSets[${index}]`;
    if (merged.has(document.name)) throw new RuleBookError(`${path}.name`, 'two sets have this name');
    document.appliesTo.forEach((role, place) => {
      if (setOfRole.has(role))
        throw new RuleBookError(
          `${path}.appliesTo[${place}]`,
          `the set ${setOfRole.get(role)} applies to ${role} already`,
        );
      setOfRole.set(role, document.name);
    });
    const base = document.extends === undefined ? undefined : merged.get(document.extends);
    if (document.extends !== undefined && base === undefined)
      throw new RuleBookError(`${path}.extends`, `no earlier set is called ${document.extends}`);
    const whole = {
      guards: { ...base?.guards, ...document.guards },
      exits: { ...base?.exits, ...document.exits },
    };
    merged.set(document.name, whole);
    const guards = new Map<string, Guard>();
    for (const [name, guard] of Object.entries(whole.guards))
      guards.set(name, {
        name,
        sentence: guard.sentence,
        when: compileCondition(guard.when, `${path}.guards.${name}.when`),
        asWritten: guard.when,
      });
    const exits = Object.fromEntries(
      STAGES.map((stage) => [stage, compileExits(stage, whole.exits, guards, path)]),
    ) as unknown as Record<Stage, readonly Exit[]>;
    const winBackGuard = guards.get(WIN_BACK_GUARD);
    if (winBackGuard === undefined)
      throw new RuleBookError(`${path}.guards`, `a guard called ${WIN_BACK_GUARD} is needed`);
    return {
      set: { name: document.name, exits, winBackGuard },
      appliesTo: new Set<string>(document.appliesTo),
    };
  });
}

const compileExits = (
  stage: Stage,
  exits: RoleSetDocument['exits'],
  guards: ReadonlyMap<string, Guard>,
  path: string,
): Exit[] =>
  (exits[stage] ?? []).map((exit, index) => {
    const at = `${path}.exits.${stage}[${index}]`;
    const targets = exit.to === 'before' ? BEFORE : [exit.to];
    for (const target of targets)
      if (!ALLOWED_MOVES[stage].includes(target))
        throw new RuleBookError(`${at}.to`, `no move leads from ${stage} to ${target}`);
    const guard = guards.get(exit.guard);
    if (guard === undefined) throw new RuleBookError(`${at}.guard`, `no guard is called ${exit.guard}`);
    return { to: exit.to, guard, automatic: exit.automatic ?? true };
  });
