import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { customerIdFor, customerStreamId, EVENT_CONTRACTS, eventIdFor } from '@rapport/contracts';
import type { BatchItem } from '../../apps/cli/import/row-mapper.js';
import { runRapport } from '../support/rapport-process.js';
import { ServerFolder } from '../support/server-folder.js';

/** Letters no product text contains; each personal value carries it, in the form the field takes. */
const CANARY = 'Qxzwvjk';
const MAIL = `${CANARY}.person@example.com`.toLowerCase();
const PHONE = '+31970104455661';
const base = { sourceSystem: 'shop', channel: 'callCentre', occurredAt: '2026-02-01T10:00:00.000Z' };
const customer = 'customerNo:9001';

/** Every personal field that exists is written once; a new one that is missing here fails the second test. */
const items: readonly BatchItem[] = [
  {
    ...base, command: 'RegisterCustomer', customer, sourceEventId: '1', roles: ['customer'], displayName: `${CANARY} Person`,
    identifiers: [{ type: 'customerNo', value: '9001', sourceSystem: 'shop' }, { type: 'email', value: MAIL }, { type: 'phone', value: PHONE }],
  },
  {
    ...base, customer, command: 'CorrectCustomerDetails', sourceEventId: '2',
    changes: [
      { field: 'displayName', value: `${CANARY} Corrected`, source: 'callCentre', confidencePct: 90 },
      { field: 'address', value: `${CANARY}street 1`, source: 'callCentre', confidencePct: 90 },
      { field: 'note', value: `${CANARY} likes tea`, source: 'callCentre', confidencePct: 90 },
    ],
  },
  { ...base, customer, command: 'AddIdentifier', sourceEventId: '3', identifierId: 'mail-2', identifierType: 'email', value: `second.${MAIL}` },
  { ...base, customer, command: 'RemoveIdentifier', sourceEventId: '4', identifierType: 'email', value: `second.${MAIL}`, reason: `${CANARY} gave it up` },
  { ...base, customer, command: 'RecordProfileFact', sourceEventId: '5', category: 'taste', key: 'tea', value: `${CANARY} green`, source: 'survey', confidencePct: 50 },
  { ...base, customer, command: 'RecordTouchPoint', sourceEventId: '6', direction: 'in', kind: 'message', subject: `${CANARY} subject`, body: `${CANARY} body` },
  { ...base, customer, command: 'RecordSurveyResponse', sourceEventId: '7', instrument: 'NPS', score: 8, comment: `${CANARY} comment` },
  { ...base, customer, command: 'OpenCase', sourceEventId: '8', caseId: 'c-1', kind: 'question', severity: 3, subject: `${CANARY} case` },
  { ...base, customer, command: 'ReplyToCase', sourceEventId: '9', caseId: 'c-1', handlerId: 'agent-1', text: `${CANARY} reply` },
  { ...base, customer, command: 'RaiseComplaint', sourceEventId: '10', caseId: 'c-2', reasonCode: 'late', severity: 4, wanted: `${CANARY} wanted` },
  { ...base, customer, command: 'RecordPurchase', sourceEventId: '11', orderId: 'o-1', total: { amountMinor: 12_345, currency: 'EUR' } },
  { ...base, customer, command: 'RecordPreference', sourceEventId: '12', kind: 'time', key: 'visit', value: `${CANARY} mornings`, source: 'callCentre' },
  { ...base, customer, command: 'SetNeedLevel', sourceEventId: '13', level: 4, reason: `${CANARY} wants to be known` },
  { ...base, customer, command: 'SetNeedLevel', sourceEventId: 'q-1', level: 5, reason: `${CANARY} shows it` },
  { ...base, customer, command: 'DesignateStrategicAccount', sourceEventId: 'q-2', standing: 'candidate', sponsorId: 'board-1', reason: `${CANARY} shapes it with us` },
  { ...base, customer, command: 'WithdrawStrategicAccount', sourceEventId: 'q-3', reason: `${CANARY} moved on` },
  { ...base, customer, command: 'ChangeRoles', sourceEventId: 'q-4', added: ['partner'], reason: `${CANARY} sells for us` },
  { ...base, customer, command: 'AssignAccountManager', sourceEventId: '14', managerId: 'am-1', fromDate: '2026-01-01', basis: 'manual' },
  { ...base, customer, command: 'ReleaseAccountManager', sourceEventId: '15', managerId: 'am-1', reason: `${CANARY} asked for another` },
  { ...base, customer, command: 'GrantConsent', sourceEventId: '16', purpose: 'marketing', channelScope: 'email', legalBasis: 'consent', textVersion: '1' },
  { ...base, customer, command: 'RevokeConsent', sourceEventId: '17', purpose: 'marketing', channelScope: 'email', reason: `${CANARY} had enough` },
  { ...base, customer, command: 'EscalateCase', sourceEventId: '18', caseId: 'c-1', toHandlerId: 'lead-1', reason: `${CANARY} insists` },
  { ...base, customer, command: 'CorrectTouchPoint', sourceEventId: '19', targetEventId: eventIdFor(customerStreamId(customerIdFor('shop', 'customerNo:9001')), 's:shop:6', 'TouchPointRecorded', 0), changes: { sentiment: -20 }, reason: `${CANARY} was angry` },
  { ...base, customer, command: 'RequestErasure', sourceEventId: 'privacy-1', requestId: 'er-1', basis: 'objection', note: `${CANARY} wants to go` },
  { ...base, customer, command: 'CloseErasureRequest', sourceEventId: 'privacy-2', requestId: 'er-1', outcome: 'withdrawn', reasonCode: 'changedMind' },
  { ...base, customer, command: 'RestrictProcessing', sourceEventId: 'privacy-3', scope: 'all', basis: 'accuracyContested', reason: `${CANARY} says the address is wrong` },
  { ...base, customer, command: 'LiftRestriction', sourceEventId: 'privacy-4', scope: 'all', reasonCode: 'dataCorrected' },
  { ...base, customer, command: 'AddCaseNote', sourceEventId: '27', caseId: 'c-1', authorId: 'agent-1', text: `${CANARY} note` },
  { ...base, customer, command: 'RecordFraudSignal', sourceEventId: 'f30', signalId: 'f-1', ruleId: 'velocity', score: 10 },
  { ...base, customer, command: 'ConfirmFraudSignal', sourceEventId: 'f31', signalId: 'f-1', reason: `${CANARY} used two cards` },
  { ...base, customer, command: 'ClearFraudSignal', sourceEventId: 'f32', signalId: 'f-1' },
  { ...base, customer, command: 'RecordAdvocacy', sourceEventId: '20', kind: 'review', url: `https://reviews.example/${CANARY}` },
  { ...base, customer, command: 'AddCaseNote', sourceEventId: 'k-1', caseId: 'c-1', authorId: 'agent-1', text: `${CANARY} called twice` },
  { ...base, customer, command: 'OpenOpportunity', sourceEventId: 'o-1', opportunityId: 'op-1', kind: 'new', initiative: 'customer', expected: { amountMinor: 9_000, currency: 'EUR' }, probabilityPct: 50 },
  { ...base, customer, command: 'AdvanceOpportunity', sourceEventId: 'o-2', opportunityId: 'op-1', to: 'qualified', reason: `${CANARY} has the budget` },
  { ...base, customer, command: 'PlanActivity', sourceEventId: 'a-1', activityId: 'act-1', kind: 'call', dueAt: '2026-02-03T10:00:00.000Z', ownerId: 'am-1', subject: `${CANARY} wants a call` },
  { ...base, customer, command: 'CompleteActivity', sourceEventId: 'a-2', activityId: 'act-1', note: `${CANARY} was in` },
  { ...base, customer, command: 'RecordNeed', sourceEventId: 'n-1', needId: 'need-1', needCode: 'quiet', basis: 'stated', source: 'call', description: `${CANARY} sleeps late` },
  { ...base, customer, command: 'CloseNeed', sourceEventId: 'n-2', needId: 'need-1', outcome: 'unmet', gapCode: 'noQuietModel', bridge: 'newProduct', note: `${CANARY} will wait` },
  { ...base, customer, command: 'ReceiveExternalData', sourceEventId: 'x-1', agency: 'bureau', dataset: 'solvency', asOf: '2026-01-01', facts: [{ key: 'class', value: `${CANARY} B` }], licence: 'l-1' },
  { ...base, customer, command: 'StartCoCreation', sourceEventId: 'p-1', projectId: 'prj-1', role: 'betaTester' },
  { ...base, customer, command: 'RecordContribution', sourceEventId: 'p-2', projectId: 'prj-1', kind: 'idea', note: `${CANARY} drew it` },
  { ...base, customer, command: 'OfferProduct', sourceEventId: '21', offerId: 'of-1', productId: 'grinder-2', initiative: 'customer', reason: `${CANARY} asked for it` },
  { ...base, customer, command: 'RecordCampaignResponse', sourceEventId: '21c', campaignId: 'spring', outcome: 'responded', note: `${CANARY} liked it` },
  { ...base, customer, command: 'OverrideStage', sourceEventId: '22', to: 'deterioration', note: `${CANARY} sounded cold`, holdUntil: '2026-03-01T00:00:00.000Z' },
  { ...base, customer, command: 'StartRepair', sourceEventId: '23', repairId: 'r-1', ownerId: 'am-1', caseIds: ['c-2'], plan: `call ${CANARY}`, dueAt: '2026-02-10T00:00:00.000Z' },
  { ...base, customer, command: 'RecordGoodbye', sourceEventId: '24', reasonCode: 'customerLeft' },
  { ...base, customer, occurredAt: '2026-03-06T10:00:00.000Z', command: 'GrantConsent', sourceEventId: '26', purpose: 'marketing', channelScope: 'email', legalBasis: 'consent', textVersion: '1' },
  { ...base, customer, occurredAt: '2026-03-06T11:00:00.000Z', command: 'StartWinBack', sourceEventId: '25', winBackId: 'w-1', channel: 'email', reason: `${CANARY} may come back` },
]; // prettier-ignore

/** Forms in which a value might leak: as it is, in capitals or small letters, in UTF-16, encoded. */
function formsOf(text: string): { name: string; bytes: Buffer }[] {
  return [
    { name: 'plain', bytes: Buffer.from(text) },
    { name: 'small letters', bytes: Buffer.from(text.toLowerCase()) },
    { name: 'capitals', bytes: Buffer.from(text.toUpperCase()) },
    { name: 'UTF-16', bytes: Buffer.from(text, 'utf16le') },
    { name: 'hex', bytes: Buffer.from(Buffer.from(text).toString('hex')) },
    ...[0, 1, 2].map((shift) => ({
      name: `base64 at ${shift}`,
      // The part of the encoding that does not depend on what stands around it.
      bytes: Buffer.from(
        Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
          .toString('base64')
          .slice(shift === 0 ? 0 : 4, -4),
      ),
    })),
  ];
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

function leaksIn(folder: string): string[] {
  const needles = [CANARY, PHONE.slice(1), 'person@example.com'].flatMap((text) =>
    formsOf(text).map((form) => ({ text, ...form })),
  );
  return filesBelow(folder).flatMap((path) => {
    const content = readFileSync(path);
    return needles
      .filter(({ bytes }) => content.includes(bytes))
      .map(({ text, name }) => `${path.slice(folder.length + 1)}: ${text} (${name})`);
  });
}

describe('Personal values', () => {
  const folder = new ServerFolder('canary');
  /** Their own numbers find nobody once they are erased; our id still does. */
  let refPath: string;
  const client = folder.client();
  let token: string;

  beforeAll(async () => {
    await folder.start({ RAPPORT_LOG_LEVEL: 'trace' });
    const grinder = { productId: 'grinder-2', name: 'Grinder', family: 'grinder', tier: 2, kind: 'durable', listPrice: { amountMinor: 9_900, currency: 'EUR' } }; // prettier-ignore
    await client.post('/v1/products', grinder, { idempotencyKey: 'product-1' });
    const answer = await client.send(items);
    expect(answer.results.map(({ status, problem }) => problem ?? status)).toEqual(
      items.map(() => 'accepted'),
    );
    token = answer.token!;
    refPath = `/v1/customers/${answer.results[0]!.customerId}`;
    // Requests that fail carry personal values too: they must not reach the log either.
    await client.send([{ ...items[5]!, sourceEventId: '99', kind: `${CANARY} no such kind` }]);
    await client
      .get(`/v1/customers/${encodeURIComponent(`email:${CANARY}.nobody@example.com`)}`)
      .catch(() => undefined);
    await client.get('/v1/customers', { name: CANARY.slice(0, 4) });
  }, 180_000);
  afterAll(async () => {
    await client.close();
    await folder.remove();
  });

  it('are shown to who may see them', async () => {
    const page = await client.get<Record<string, unknown>>(refPath, { after: token });
    expect(JSON.stringify(page.data)).toContain(CANARY);
    const found = await client.get<{ rows: { customerId: string }[] }>('/v1/customers', {
      identifier: `email:${MAIL}`,
    });
    expect(found.data.rows).toHaveLength(1);
  });

  it('are all tried here: every personal field of the registry', () => {
    const isWritten = (commands: readonly string[], path: string): boolean =>
      items.some(
        (item) =>
          commands.includes(item['command'] as string) &&
          JSON.stringify(item[path] ?? null)
            .toLowerCase()
            .includes(CANARY.toLowerCase()),
      );
    // Chosen moves need months of evidence; their note is written like that of an override.
    const others = [...EVENT_CONTRACTS.values()].filter(({ type }) => type !== 'RelationshipStageChosen');
    const missing = others.flatMap((contract) =>
      contract.personal
        .map(({ path }) => path.split(/[.[]/)[0]!)
        .filter((field) => !isWritten(contract.emittedBy, field))
        .map((field) => `${contract.type}.${field}`),
    );
    expect(missing).toEqual([]);
  });

  it('stand in no file of the data folder, while the server runs', async () => {
    expect(filesBelow(folder.dataDir).map((path) => path.slice(folder.dataDir.length + 1))).toEqual(
      expect.arrayContaining(['events.db', 'events.db-wal', 'read-models.db']),
    );
    expect(leaksIn(folder.dataDir)).toEqual([]);
  });

  it('stand in no line of the process log, not even at its most talkative', () => {
    expect(folder.output.length).toBeGreaterThan(0);
    expect(folder.output).not.toContain(CANARY);
    expect(folder.output.toLowerCase()).not.toContain(CANARY.toLowerCase());
    expect(folder.output).not.toContain(PHONE.slice(1));
  });

  it('would be found if they stood there', () => {
    const text = Buffer.from(`x ${CANARY} y`);
    expect(
      formsOf(CANARY)
        .filter(({ bytes }) => text.includes(bytes))
        .map(({ name }) => name),
    ).toEqual(['plain']);
    for (const shift of [0, 1, 2]) {
      const encoded = Buffer.from(Buffer.concat([Buffer.alloc(shift), text]).toString('base64'));
      expect(
        formsOf(CANARY).some(({ name, bytes }) => name.startsWith('base64') && encoded.includes(bytes)),
      ).toBe(true);
    }
  });

  describe('of an erased customer', () => {
    beforeAll(async () => {
      const answer = await client.post<{ token: string }>(
        `${refPath}/erasure`,
        { basis: 'request', keptForLaw: ['invoices'], sourceSystem: 'shop' },
        { idempotencyKey: 'erase-9001' },
      );
      token = answer.token;
    });

    const readAll = async (): Promise<string> => {
      const answers = [
        await client.get(refPath, { after: token }),
        await client.get(`${refPath}/history`, { after: token, limit: 200 }),
        await client.get(`${refPath}/value`, { after: token }),
        await client.get(`${refPath}/risk`, { after: token }),
        await client.get(refPath, { asOf: '2026-02-02T00:00:00.000Z' }),
        await client.get('/v1/funnel', { after: token }),
      ];
      return JSON.stringify(answers);
    };

    it('are answered as erased by every read, figures stay', async () => {
      const text = await readAll();
      expect(text).not.toContain(CANARY);
      expect(text).toContain('"erased":true');
      expect(text).toContain('12345');
    });

    it('are found by nobody', async () => {
      for (const query of [
        { identifier: `email:${MAIL}` },
        { identifier: `phone:${PHONE}` },
        { name: CANARY },
      ]) {
        const found = await client.get<{ rows: unknown[] }>('/v1/customers', query);
        expect(found.data.rows).toEqual([]);
      }
    });

    it('stay erased after every read model is rebuilt, and nothing is in the way of it', async () => {
      const { stdout, stderr, exitCode } = await runRapport(folder, [
        'projections',
        'rebuild',
        'all',
        '--quiet',
        '--data',
        folder.dataDir,
      ]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(6);
      const text = await readAll();
      expect(text).not.toContain(CANARY);
      expect(text).toContain('12345');
      expect(leaksIn(folder.dataDir)).toEqual([]);
    }, 180_000);
  });
});
