import {
  AdvocacyRecorded, ExternalDataReceived, PromiseBroken, PromiseKept, PromiseMade, ReferralConverted, ReferralMade, SurveyResponded,
  TouchPointCorrected, TouchPointRecorded,
} from '@rapport/contracts'; // prettier-ignore
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { CORRECT, RECORD } from '../customer.access.js';

export const TOUCH_POINT_ROUTES: readonly CommandRoute[] = [
  { path: 'touch-points', command: 'RecordTouchPoint', fields: fieldsOf(TouchPointRecorded), access: RECORD, summary: 'Record a touch point' },
  { path: 'touch-point-corrections', command: 'CorrectTouchPoint', fields: fieldsOf(TouchPointCorrected, { omit: ['encounterId', 'original', 'productIds'] }), access: CORRECT, summary: 'Correct a touch point; the original stays' },
  { path: 'survey-responses', command: 'RecordSurveyResponse', fields: fieldsOf(SurveyResponded), access: RECORD, summary: 'Record an answer to a survey' },
  { path: 'referrals', command: 'RecordReferral', fields: fieldsOf(ReferralMade), ownId: 'referralId', access: RECORD, summary: 'Record that the customer recommended us' },
  { path: 'referrals/:referralId/conversions', command: 'ConvertReferral', fields: fieldsOf(ReferralConverted), access: RECORD, summary: 'Record that somebody the customer recommended us to bought' },
  { path: 'advocacies', command: 'RecordAdvocacy', fields: fieldsOf(AdvocacyRecorded), access: RECORD, summary: 'Record what the customer said in public' },
  { path: 'promises', command: 'MakePromise', fields: fieldsOf(PromiseMade), ownId: 'promiseId', access: RECORD, summary: 'Record a promise' },
  { path: 'promises/:promiseId/kept', command: 'KeepPromise', fields: fieldsOf(PromiseKept), access: RECORD, summary: 'Record that a promise was kept' },
  { path: 'promises/:promiseId/broken', command: 'BreakPromise', fields: fieldsOf(PromiseBroken), access: RECORD, summary: 'Record that a promise was broken' },
  { path: 'external-data', command: 'ReceiveExternalData', fields: fieldsOf(ExternalDataReceived), access: RECORD, summary: 'Record what an agency outside told us' },
]; // prettier-ignore
