import {
  DefaultCured, DefaultDeclared, FraudSignalCleared, FraudSignalConfirmed, FraudSignalRaised, InvoiceIssued, PaymentFailed, PaymentReceived,
  PurchaseRecorded, ReturnRecorded, ServiceCostRecorded, WalletShareReported, WrittenOff,
} from '@rapport/contracts'; // prettier-ignore
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { CORRECT, RECORD } from '../customer.access.js';

export const LEDGER_ROUTES: readonly CommandRoute[] = [
  { path: 'purchases', command: 'RecordPurchase', fields: fieldsOf(PurchaseRecorded), ownId: 'orderId', access: RECORD, summary: 'Record a purchase' },
  { path: 'returns', command: 'RecordReturn', fields: fieldsOf(ReturnRecorded), access: RECORD, summary: 'Record a return' },
  { path: 'invoices', command: 'IssueInvoice', fields: fieldsOf(InvoiceIssued), ownId: 'invoiceId', access: RECORD, summary: 'Record an invoice' },
  { path: 'payments', command: 'RecordPayment', fields: fieldsOf(PaymentReceived, { omit: ['daysLate'] }), access: RECORD, summary: 'Record a payment' },
  { path: 'payment-failures', command: 'RecordPaymentFailure', fields: fieldsOf(PaymentFailed), access: RECORD, summary: 'Record a payment that failed' },
  { path: 'defaults', command: 'DeclareDefault', fields: fieldsOf(DefaultDeclared), access: RECORD, summary: 'Declare a default' },
  { path: 'defaults/:invoiceId/cured', command: 'CureDefault', fields: fieldsOf(DefaultCured), access: RECORD, summary: 'Record that a default was made good' },
  { path: 'service-costs', command: 'RecordServiceCost', fields: fieldsOf(ServiceCostRecorded), access: RECORD, summary: 'Record what serving the customer cost' },
  { path: 'fraud-signals', command: 'RecordFraudSignal', fields: fieldsOf(FraudSignalRaised), ownId: 'signalId', access: RECORD, summary: 'Record a suspicion of fraud' },
  { path: 'fraud-signals/:signalId/cleared', command: 'ClearFraudSignal', fields: fieldsOf(FraudSignalCleared), access: RECORD, summary: 'Clear a suspicion of fraud' },
  { path: 'fraud-signals/:signalId/confirmed', command: 'ConfirmFraudSignal', fields: fieldsOf(FraudSignalConfirmed), access: CORRECT, summary: 'Confirm a suspicion of fraud' },
  { path: 'write-offs', command: 'WriteOff', fields: fieldsOf(WrittenOff), access: CORRECT, summary: 'Write off what is open on an invoice' },
  { path: 'wallet-shares', command: 'ReportWalletShare', fields: fieldsOf(WalletShareReported), access: RECORD, summary: 'Report what the customer spends in a category' },
]; // prettier-ignore
