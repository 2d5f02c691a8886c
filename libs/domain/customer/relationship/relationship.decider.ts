import { epochMsOf, isoOf } from '@rapport/contracts';
import type { Refusal, Stage } from '@rapport/contracts';
import { ALLOWED_MOVES } from '../../rule-book/rule-book.js';
import type { Exit } from '../../rule-book/rule-book.js';
import { dataOf } from '../command-data.js';
import type { CustomerCommandOf } from '../customer.commands.js';
import type { Draft } from '../draft.js';
import { runningCampaign } from '../marketing/marketing.decider.js';
import { restrictedFor } from '../privacy/privacy.decider.js';
import { refuse } from '../refuse.js';
import { caseOf } from '../service/service.decider.js';
import { isKnownTouch } from '../touch-points/touch-points.state.js';
import { daysInStage, evidenceOf, exitsOf, returnTargets, targetOf } from './relationship.rules.js';
import { isPositive } from './relationship.state.js';
import { earliestOf, eachOnce, endOfDamage, onEntering, pathTo } from './way-out.rules.js';

type RelationshipCommand = CustomerCommandOf<
  | 'MoveStage'
  | 'OverrideStage'
  | 'StartRepair'
  | 'ConcludeRepair'
  | 'StartWinBack'
  | 'ConcludeWinBack'
  | 'RecordGoodbye'
  | 'RecordRelationTrait'
  | 'NoteModelEvidence'
  | 'ReviewRelationship'
>;

/**
 * STAGE_MOVE_NOT_ALLOWED, STAGE_GUARD_NOT_MET, OVERRIDE_NOT_ALLOWED, REPAIR_ALREADY_RUNNING, NO_REPAIR_RUNNING,
 * CONSENT_MISSING, UNKNOWN_CAMPAIGN, CAMPAIGN_NOT_RUNNING, UNKNOWN_CASE, UNKNOWN_TARGET_EVENT, DATES_OUT_OF_ORDER, TRAIT_HAS_NO_COMPONENTS, NOTHING_TO_DO.
 */
export function decideRelationship(draft: Draft, command: RelationshipCommand): Refusal | undefined {
  switch (command.type) {
    case 'MoveStage':
      return moveStage(draft, command);
    case 'OverrideStage':
      return overrideStage(draft, command);
    case 'StartRepair':
      return startRepair(draft, command);
    case 'ConcludeRepair':
      return concludeRepair(draft, command);
    case 'StartWinBack':
      return startWinBack(draft, command);
    case 'ConcludeWinBack': {
      const { winBack } = draft.state.relationship;
      if (winBack === null || winBack.winBackId !== command.winBackId)
        return refuse('NOTHING_TO_DO', 'No such win-back is running.');
      draft.record('WinBackConcluded', dataOf(command));
      return undefined;
    }
    case 'RecordGoodbye':
      draft.record('GoodbyeSaid', dataOf(command));
      return undefined;
    case 'RecordRelationTrait':
      if (command.component !== undefined && command.trait !== 'commitment')
        return refuse('TRAIT_HAS_NO_COMPONENTS', 'Only commitment is measured by components.');
      draft.record('RelationTraitRecorded', dataOf(command));
      return undefined;
    case 'NoteModelEvidence': {
      const restricted = restrictedFor(draft.state, 'profiling');
      if (restricted !== null) return restricted;
      draft.record('ModelEvidenceNoted', dataOf(command));
      return undefined;
    }
    case 'ReviewRelationship':
      return undefined;
    default:
      return command satisfies never;
  }
}

/** Records a move that a person asked for and a guard allows. */
function choose(
  draft: Draft,
  to: Stage,
  exit: Exit | undefined,
  said: { readonly reasonCode: string; readonly evidence?: readonly string[]; readonly note?: string },
): void {
  const { state, clockMs: atMs } = draft;
  const seen = exit === undefined ? [] : evidenceOf(exit, state, atMs);
  draft.record(
    'RelationshipStageChosen',
    {
      from: state.relationship.stage,
      to,
      reasonCode: said.reasonCode,
      evidence: [...new Set([...(said.evidence ?? []), ...seen])],
      ruleBookVersion: draft.context.ruleBook.version,
      daysInStage: daysInStage(state, atMs),
      ...(said.note === undefined ? {} : { note: said.note }),
    },
    { atMs, byRuleBook: true },
  );
}

/** The exits that lead to a stage; a repaired relationship may return lower than it stood. */
const exitsTo = (draft: Draft, to: Stage): readonly Exit[] =>
  exitsOf(draft.state, draft.context.ruleBook).filter((exit) =>
    exit.to === 'before' ? returnTargets(draft.state).some((stage) => stage === to) : exit.to === to,
  );

const guardNotMet = (draft: Draft, to: Stage, exits: readonly Exit[]): Refusal => {
  const { clockMs } = draft;
  const { ruleBook } = draft.context;
  const wayOut = eachOnce([
    ...(isPositive(to) ? endOfDamage(onEntering(draft.state, to, clockMs), ruleBook, clockMs) : []),
    ...exits.flatMap((exit) =>
      exit.guard.when
        .toMeet(draft.state, clockMs, {})
        .map((way) => ({ ...way, rule: `${exit.guard.name}: ${way.rule}` })),
    ),
  ]);
  return refuse(
    'STAGE_GUARD_NOT_MET',
    `The move to ${to} needs: ${exits.map((exit) => exit.guard.sentence).join(' Or: ')}`,
    { ruleBookVersion: ruleBook.version, wayOut, ...earliestOf(wayOut) },
  );
};

/** No step leads there; where several do, their guards are the way out. */
const moveNotAllowed = (draft: Draft, to: Stage): Refusal => {
  const { state, clockMs } = draft;
  const { ruleBook } = draft.context;
  const { stage } = state.relationship;
  const path = pathTo(state, ruleBook, (reached) => reached === to, clockMs);
  const wayOut =
    path === undefined
      ? []
      : eachOnce([
          ...(isPositive(to) ? endOfDamage(path.goal, ruleBook, clockMs) : []),
          ...path.hops.flatMap(({ from, exit }) =>
            exit.guard.when
              .toMeet(from, clockMs, {})
              .map((way) => ({ ...way, rule: `${exit.guard.name}: ${way.rule}` })),
          ),
        ]);
  const ways = ALLOWED_MOVES[stage].join(', ');
  return refuse('STAGE_MOVE_NOT_ALLOWED', `No move leads from ${stage} to ${to}; possible: ${ways}.`, {
    ruleBookVersion: ruleBook.version,
    wayOut,
    ...earliestOf(wayOut),
  });
};

function moveStage(draft: Draft, command: CustomerCommandOf<'MoveStage'>): Refusal | undefined {
  // The facts a refusal asked for may have moved the relationship already: the caller has what they wanted.
  if (draft.state.relationship.stage === command.to) return undefined;
  const exits = exitsTo(draft, command.to);
  if (exits.length === 0) return moveNotAllowed(draft, command.to);
  const met = exits.find((exit) => exit.guard.when.isMet(draft.state, draft.clockMs, {}));
  if (met === undefined) return guardNotMet(draft, command.to, exits);
  choose(draft, command.to, met, command);
  return undefined;
}

function overrideStage(draft: Draft, command: CustomerCommandOf<'OverrideStage'>): Refusal | undefined {
  const { state, clockMs: atMs } = draft;
  const { ruleBook } = draft.context;
  const holdUntilMs = epochMsOf(command.holdUntil);
  if (state.relationship.stage === command.to)
    return refuse('NOTHING_TO_DO', `The relationship is already at ${command.to}.`);
  if (!(holdUntilMs > atMs) || holdUntilMs > atMs + ruleBook.overrideMaxHoldMs)
    return refuse(
      'OVERRIDE_NOT_ALLOWED',
      `An override holds until after ${isoOf(atMs)} and at most until ${isoOf(atMs + ruleBook.overrideMaxHoldMs)}.`,
      { ruleBookVersion: ruleBook.version },
    );
  draft.record(
    'RelationshipStageOverridden',
    {
      from: state.relationship.stage,
      to: command.to,
      reasonCode: 'override',
      evidence: [],
      ruleBookVersion: ruleBook.version,
      daysInStage: daysInStage(state, atMs),
      note: command.note,
      holdUntil: command.holdUntil,
    },
    { atMs, byRuleBook: true },
  );
  return undefined;
}

function startRepair(draft: Draft, command: CustomerCommandOf<'StartRepair'>): Refusal | undefined {
  const { relationship, service, touchPoints } = draft.state;
  if (relationship.repair !== null || relationship.stage === 'repair')
    return refuse('REPAIR_ALREADY_RUNNING', 'A repair is already running.');
  const exits = exitsTo(draft, 'repair');
  if (exits.length === 0) return moveNotAllowed(draft, 'repair');
  if (!(epochMsOf(command.dueAt) > draft.clockMs))
    return refuse('DATES_OUT_OF_ORDER', 'The repair would be due before it starts.');
  if (service.casesForgotten === 0 && command.caseIds.some((caseId) => !caseOf(service, caseId)))
    return refuse('UNKNOWN_CASE', 'The customer has no such case.');
  if (command.contactAttempts.some((eventId) => !isKnownTouch(touchPoints, eventId)))
    return refuse('UNKNOWN_TARGET_EVENT', 'The customer has no such touch point.');
  const plan = dataOf(command);
  const before = draft.state;
  draft.record('RepairStarted', {
    ...plan,
    caseIds: [...plan.caseIds],
    contactAttempts: [...plan.contactAttempts],
  });
  const met = exits.find((exit) => exit.guard.when.isMet(draft.state, draft.clockMs, {}));
  if (met === undefined) {
    draft.state = before;
    return guardNotMet(draft, 'repair', exits);
  }
  choose(draft, 'repair', met, { reasonCode: 'repairPlanned' });
  return undefined;
}

function concludeRepair(draft: Draft, command: CustomerCommandOf<'ConcludeRepair'>): Refusal | undefined {
  const { relationship } = draft.state;
  const { repair, lastRepair, stage } = relationship;
  if (stage !== 'repair' || repair === null || repair.repairId !== command.repairId) {
    // The customer's acceptance may have concluded it already.
    if (lastRepair?.repairId === command.repairId && lastRepair.outcome === command.outcome) return undefined;
    return refuse('NO_REPAIR_RUNNING', 'No such repair is running.');
  }
  const { repairId, outcome, reasonCode } = command;
  if (outcome === 'failed') {
    draft.record('RepairConcluded', { repairId, outcome, reasonCode });
    choose(draft, 'deterioration', undefined, { reasonCode });
    return undefined;
  }
  const to = command.to ?? relationship.stageBefore ?? 'contact';
  const exits = exitsTo(draft, to).filter((exit) => isPositive(targetOf(exit, draft.state)));
  if (exits.length === 0)
    return refuse(
      'STAGE_MOVE_NOT_ALLOWED',
      `The relationship stood at ${relationship.stageBefore ?? 'contact'} before; repair leads no further.`,
      { ruleBookVersion: draft.context.ruleBook.version },
    );
  const met = exits.find((exit) => exit.guard.when.isMet(draft.state, draft.clockMs, {}));
  if (met === undefined) return guardNotMet(draft, to, exits);
  // The move is chosen while the plan is still known, so that it can cite the accepted cases.
  const evidence = evidenceOf(met, draft.state, draft.clockMs);
  draft.record('RepairConcluded', { repairId, outcome, reasonCode });
  choose(draft, to, undefined, { reasonCode, evidence });
  return undefined;
}

function startWinBack(draft: Draft, command: CustomerCommandOf<'StartWinBack'>): Refusal | undefined {
  const { state, clockMs } = draft;
  const { ruleBook } = draft.context;
  if (state.relationship.stage !== 'dissolution')
    return refuse(
      'STAGE_FORBIDS_INITIATIVE',
      `A win-back is for relationships that ended; this one is at ${state.relationship.stage}.`,
      { ruleBookVersion: ruleBook.version },
    );
  if (state.relationship.winBack !== null) return refuse('NOTHING_TO_DO', 'A win-back is already running.');
  const restricted = restrictedFor(state, 'marketing');
  if (restricted !== null) return restricted;
  const guard = ruleBook.roleSetFor(state.profile.roles).winBackGuard;
  const subject = { channel: command.channel };
  if (!guard.when.isMet(state, clockMs, subject)) {
    const wayOut = guard.when.toMeet(state, clockMs, subject);
    const onlyConsent = wayOut.length > 0 && wayOut.every((way) => way.fact?.eventType === 'ConsentGranted');
    return refuse(onlyConsent ? 'CONSENT_MISSING' : 'STAGE_GUARD_NOT_MET', guard.sentence, {
      ruleBookVersion: ruleBook.version,
      wayOut,
      ...earliestOf(wayOut),
    });
  }
  if (command.campaignId !== undefined) {
    const campaign = runningCampaign(draft, command.campaignId);
    if ('code' in campaign) return campaign;
  }
  draft.record('WinBackStarted', dataOf(command), { byRuleBook: true });
  return undefined;
}
