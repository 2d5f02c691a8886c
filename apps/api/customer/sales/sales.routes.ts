import { Type } from '@sinclair/typebox';
import {
  CHANNELS, LeadDisqualified, LeadIdentified, LeadQualified, OpportunityAdvanced, OpportunityLost, OpportunityOpened,
  OpportunityReopened, OpportunityRevised, OpportunityWon, schema,
} from '@rapport/contracts'; // prettier-ignore
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { RECORD } from '../customer.access.js';

const { code, object, oneOf, text } = schema;

const offer = object({
  offerId: code('id of the offer within the customer'),
  productId: code('product offered'),
  purpose: Type.Optional(oneOf(['retain', 'winBack'], 'asked for as a save offer or win-back; first, up- and cross-sell are derived')), // prettier-ignore
  channel: oneOf(CHANNELS, 'channel of the offer'),
  initiative: oneOf(['firm', 'customer'], 'who started it'),
  reason: Type.Optional(text('why this offer now', 200)),
});

const answer = object({
  offerId: code('the offer answered'),
  answer: oneOf(['accepted', 'declined'], 'what the customer said'),
  reasonCode: Type.Optional(code('why')),
});

export const SALES_ROUTES: readonly CommandRoute[] = [
  { path: 'leads', command: 'IdentifyLead', fields: fieldsOf(LeadIdentified), ownId: 'leadId', access: RECORD, summary: 'Record that somebody may be interested; somebody unknown is registered at contact' },
  { path: 'leads/:leadId/qualifications', command: 'QualifyLead', fields: fieldsOf(LeadQualified), access: RECORD, summary: 'Record that a lead is worth an opportunity' },
  { path: 'leads/:leadId/disqualifications', command: 'DisqualifyLead', fields: fieldsOf(LeadDisqualified), access: RECORD, summary: 'Record that a lead is not worth pursuing' },
  { path: 'opportunities', command: 'OpenOpportunity', fields: fieldsOf(OpportunityOpened, { optional: ['kind'] }), ownId: 'opportunityId', guarded: true, access: RECORD, summary: 'Open an opportunity; refused where the stage forbids our own initiative' },
  { path: 'opportunities/:opportunityId/advances', command: 'AdvanceOpportunity', fields: fieldsOf(OpportunityAdvanced, { omit: ['from'] }), guarded: true, access: RECORD, summary: 'Bring an opportunity one step further' },
  { path: 'opportunities/:opportunityId/revisions', command: 'ReviseOpportunity', fields: fieldsOf(OpportunityRevised), access: RECORD, summary: 'Revise what is expected of an open opportunity' },
  { path: 'opportunities/:opportunityId/reopenings', command: 'ReopenOpportunity', fields: fieldsOf(OpportunityReopened, { omit: ['at'] }), guarded: true, access: RECORD, summary: 'Pursue a lost opportunity again; refused where the stage forbids our own initiative' },
  { path: 'opportunities/:opportunityId/won', command: 'WinOpportunity', fields: fieldsOf(OpportunityWon), access: RECORD, summary: 'Record that an opportunity was won' },
  { path: 'opportunities/:opportunityId/lost', command: 'LoseOpportunity', fields: fieldsOf(OpportunityLost), access: RECORD, summary: 'Record that an opportunity was lost' },
  { path: 'offers', command: 'OfferProduct', fields: offer, ownId: 'offerId', guarded: true, access: RECORD, summary: 'Make an offer; refused where the stage forbids it' },
  { path: 'offers/:offerId/answers', command: 'RecordOfferAnswer', fields: answer, access: RECORD, summary: 'Record the answer to an offer' },
]; // prettier-ignore
