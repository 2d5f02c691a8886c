import { CampaignClosed, CampaignLaunched, CampaignPlanned } from '@rapport/contracts';
import { CATALOGUE } from '../customer/customer.access.js';
import { fieldsOf } from '../http/command-route.js';
import type { AggregateArea } from './aggregate.routes.js';

export const CAMPAIGN_AREA: AggregateArea = {
  category: 'campaign',
  collection: 'campaigns',
  area: 'campaigns',
  routes: [
  { path: '', command: 'PlanCampaign', fields: fieldsOf(CampaignPlanned), ownId: 'campaignId', access: CATALOGUE, summary: 'Plan a campaign with its hold-out group' },
  { path: ':campaignId/launch', command: 'LaunchCampaign', fields: fieldsOf(CampaignLaunched), guarded: true, access: CATALOGUE, summary: 'Launch a campaign: customers may be contacted' },
  { path: ':campaignId/closure', command: 'CloseCampaign', fields: fieldsOf(CampaignClosed), access: CATALOGUE, summary: 'Close a campaign, with what it cost besides its contacts' },
  ],
}; // prettier-ignore
