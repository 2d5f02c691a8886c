import { isoOf, MS_PER_DAY } from '@rapport/contracts';
import type { Refusal, WayOut } from '@rapport/contracts';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import type { DataOfType } from '../occurrence.js';
import { refuse } from '../refuse.js';

/** NO_VALUE_THRESHOLDS, CURRENCIES_DIFFER. The service level that the rule book gives to the class follows. (S10) */
export function classify(draft: Draft, command: CustomerCommandOf<'ClassifyCustomer'>): Refusal | undefined {
  const { ruleBook } = draft.context;
  const { highValueMinorPerYear, highPotentialMinorPerYear } = ruleBook.document.classification;
  const { value, potentialValue, serviceGradeWanted } = command;
  const { currency } = value;
  if (currency !== potentialValue.currency)
    return refuse('CURRENCIES_DIFFER', 'Value and potential value are stated in different currencies.');
  const highValue = highValueMinorPerYear[currency];
  const highPotential = highPotentialMinorPerYear[currency];
  // Without a threshold the value would be neither high nor low, and nobody is put into a class for that.
  if (highValue === undefined || highPotential === undefined)
    return refuse('NO_VALUE_THRESHOLDS', `The rule book has no thresholds of value in ${currency}.`, {
      ruleBookVersion: ruleBook.version,
    });
  const heldUntil = heldUntilOf(draft);
  recordClass(
    draft,
    { value, potentialValue, serviceGradeWanted },
    { basis: 'stated', ...(heldUntil === undefined ? {} : { heldUntil }) },
  );
  return undefined;
}

/** NOTHING_TO_DO. From here on the rules decide about the class again. */
export function releaseClass(
  draft: Draft,
  command: CustomerCommandOf<'ReleaseClassification'>,
): Refusal | undefined {
  if (draft.state.profile.classHeldUntilMs === null)
    return refuse('NOTHING_TO_DO', "Nobody's word holds the class of the customer.");
  draft.record('ClassificationReleased', dataOf(command));
  return undefined;
}

/** Puts the customer into the class the rules give for this worth; the level of service follows where nothing else holds it. */
export function recordClass(
  draft: Draft,
  worth: Pick<DataOfType<'CustomerClassified'>, 'value' | 'potentialValue' | 'serviceGradeWanted'>,
  how: { readonly basis: 'stated' | 'rules'; readonly heldUntil?: string; readonly atMs?: number },
): void {
  const { ruleBook } = draft.context;
  const { highValueMinorPerYear, highPotentialMinorPerYear } = ruleBook.document.classification;
  const { value, potentialValue, serviceGradeWanted } = worth;
  const { currency } = value;
  const previousClass = draft.state.profile.customerClass;
  const customerClass = ruleBook.classOf(worth);
  const { atMs, ...said } = how;
  draft.record(
    'CustomerClassified',
    {
      ...(customerClass === null ? {} : { class: customerClass }),
      ...(previousClass === null ? {} : { previousClass }),
      value,
      potentialValue,
      serviceGradeWanted,
      highValueFrom: { amountMinor: highValueMinorPerYear[currency]!, currency },
      highPotentialFrom: { amountMinor: highPotentialMinorPerYear[currency]!, currency },
      ruleBookVersion: ruleBook.version,
      ...said,
    },
    { byRuleBook: true, ...(atMs === undefined ? {} : { atMs }) },
  );
  const level = ruleBook.serviceLevelOf(customerClass);
  const held = draft.state.profile.serviceLevel;
  // What a person decided, or a risk or a strategic account demands, is not undone by a class.
  if (level !== held?.level && (held === null || held.reason === 'class'))
    recordServiceLevel(draft, level, ruleBook.slaHoursOf(level)!, 'class', atMs);
}

/** Until when a person's word holds, ISO-8601; undefined where the rules classify nobody by themselves. */
function heldUntilOf(draft: Draft): string | undefined {
  const { automatic } = draft.context.ruleBook.document.classification;
  return automatic === undefined
    ? undefined
    : isoOf(draft.context.occurredAtMs + automatic.statedHoldsDays * MS_PER_DAY);
}

/** UNKNOWN_SERVICE_LEVEL, NOTHING_TO_DO. A level the rule book does not know needs its hours said. (S10, S15) */
export function setServiceLevel(
  draft: Draft,
  command: CustomerCommandOf<'SetServiceLevel'>,
): Refusal | undefined {
  const { ruleBook } = draft.context;
  const { level, reason } = command;
  const slaHours = command.slaHours ?? ruleBook.slaHoursOf(level);
  if (slaHours === undefined)
    return refuse(
      'UNKNOWN_SERVICE_LEVEL',
      `The rule book knows the levels ${ruleBook.document.serviceLevels.map((one) => one.level).join(', ')}; another one needs its hours.`,
      { ruleBookVersion: ruleBook.version },
    );
  const held = draft.state.profile.serviceLevel;
  if (held?.level === level && held.slaHours === slaHours && held.reason === reason)
    return refuse('NOTHING_TO_DO', 'The customer already has this level of service for this reason.');
  recordServiceLevel(draft, level, slaHours, reason);
  return undefined;
}

function recordServiceLevel(
  draft: Draft,
  level: string,
  slaHours: number,
  reason: CustomerCommandOf<'SetServiceLevel'>['reason'],
  atMs?: number,
): void {
  const previous = draft.state.profile.serviceLevel?.level;
  draft.record(
    'ServiceLevelSet',
    {
      level,
      slaHours,
      reason,
      ...(previous === undefined ? {} : { previousLevel: previous }),
      ruleBookVersion: draft.context.ruleBook.version,
    },
    atMs === undefined ? {} : { atMs },
  );
}

/**
 * NEED_LEVEL_TOO_LOW, STRATEGIC_EVIDENCE_MISSING, NOTHING_TO_DO. By the level of need and what was done together; revenue
 * and the stage of the relationship are never asked. (S7)
 */
export function designateStrategicAccount(
  draft: Draft,
  command: CustomerCommandOf<'DesignateStrategicAccount'>,
): Refusal | undefined {
  const { profile } = draft.state;
  const { ruleBook } = draft.context;
  const { candidateFromNeedLevel, strategicFromNeedLevel } = ruleBook.document.strategicAccounts;
  const { standing } = command;
  const needed = standing === 'candidate' ? candidateFromNeedLevel : strategicFromNeedLevel;
  const missing: WayOut[] = [];
  if ((profile.needLevel ?? 0) < needed)
    missing.push({
      rule: standing === 'candidate' ? 'candidateNeedsNeedLevel' : 'strategicAccountNeedsNeedLevel',
      sentence: `Assess a level of need of at least ${needed}.`,
      fact: { eventType: 'NeedLevelAssessed', data: { level: needed } },
    });
  const isTooLow = missing.length > 0;
  if (standing === 'strategic') missing.push(...missingEvidence(draft, command));
  if (missing.length > 0)
    return refuse(
      isTooLow ? 'NEED_LEVEL_TOO_LOW' : 'STRATEGIC_EVIDENCE_MISSING',
      isTooLow
        ? `The level of need is ${profile.needLevel ?? 'not assessed'}; ${standing === 'candidate' ? 'a candidate' : 'a strategic account'} needs ${needed}.`
        : 'A strategic account needs a joint investment or a problem solved together.',
      { ruleBookVersion: ruleBook.version, wayOut: missing },
    );
  const held = profile.strategic;
  if (
    held?.standing === standing &&
    held.sponsorId === command.sponsorId &&
    held.planId === (command.planId ?? null)
  )
    return refuse('NOTHING_TO_DO', 'The customer already has this standing, sponsor and plan.');
  draft.record('StrategicAccountDesignated', {
    ...dataOf(command),
    jointProblems: [...command.jointProblems],
    ...(held === null ? {} : { previousStanding: held.standing }),
    needLevel: profile.needLevel!,
    ruleBookVersion: ruleBook.version,
  });
  return undefined;
}

const KINDS_OF_EVIDENCE = {
  jointInvestment: {
    rule: 'strategicAccountNeedsJointInvestment',
    sentence: 'Record a joint project in which the customer invests, or name the joint investment.',
    fact: { eventType: 'CoCreationStarted', data: { role: 'coInvestor' } },
  },
  solvedProblem: {
    rule: 'strategicAccountNeedsSolvedProblem',
    sentence:
      'Record a contribution that solved a problem, or name a joint problem with the day it was solved.',
    fact: { eventType: 'CoCreationContributed', data: { kind: 'problemSolved' } },
  },
} as const;

/** What was done together, said in the command or recorded before; revenue never counts. One kind is enough. */
function missingEvidence(draft: Draft, command: CustomerCommandOf<'DesignateStrategicAccount'>): WayOut[] {
  const { evidence } = draft.context.ruleBook.document.strategicAccounts;
  const { coInvested, solvedTogether } = draft.state.profile;
  const has = {
    jointInvestment: coInvested || (command.jointInvestment?.amountMinor ?? 0) > 0,
    solvedProblem: solvedTogether || command.jointProblems.some(({ solvedOn }) => solvedOn !== undefined),
  };
  if (evidence.some((kind) => has[kind])) return [];
  return evidence.map((kind, option) => ({
    ...KINDS_OF_EVIDENCE[kind],
    ...(evidence.length === 1 ? {} : { choice: { group: 'strategicEvidence', option, needed: 1 } }),
  }));
}
