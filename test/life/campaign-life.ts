import type { ApiUnderTest } from '../../apps/api/specs/api-under-test.js';

const CUSTOMERS = 12;
const euro = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

/** A campaign from plan to sale: what chance seldom brings together, a launched campaign and a customer who agreed. */
export async function liveCampaign(
  api: ApiUnderTest,
  see: (command: string, status: number, body: { code?: string; errors?: unknown }) => void,
): Promise<void> {
  const ask = async (command: string, url: string, body: object): Promise<void> => {
    const answer = await api.post(`/v1/${url}`, body);
    see(command, answer.status, answer.body as { code?: string });
  };
  await ask('PlanCampaign', 'campaigns', { campaignId: 'life-spring', name: 'Spring', objective: 'acquire', targetRule: 'everybody who agreed', budget: euro(100_000), controlPct: 0 }); // prettier-ignore
  await ask('LaunchCampaign', 'campaigns/life-spring/launch', {});
  await ask('PlanCampaign', 'campaigns', { campaignId: 'life-halves', name: 'Halves', objective: 'acquire', targetRule: 'half of them', budget: euro(100_000), controlPct: 50 }); // prettier-ignore
  await ask('LaunchCampaign', 'campaigns/life-halves/launch', {});
  const agreed = async (name: string): Promise<string> => {
    const customer = `customers/life%2FcustomerNo:${name}`;
    await ask('GrantConsent', `${customer}/consents`, { decision: 'granted', purpose: 'marketing', channelScope: 'any', legalBasis: 'consent', textVersion: '1' }); // prettier-ignore
    return customer;
  };
  for (let n = 0; n < CUSTOMERS; n++) {
    const customer = await agreed(`C${n}`);
    const contact = { campaignId: 'life-spring', contactId: `c-${n}`, channel: 'email' };
    await ask('ContactForCampaign', `${customer}/campaign-contacts`, {
      ...contact,
      campaignId: 'nobodyPlannedIt',
    });
    await ask('ContactForCampaign', `${customer}/campaign-contacts`, { ...contact, cost: { amountMinor: 5, currency: 'USD' } }); // prettier-ignore
    await ask('ContactForCampaign', `${customer}/campaign-contacts`, { ...contact, cost: euro(5) });
    for (const outcome of ['delivered', 'opened', 'clicked', 'bounced', 'responded'])
      await ask('RecordCampaignResponse', `${customer}/campaign-responses`, {
        campaignId: 'life-spring',
        outcome,
      });
    await ask('RecordPurchase', `${customer}/purchases`, { orderId: `c-${n}`, total: euro(2_000) });
    await ask('RecordCampaignResponse', `${customer}/campaign-responses`, { campaignId: 'life-spring', outcome: 'optedOut' }); // prettier-ignore
  }
  // Half of everybody is left out: of a dozen, somebody always is.
  for (let n = 0; n < CUSTOMERS; n++) {
    const customer = await agreed(`H${n}`);
    await ask('ContactForCampaign', `${customer}/campaign-contacts`, { campaignId: 'life-halves', contactId: `h-${n}`, channel: 'email' }); // prettier-ignore
  }
}
