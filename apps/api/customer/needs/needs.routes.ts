import { Type } from '@sinclair/typebox';
import { NeedMet, NeedRecorded, NeedUnmet, schema } from '@rapport/contracts';
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { RECORD } from '../customer.access.js';

const { gapCode, bridge, note } = NeedUnmet.schema.properties;
const closed = schema.object({
  ...fieldsOf(NeedMet).properties,
  outcome: schema.oneOf(['met', 'unmet'], 'an unmet need may still be met later'),
  gapCode: Type.Optional(gapCode),
  bridge: Type.Optional(bridge),
  note,
});

export const NEED_ROUTES: readonly CommandRoute[] = [
  { path: 'needs', command: 'RecordNeed', fields: fieldsOf(NeedRecorded), ownId: 'needId', access: RECORD, summary: 'Record what the customer needs' },
  { path: 'needs/:needId/closure', command: 'CloseNeed', fields: closed, access: RECORD, summary: 'Record that a need is met, or what is missing and how the gap could be bridged' },
]; // prettier-ignore
