import { epochMsOf } from '@rapport/contracts';
import type { Stage } from '@rapport/contracts';
import { BEGINNING_MS, capped, later, markOf } from '../occurrence.js';
import type { DataOfType, Mark, Occurrence, SliceEvolvers } from '../occurrence.js';

// Events: RelationshipStageMoved, RelationshipStageChosen, RelationshipStageOverridden, RepairStarted, RepairConcluded,
// GoodbyeSaid, WinBackStarted, WinBackConcluded, RelationTraitRecorded, CoCreationStarted, CoCreationContributed,
// CoCreationEnded, ModelEvidenceNoted.

/** Stages in which the relationship is well, in rising order. */
export const POSITIVE_STAGES = ['contact', 'involvement', 'intimacy'] as const satisfies readonly Stage[];
export type PositiveStage = (typeof POSITIVE_STAGES)[number];
export const isPositive = (stage: Stage): stage is PositiveStage =>
  (POSITIVE_STAGES as readonly Stage[]).includes(stage);

export interface TraitState extends Mark {
  readonly score: number;
  /** Highest score since the stage was entered: what a fall is measured from. */
  readonly highScore: number;
}

export interface RepairState extends Mark {
  readonly repairId: string;
  readonly ownerId: string;
  readonly caseIds: readonly string[];
  readonly contactAttempts: readonly string[];
  readonly dueAtMs: number;
}

/** A fact belongs to a stage when it was recorded after, and happened at or after, these. */
export interface CountingFrom {
  readonly atMs: number;
  readonly seq: number;
}

export interface RelationshipState {
  readonly stage: Stage;
  readonly sinceMs: number;
  readonly reasonCode: string;
  /** Facts of this stage. A returning customer's contact counts from the ending, so the fact that brought them back counts. */
  readonly countingFrom: CountingFrom;
  /** Negative signals before it are settled: the last recovery, return or override. */
  readonly settled: CountingFrom;
  /** Best stage to return to after repair: the one held before deterioration. */
  readonly stageBefore: PositiveStage | null;
  /** Why the relationship deteriorated last; kept through repair. */
  readonly deteriorationReason: string | null;
  readonly recoveredAtMs: number | null;
  readonly repair: RepairState | null;
  readonly lastRepair: { readonly repairId: string; readonly outcome: 'recovered' | 'failed' } | null;
  /** Rules make no move before it. */
  readonly holdUntilMs: number | null;
  readonly goodbye: (Mark & { readonly reasonCode: string }) | null;
  readonly winBack: (Mark & { readonly winBackId: string }) | null;
  readonly lastWinBackWon: Mark | null;
  readonly modelEvidence: (Mark & { readonly pAlive: number; readonly asOfMs: number }) | null;
  /** The customer's trust, commitment …, by name; components as `commitment.affective`. */
  readonly traits: Readonly<Record<string, TraitState>>;
  /** Latest sign that we make something together: a start or a contribution. */
  readonly coCreation: Mark | null;
  /** Joint projects that run, oldest first. */
  readonly projects: readonly string[];
  readonly projectsForgotten: number;
  /** Latest moves, oldest first. */
  readonly moves: readonly { readonly from: Stage; readonly to: Stage; readonly atMs: number }[];
}

export const initialRelationship: RelationshipState = {
  stage: 'contact',
  sinceMs: BEGINNING_MS,
  reasonCode: 'registered',
  countingFrom: { atMs: BEGINNING_MS, seq: 0 },
  settled: { atMs: BEGINNING_MS, seq: 0 },
  stageBefore: null,
  deteriorationReason: null,
  recoveredAtMs: null,
  repair: null,
  lastRepair: null,
  holdUntilMs: null,
  goodbye: null,
  winBack: null,
  lastWinBackWon: null,
  modelEvidence: null,
  traits: {},
  coCreation: null,
  projects: [],
  projectsForgotten: 0,
  moves: [],
};

const MOVES_KEPT = 8;
/** The oldest of more joint projects than one customer follows give way. */
const PROJECTS_KEPT = 20;

type Move = Pick<DataOfType<'RelationshipStageMoved'>, 'from' | 'to' | 'reasonCode'>;

function moved(
  state: RelationshipState,
  { from, to, reasonCode }: Move,
  occurrence: Occurrence,
): RelationshipState {
  const here: CountingFrom = { atMs: occurrence.atMs, seq: occurrence.seq };
  const recovered = from === 'repair' && isPositive(to);
  const returned = from === 'dissolution';
  return {
    ...state,
    stage: to,
    sinceMs: occurrence.atMs,
    reasonCode,
    countingFrom: returned ? state.countingFrom : here,
    settled: recovered || returned ? here : state.settled,
    stageBefore:
      to === 'deterioration'
        ? isPositive(from)
          ? from
          : state.stageBefore
        : to === 'repair'
          ? state.stageBefore
          : null,
    deteriorationReason:
      to === 'deterioration'
        ? from === 'repair'
          ? state.deteriorationReason
          : reasonCode
        : to === 'repair'
          ? state.deteriorationReason
          : null,
    recoveredAtMs: recovered ? occurrence.atMs : state.recoveredAtMs,
    repair: to === 'repair' ? state.repair : null,
    lastRepair:
      from === 'repair' && state.repair !== null
        ? { repairId: state.repair.repairId, outcome: recovered ? 'recovered' : 'failed' }
        : state.lastRepair,
    holdUntilMs: null,
    goodbye: returned ? null : state.goodbye,
    traits: Object.fromEntries(
      Object.entries(state.traits).map(([name, trait]) => [name, { ...trait, highScore: trait.score }]),
    ),
    moves: capped(state.moves, { from, to, atMs: occurrence.atMs }, MOVES_KEPT),
  };
}

export const relationshipEvolvers: SliceEvolvers<RelationshipState> = {
  CustomerRegistered: (state, _data, occurrence) => ({ ...state, sinceMs: occurrence.atMs }),
  RelationshipStageMoved: moved,
  RelationshipStageChosen: moved,
  RelationshipStageOverridden: (state, data, occurrence) => ({
    ...moved(state, data, occurrence),
    countingFrom: { atMs: occurrence.atMs, seq: occurrence.seq },
    settled: { atMs: occurrence.atMs, seq: occurrence.seq },
    holdUntilMs: epochMsOf(data.holdUntil),
  }),
  RepairStarted: (state, data, occurrence) => ({
    ...state,
    repair: {
      ...markOf(occurrence),
      repairId: data.repairId,
      ownerId: data.ownerId,
      caseIds: data.caseIds,
      contactAttempts: data.contactAttempts,
      dueAtMs: epochMsOf(data.dueAt),
    },
  }),
  RepairConcluded: (state, data) => ({
    ...state,
    repair: null,
    lastRepair: { repairId: data.repairId, outcome: data.outcome },
  }),
  GoodbyeSaid: (state, data, occurrence) => ({
    ...state,
    goodbye: { ...markOf(occurrence), reasonCode: data.reasonCode },
  }),
  WinBackStarted: (state, data, occurrence) => ({
    ...state,
    winBack: { ...markOf(occurrence), winBackId: data.winBackId },
  }),
  WinBackConcluded: (state, data, occurrence) => ({
    ...state,
    winBack: null,
    lastWinBackWon: data.outcome === 'won' ? markOf(occurrence) : state.lastWinBackWon,
  }),
  RelationTraitRecorded: (state, data, occurrence) => {
    if (data.side !== 'customer') return state;
    // A component never stands for the trait as a whole, which the guards ask for.
    const name = data.component === undefined ? data.trait : `${data.trait}.${data.component}`;
    const known = state.traits[name];
    if (known !== undefined && known.atMs > occurrence.atMs) return state;
    const trait: TraitState = {
      ...markOf(occurrence),
      score: data.score,
      highScore: Math.max(data.score, known?.highScore ?? data.score),
    };
    return { ...state, traits: { ...state.traits, [name]: trait } };
  },
  CoCreationStarted: (state, data, occurrence) => ({
    ...state,
    coCreation: later(state.coCreation, markOf(occurrence)),
    projects: capped(state.projects, data.projectId, PROJECTS_KEPT),
    projectsForgotten: state.projectsForgotten + (state.projects.length < PROJECTS_KEPT ? 0 : 1),
  }),
  CoCreationContributed: (state, _data, occurrence) => ({
    ...state,
    coCreation: later(state.coCreation, markOf(occurrence)),
  }),
  CoCreationEnded: (state, data) => ({
    ...state,
    projects: state.projects.filter((projectId) => projectId !== data.projectId),
  }),
  ModelEvidenceNoted: (state, data, occurrence) => {
    const asOfMs = epochMsOf(data.asOf);
    if (state.modelEvidence !== null && state.modelEvidence.asOfMs > asOfMs) return state;
    return { ...state, modelEvidence: { ...markOf(occurrence), pAlive: data.pAlive, asOfMs } };
  },
};
