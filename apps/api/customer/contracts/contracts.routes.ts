import {
  ContractActivated, ContractAmended, ContractCancelled, ContractExpired, ContractRenewed, ContractSigned, ContractTerminated,
} from '@rapport/contracts'; // prettier-ignore
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { RECORD } from '../customer.access.js';

export const CONTRACT_ROUTES: readonly CommandRoute[] = [
  { path: 'contracts', command: 'SignContract', fields: fieldsOf(ContractSigned), ownId: 'contractId', access: RECORD, summary: 'Record a signed contract' },
  { path: 'contracts/:contractId/renewals', command: 'RenewContract', fields: fieldsOf(ContractRenewed), access: RECORD, summary: 'Prolong a contract' },
  { path: 'contracts/:contractId/cancellations', command: 'CancelContract', fields: fieldsOf(ContractCancelled), access: RECORD, summary: 'Record notice on a contract' },
  { path: 'contracts/:contractId/activation', command: 'ActivateContract', fields: fieldsOf(ContractActivated), access: RECORD, summary: 'Record that a signed contract began to run' },
  { path: 'contracts/:contractId/amendments', command: 'AmendContract', fields: fieldsOf(ContractAmended), access: RECORD, summary: 'Record changed terms of a contract' },
  { path: 'contracts/:contractId/expiry', command: 'ExpireContract', fields: fieldsOf(ContractExpired, { omit: ['effectiveDate', 'cause'] }), access: RECORD, summary: 'Let a contract end that reached its last day' },
  { path: 'contracts/:contractId/termination', command: 'TerminateContract', fields: fieldsOf(ContractTerminated), access: RECORD, summary: 'Record that a contract ended at once' },
]; // prettier-ignore
