import {
  CaseAcknowledged, CaseClosed, CaseEscalated, CaseNoteAdded, CaseOpened, CaseReopened, CaseReplied, CaseResolved,
  CompensationOffered, ComplaintRaised, ResolutionAccepted,
} from '@rapport/contracts'; // prettier-ignore
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { RECORD } from '../customer.access.js';

export const SERVICE_ROUTES: readonly CommandRoute[] = [
  { path: 'cases', command: 'OpenCase', fields: fieldsOf(CaseOpened, { optional: ['slaDueAt'] }), ownId: 'caseId', access: RECORD, summary: 'Open a case' },
  { path: 'complaints', command: 'RaiseComplaint', fields: fieldsOf(ComplaintRaised, { optional: ['slaDueAt'] }), ownId: 'caseId', access: RECORD, summary: 'Record a complaint and open its case' },
  { path: 'cases/:caseId/acknowledgements', command: 'AcknowledgeCase', fields: fieldsOf(CaseAcknowledged, { omit: ['firstResponse', 'waitS'] }), access: RECORD, summary: 'Acknowledge a case' },
  { path: 'cases/:caseId/replies', command: 'ReplyToCase', fields: fieldsOf(CaseReplied, { omit: ['firstResponse', 'waitS'] }), access: RECORD, summary: 'Reply to a case' },
  { path: 'cases/:caseId/notes', command: 'AddCaseNote', fields: fieldsOf(CaseNoteAdded), access: RECORD, summary: 'Note something on a case' },
  { path: 'cases/:caseId/compensations', command: 'OfferCompensation', fields: fieldsOf(CompensationOffered), ownId: 'compensationId', access: RECORD, summary: 'Offer the customer a compensation, if possible as a choice' },
  { path: 'cases/:caseId/escalations', command: 'EscalateCase', fields: fieldsOf(CaseEscalated), access: RECORD, summary: 'Hand a case to a higher level' },
  { path: 'cases/:caseId/resolutions', command: 'ResolveCase', fields: fieldsOf(CaseResolved, { omit: ['resolutionS'] }), access: RECORD, summary: 'Consider a case solved' },
  { path: 'cases/:caseId/acceptances', command: 'AcceptResolution', fields: fieldsOf(ResolutionAccepted), access: RECORD, summary: 'Record that the customer accepted the resolution' },
  { path: 'cases/:caseId/reopenings', command: 'ReopenCase', fields: fieldsOf(CaseReopened), access: RECORD, summary: 'Reopen a case' },
  { path: 'cases/:caseId/closures', command: 'CloseCase', fields: fieldsOf(CaseClosed), access: RECORD, summary: 'Close a case' },
]; // prettier-ignore
