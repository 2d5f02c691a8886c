import { ContractCancelled, ContractRenewed, ContractSigned } from '@rapport/contracts';
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { RECORD } from '../customer.access.js';

export const CONTRACT_ROUTES: readonly CommandRoute[] = [
  { path: 'contracts', command: 'SignContract', fields: fieldsOf(ContractSigned), ownId: 'contractId', access: RECORD, summary: 'Record a signed contract' },
  { path: 'contracts/:contractId/renewals', command: 'RenewContract', fields: fieldsOf(ContractRenewed), access: RECORD, summary: 'Prolong a contract' },
  { path: 'contracts/:contractId/cancellations', command: 'CancelContract', fields: fieldsOf(ContractCancelled), access: RECORD, summary: 'Record notice on a contract' },
]; // prettier-ignore
