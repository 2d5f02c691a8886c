import { Type } from '@sinclair/typebox';
import { CampaignContactSent, CampaignResponded, CHANNELS, schema } from '@rapport/contracts';
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { RECORD } from '../customer.access.js';

const { code, object, oneOf, text } = schema;

const response = object({
  campaignId: code('id of the campaign'),
  outcome: oneOf(['delivered', 'opened', 'clicked', 'bounced', 'responded', 'optedOut'], 'what became of the contact, or what the customer did'),
  responseKind: Type.Optional(code('what the customer did: enquiry, order, visit, refusal; default response')),
  value: Type.Optional(CampaignResponded.schema.properties.value),
  note: Type.Optional(text('what the customer said', 2_000)),
  reasonCode: Type.Optional(code('why it bounced')),
  channel: Type.Optional(oneOf(CHANNELS, 'where nobody was contacted: the channel it came by')),
}); // prettier-ignore

export const MARKETING_ROUTES: readonly CommandRoute[] = [
  { path: 'campaign-contacts', command: 'ContactForCampaign', fields: fieldsOf(CampaignContactSent, { omit: ['variant', 'purpose', 'currency', 'attributionDays'] }), ownId: 'contactId', guarded: true, access: RECORD, summary: 'Contact the customer for a campaign; refused without consent, where the stage forbids it, and for the hold-out group' },
  { path: 'campaign-responses', command: 'RecordCampaignResponse', fields: response, access: RECORD, summary: 'Record what became of a contact or what the customer did; an opt-out revokes the consent' },
]; // prettier-ignore
