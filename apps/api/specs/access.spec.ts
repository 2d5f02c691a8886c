import { ACCESS_ROLES, type AccessRole } from '@rapport/platform';
import { ApiUnderTest } from './api-under-test.js';

/** Who may call what; a route that is missing here fails the first test, one that is here but not there the second. */
const RECORD = ['service', 'rep', 'owner'];
const CORRECT = ['service', 'rep', 'steward', 'owner'];
const FIGURES = ['rep', 'analyst', 'steward', 'owner'];
const READ = ['service', 'rep', 'analyst', 'steward', 'owner'];
const RUN = ['analyst', 'owner'];
const CATALOGUE = ['service', 'steward', 'owner'];
const OPERATE = ['operations', 'owner'];
const PUBLIC = [...ACCESS_ROLES];

const record = (paths: string): string[] =>
  paths
    .trim()
    .split(/\s+/)
    .map((path) => `POST /v1/customers/:ref/${path}`);

const MATRIX: Readonly<Record<string, readonly string[]>> = {
  'POST /v1/customers': RECORD,
  'POST /v1/batch': CORRECT,
  ...Object.fromEntries(record(`corrections identifiers identifier-removals groups parties party-removals roles data-steward data-quality consents
    touch-point-corrections
    write-offs fraud-signals/:signalId/confirmed erasure-requests restrictions`).map((r) => [r, CORRECT])),
  ...Object.fromEntries(record(`
    account-manager account-manager-releases need-levels profile-facts preferences
    touch-points survey-responses referrals advocacies promises promises/:promiseId/kept promises/:promiseId/broken
    purchases returns invoices payments payment-failures defaults defaults/:invoiceId/cured service-costs fraud-signals fraud-signals/:signalId/cleared
    cases complaints cases/:caseId/acknowledgements cases/:caseId/replies cases/:caseId/escalations cases/:caseId/resolutions
    cases/:caseId/acceptances cases/:caseId/reopenings cases/:caseId/closures cases/:caseId/notes cases/:caseId/compensations
    contracts contracts/:contractId/renewals contracts/:contractId/cancellations contracts/:contractId/activation
    contracts/:contractId/amendments contracts/:contractId/expiry contracts/:contractId/termination wallet-shares
    leads leads/:leadId/qualifications leads/:leadId/disqualifications opportunities/:opportunityId/advances
    opportunities/:opportunityId/revisions opportunities/:opportunityId/reopenings
    campaign-contacts campaign-responses
    opportunities opportunities/:opportunityId/won opportunities/:opportunityId/lost offers offers/:offerId/answers
    stage-moves repairs repairs/:repairId/conclusion win-backs win-backs/:winBackId/conclusion goodbyes relation-traits co-creations
    model-evidence reviews
    co-creations/:projectId/contributions co-creations/:projectId/end referrals/:referralId/conversions external-data
    activities activities/:activityId/reschedulings activities/:activityId/completion activities/:activityId/cancellation
    needs needs/:needId/closure
    classifications classification-releases service-levels strategic-designations strategic-withdrawals
  `).map((r) => [r, RECORD])),
  'POST /v1/crm-goals/:scope/goals': CATALOGUE,
  'POST /v1/crm-goals/:scope/benchmarks': CATALOGUE,
  'POST /v1/crm-goals/:scope/measurements': CATALOGUE,
  'POST /v1/campaigns': CATALOGUE,
  'POST /v1/campaigns/:campaignId/launch': CATALOGUE,
  'POST /v1/campaigns/:campaignId/closure': CATALOGUE,
  'POST /v1/products': CATALOGUE,
  'POST /v1/products/:productId/revisions': CATALOGUE,
  'POST /v1/customers/:ref/stage-overrides': ['steward', 'owner'],
  ...Object.fromEntries(record('erasure-requests/:requestId/closure restrictions/:scope/lifting data-exports').map((r) => [r, ['steward', 'owner']])),
  'POST /v1/customers/:ref/erasure': ['steward', 'owner'],
  'GET /v1/customers': ['service', 'rep', 'steward', 'owner'],
  'GET /v1/customers/:ref': READ,
  'GET /v1/customers/:ref/history': READ,
  'GET /v1/customers/:ref/decisions': READ,
  'GET /v1/customers/:ref/decisions/:eventId': READ,
  'GET /v1/customers/:ref/merge-preview': READ,
  'GET /v1/customers/:ref/unmerge-preview': READ,
  'GET /v1/identity/candidates': ['service', 'steward', 'owner'],
  'POST /v1/identity/merges': ['service', 'steward', 'owner'],
  'POST /v1/identity/unmerges': ['service', 'steward', 'owner'],
  'POST /v1/identity/match-proposals': ['service', 'steward', 'owner'],
  'POST /v1/identity/match-rejections': ['service', 'steward', 'owner'],
  'POST /v1/rule-books': ['steward', 'owner'],
  'POST /v1/account-managers/:managerId/hand-overs': ['service', 'steward', 'owner'],
  'GET /v1/rule-books': READ,
  'GET /v1/rule-books/:version': READ,
  'GET /v1/customers/:ref/next-best-action': READ,
  'GET /v1/customers/:ref/value': FIGURES,
  'GET /v1/customers/:ref/risk': FIGURES,
  'GET /v1/lists/by-stage': FIGURES,
  'GET /v1/lists/by-risk': FIGURES,
  'GET /v1/funnel': FIGURES,
  'GET /v1/read-models/customer-360/customer': READ,
  'GET /v1/read-models/contact-history/history': READ,
  'GET /v1/read-models/*': FIGURES,
  'GET /v1/models': FIGURES,
  'GET /v1/models/:name': FIGURES,
  'POST /v1/models/:name/fits': RUN,
  'POST /v1/scoring-runs': RUN,
  'GET /v1/operations/projections': OPERATE,
  'GET /v1/operations/projections/:name': OPERATE,
  'POST /v1/operations/projections/:name/rebuilds': OPERATE,
  'GET /v1/operations/projections/:name/rebuilds/current': OPERATE,
  'DELETE /v1/operations/projections/:name/rebuilds/current': OPERATE,
  'POST /v1/operations/projections/:name/rollbacks': OPERATE,
  'GET /v1/operations/processes': OPERATE,
  'GET /v1/operations/processes/:name': OPERATE,
  'POST /v1/operations/processes/:name/retries': OPERATE,
  'POST /v1/processes/:processId/starts': ['steward', 'owner'],
  'POST /v1/processes/:processId/stops': ['steward', 'owner'],
  'DELETE /v1/operations/projections/:name/generations/previous': OPERATE,
  'GET /v1/operations/parked': OPERATE,
  'POST /v1/operations/parked/retries': OPERATE,
  'GET /health/live': PUBLIC,
  'GET /health/ready': PUBLIC,
  'GET /metrics': PUBLIC,
  'GET /docs': PUBLIC,
  'GET /docs/openapi.json': PUBLIC,
  'GET /docs/assets/:name': PUBLIC,
}; // prettier-ignore

const rowOf = (route: string): readonly string[] | undefined =>
  MATRIX[route] ?? (route.startsWith('GET /v1/read-models/') ? MATRIX['GET /v1/read-models/*'] : undefined);

describe('Access', () => {
  let api: ApiUnderTest;
  let routes: string[];
  const tokens = new Map<AccessRole, string>();
  beforeAll(async () => {
    api = await ApiUnderTest.start();
    routes = [...new Set(api.api.routes.all().filter(({ method }) => method !== 'HEAD').map(({ method, url }) => `${method} ${url}`))]; // prettier-ignore
    for (const role of ACCESS_ROLES) tokens.set(role, await api.tokenOf(role));
  });
  afterAll(() => api.stop());

  const ask = (route: string, headers: Record<string, string>) => {
    const [method, url] = route.split(' ') as [string, string];
    const path = url.replaceAll(/:(\w+)/g, (_, name: string) => (name === 'ref' ? 'email:nobody@example.com' : 'x-1'));
    return api.raw(method, path, {
      headers: { ...headers, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) },
      ...(method === 'POST' ? { payload: '{}' } : {}),
    });
  }; // prettier-ignore

  it('is declared for every route of the server', () => {
    expect(routes.filter((route) => !rowOf(route))).toEqual([]);
  });

  it('is declared for no route that the server does not have', () => {
    expect(Object.keys(MATRIX).filter((route) => !route.endsWith('*') && !routes.includes(route))).toEqual(
      [],
    );
  });

  it.each(ACCESS_ROLES.map((role) => [role]))('lets %s call exactly its routes', async (role) => {
    const wrong: string[] = [];
    for (const route of routes) {
      const { status, body } = await ask(route, { authorization: `Bearer ${tokens.get(role)!}` });
      const may = rowOf(route)?.includes(role) === true;
      if (status === 401 || (status === 403) === may)
        wrong.push(`${route} answered ${status} ${body.code ?? ''}`);
    }
    expect(wrong).toEqual([]);
  });

  it('lets nobody in without a token, save where nothing about customers is said', async () => {
    const open: string[] = [];
    for (const route of routes) if ((await ask(route, {})).status !== 401) open.push(route);
    expect(open.sort()).toEqual(Object.keys(MATRIX).filter((route) => MATRIX[route] === PUBLIC).sort()); // prettier-ignore
  });

  it('needs the scope as well as the role', async () => {
    const narrow = await api.tokenOf('rep', ['figures:read']);
    const { status } = await ask('POST /v1/customers/:ref/purchases', { authorization: `Bearer ${narrow}` });
    expect(status).toBe(403);
  });

  it('ends when the token expires', async () => {
    const { AccessTokens, readTokenSecret } = await import('@rapport/platform');
    const past = new AccessTokens(readTokenSecret(api.runtime.folder), { nowMs: () => Date.now() - 3_600_000, monotonicMs: () => 0 }); // prettier-ignore
    const token = await past.mint({ subject: 'x', roles: ['owner'], expiresInS: 60 });
    expect((await ask('GET /v1/funnel', { authorization: `Bearer ${token}` })).status).toBe(401);
  });

  it('hides personal values from analysts, and items of a batch from those who may not write them', async () => {
    await api.record('/v1/customers/email:canary@example.com/touch-points', { direction: 'in', kind: 'call', subject: 'canary subject' }); // prettier-ignore
    await api.runtime.catchUp(5_000);
    const seen = async (role: AccessRole): Promise<string> =>
      JSON.stringify((await api.get('/v1/customers/email:canary@example.com/history', { authorization: `Bearer ${tokens.get(role)!}` })).body); // prettier-ignore
    expect(await seen('rep')).toContain('canary subject');
    expect(await seen('analyst')).not.toContain('canary subject');
    expect(await seen('analyst')).toContain('"masked":true');
    const erase = { command: 'EraseCustomer', customer: 'email:canary@example.com', sourceEventId: 'e-1', basis: 'request' }; // prettier-ignore
    const batch = await api.post(
      '/v1/batch',
      { items: [erase] },
      { authorization: `Bearer ${tokens.get('rep')!}` },
    );
    expect(batch.body.results[0]).toMatchObject({ status: 'invalid', problem: { code: 'FORBIDDEN' } });
  });
});
