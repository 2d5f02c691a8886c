import { Type } from '@sinclair/typebox';
import {
  CoCreationContributed, CoCreationEnded, CoCreationStarted, GoodbyeSaid, ModelEvidenceNoted, RelationTraitRecorded, schema, STAGES, WinBackConcluded,
} from '@rapport/contracts'; // prettier-ignore
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { OVERRIDE, RECORD } from '../customer.access.js';

const { code, evidence, instant, object, oneOf, text } = schema;

const move = object({
  to: oneOf(STAGES, 'stage to enter'),
  reasonCode: code('why'),
  evidence,
  note: Type.Optional(text('reason in words', 500)),
});

const override = object({
  to: oneOf(STAGES, 'stage to set'),
  note: text('reason in words', 500),
  holdUntil: instant('rules decide again from, at most 90 days ahead'),
});

const repair = object({
  repairId: code('id of the repair within the customer'),
  ownerId: code('who owns the plan'),
  caseIds: Type.Array(code('case to be healed'), { maxItems: 50, description: 'cases to be healed' }),
  contactAttempts: evidence,
  plan: text('what will be done', 1_000),
  dueAt: instant('to be concluded by'),
});

const conclusion = object({
  repairId: code('the repair'),
  outcome: oneOf(['recovered', 'failed'], 'how it ended'),
  to: Type.Optional(oneOf(['contact', 'involvement', 'intimacy'], 'stage to return to; default the best one allowed')), // prettier-ignore
  reasonCode: code('why'),
});

const winBack = object({
  winBackId: code('id of the attempt'),
  channel: code('channel used'),
  campaignId: Type.Optional(code('campaign it is part of')),
  offerId: Type.Optional(code('offer it is made with')),
  reason: text('why now', 500),
});

export const RELATIONSHIP_ROUTES: readonly CommandRoute[] = [
  { path: 'stage-moves', command: 'MoveStage', fields: move, defaults: { evidence: [] }, guarded: true, access: RECORD, summary: 'Move the relationship to another stage, if its guard is met' },
  { path: 'stage-overrides', command: 'OverrideStage', fields: override, guarded: true, access: OVERRIDE, summary: 'Set the stage against the guards, for a limited time' },
  { path: 'repairs', command: 'StartRepair', fields: repair, ownId: 'repairId', defaults: { caseIds: [], contactAttempts: [] }, guarded: true, access: RECORD, summary: 'Begin a repair plan' },
  { path: 'repairs/:repairId/conclusion', command: 'ConcludeRepair', fields: conclusion, guarded: true, access: RECORD, summary: 'Conclude a repair' },
  { path: 'win-backs', command: 'StartWinBack', fields: winBack, ownId: 'winBackId', guarded: true, access: RECORD, summary: 'Begin to win a former customer back' },
  { path: 'win-backs/:winBackId/conclusion', command: 'ConcludeWinBack', fields: fieldsOf(WinBackConcluded), guarded: true, access: RECORD, summary: 'Conclude a win-back' },
  { path: 'goodbyes', command: 'RecordGoodbye', fields: fieldsOf(GoodbyeSaid), access: RECORD, summary: 'Record that the relationship was ended' },
  { path: 'relation-traits', command: 'RecordRelationTrait', fields: fieldsOf(RelationTraitRecorded), access: RECORD, summary: 'Record trust, commitment and other traits' },
  { path: 'co-creations', command: 'StartCoCreation', fields: fieldsOf(CoCreationStarted), access: RECORD, summary: 'Record that we began to make something together' },
  { path: 'co-creations/:projectId/contributions', command: 'RecordContribution', fields: fieldsOf(CoCreationContributed), access: RECORD, summary: 'Record what the customer put into a joint project' },
  { path: 'co-creations/:projectId/end', command: 'EndCoCreation', fields: fieldsOf(CoCreationEnded), access: RECORD, summary: 'Record what came of a joint project' },
  { path: 'model-evidence', command: 'NoteModelEvidence', fields: fieldsOf(ModelEvidenceNoted), access: RECORD, summary: 'Hand a model score to the rules' },
  { path: 'reviews', command: 'ReviewRelationship', fields: object({}), access: RECORD, summary: 'Apply what fell due by now' },
]; // prettier-ignore
