import {
  CustomerDataExported, ErasureRequestClosed, ErasureRequested, ProcessingRestricted, RestrictionLifted,
} from '@rapport/contracts'; // prettier-ignore
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { CORRECT, ERASE, EXPORT } from '../customer.access.js';

export const PRIVACY_ROUTES: readonly CommandRoute[] = [
  { path: 'erasure-requests', command: 'RequestErasure', fields: fieldsOf(ErasureRequested, { omit: ['dueAt'] }), ownId: 'requestId', access: CORRECT, summary: 'Record that the person asked to be forgotten' },
  { path: 'erasure-requests/:requestId/closure', command: 'CloseErasureRequest', fields: fieldsOf(ErasureRequestClosed), access: ERASE, summary: 'Close a request to be forgotten: taken back, or declined by law' },
  { path: 'restrictions', command: 'RestrictProcessing', fields: fieldsOf(ProcessingRestricted), access: CORRECT, summary: 'Restrict the processing of the data' },
  { path: 'restrictions/:scope/lifting', command: 'LiftRestriction', fields: fieldsOf(RestrictionLifted), access: ERASE, summary: 'Lift a restriction of processing' },
]; // prettier-ignore

/** Not in a batch: the data is handed out with the answer. */
export const DATA_EXPORT: CommandRoute = {
  path: 'data-exports',
  command: 'ExportCustomerData',
  fields: fieldsOf(CustomerDataExported),
  ownId: 'exportId',
  access: EXPORT,
  summary: 'Hand out all data kept about the person, as JSON; recorded in their history',
};
