import { gzipSync } from 'node:zlib';
import { ApiUnderTest, type Answer } from './api-under-test.js';

const PURCHASE = { orderId: 'o-1', total: { amountMinor: 100, currency: 'EUR' } };
const TOUCH = { direction: 'in', kind: 'call' };
const PURCHASES = '/v1/customers/shop%2FcustomerNo:1/purchases';
const TOUCHES = '/v1/customers/shop%2FcustomerNo:1/touch-points';

/** What every refusal looks like, from whatever layer. */
function expectProblem({ status, headers, body }: Answer, expected: number, code: string): void {
  expect({ status, code: body.code }).toEqual({ status: expected, code });
  expect(headers['content-type']).toContain('application/problem+json');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(body).toEqual(
    expect.objectContaining({
      type: `/problems/${code.toLowerCase().replaceAll('_', '-')}`,
      title: expect.any(String),
      status: expected,
      detail: expect.any(String),
      instance: expect.stringMatching(/^[0-9a-f-]{36}/),
    }),
  );
  expect(JSON.stringify(body)).not.toMatch(/node_modules|at \w+ \(|SQLITE|ECONN/);
}

describe('Bad input', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
  });
  afterAll(async () => {
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    await api.stop();
  });

  describe('as JSON', () => {
    it.each([
      ['empty', '', 400, 'MALFORMED_JSON'],
      ['truncated', '{"orderId":', 400, 'MALFORMED_JSON'],
      ['with a byte order mark', `\ufeff${JSON.stringify(PURCHASE)}`, 400, 'MALFORMED_JSON'],
      ['with NaN', '{"orderId":NaN}', 400, 'MALFORMED_JSON'],
      ['with 1e400', '{"total":{"amountMinor":1e400,"currency":"EUR"}}', 400, 'MALFORMED_JSON'],
      ['with a lone surrogate', '{"orderId":"\\ud800"}', 400, 'MALFORMED_JSON'],
      ['with NUL', '{"orderId":"a\\u0000b"}', 400, 'MALFORMED_JSON'],
      ['with duplicate names', '{"orderId":"a","orderId":"b"}', 400, 'MALFORMED_JSON'],
      ['ten thousand levels deep', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 400, 'MALFORMED_JSON'],
      ['33 levels deep', `{"a":${'['.repeat(32)}${']'.repeat(32)}}`, 400, 'MALFORMED_JSON'],
      [
        'a million names',
        `{${Array.from({ length: 1_000_000 }, (_, i) => `"a${i}":1`).join(',')}}`,
        413,
        'PAYLOAD_TOO_LARGE',
      ],
      ['a list', '[]', 422, 'INVALID_VALUE'],
      ['a number', '1', 422, 'INVALID_VALUE'],
      ['null', 'null', 422, 'INVALID_VALUE'],
      ['a string of 10 MB', JSON.stringify({ subject: 'x'.repeat(10_000_000) }), 413, 'PAYLOAD_TOO_LARGE'],
    ])('%s is refused', async (_, payload, status, code) => {
      expectProblem(await api.post(PURCHASES, payload), status, code);
    });

    it('in another charset is refused', async () => {
      const answer = await api.post(PURCHASES, PURCHASE, {
        'content-type': 'application/json; charset=latin1',
      });
      expectProblem(answer, 415, 'UNSUPPORTED_MEDIA_TYPE');
      const bytes = Buffer.from('{"orderId":"caf\xe9"}', 'latin1');
      expectProblem(await api.post(PURCHASES, bytes), 400, 'MALFORMED_JSON');
    });
  });

  describe('by content type and method', () => {
    it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'application/json-patch+json', ''])(
      'refuses %j',
      async (type) => {
        expectProblem(await api.post(PURCHASES, JSON.stringify(PURCHASE), { 'content-type': type }), 415, 'UNSUPPORTED_MEDIA_TYPE');
      },
    ); // prettier-ignore

    it('refuses a compressed body before it is unpacked', async () => {
      const answer = await api.raw('POST', PURCHASES, {
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        payload: gzipSync(Buffer.alloc(10_000_000)),
      });
      expectProblem(answer, 415, 'UNSUPPORTED_MEDIA_TYPE');
    });

    it.each([
      ['PUT', PURCHASES, 'POST'],
      ['PATCH', '/v1/funnel', 'GET, HEAD'],
      ['DELETE', '/v1/customers/x', 'GET, HEAD'],
      ['GET', PURCHASES, 'POST'],
      ['OPTIONS', '/v1/funnel', 'GET, HEAD'],
      ['TRACE', '/v1/funnel', 'GET, HEAD'],
    ])('answers %s %s with the methods that are allowed', async (method, url, allow) => {
      const answer = await api.raw(method, url);
      expectProblem(answer, 405, 'METHOD_NOT_ALLOWED');
      expect(answer.headers['allow']).toBe(allow);
    });

    it.each(['/v2/customers', '/v1/nothing', '/../etc/passwd', '/v1/customers/x/y/z/w'])('answers %s with 404', async (url) => {
      expectProblem(await api.get(url), 404, 'ROUTE_NOT_FOUND');
    }); // prettier-ignore

    it('names the routes that begin as an unknown one does', async () => {
      expect((await api.get('/v1/read-models/relationship-funnel')).body.routes).toContain(
        'GET /v1/read-models/relationship-funnel/by-stage',
      );
      expect((await api.post('/v1/customers/x/opportunities/o/advance', {})).body.routes).toContain(
        'POST /v1/customers/{ref}/opportunities/{opportunityId}/advances',
      );
      expect((await api.get('/v1/nothing')).body).not.toHaveProperty('routes');
    });

    it('answers a malformed address with a problem', async () => {
      expectProblem(await api.get('/v1/customers/%zz'), 400, 'MALFORMED_REQUEST');
      expectProblem(await api.get(`/v1/customers/${'x'.repeat(2_000)}`), 422, 'INVALID_VALUE');
    });

    it('answers HEAD as GET without a body', async () => {
      const answer = await api.raw('HEAD', '/health/live');
      expect(answer.status).toBe(200);
      expect(answer.body).toBe('');
    });
  });

  it('says of a write with parameters that they are not heard', async () => {
    const before = (await api.get('/v1/operations/projections')).body.data[0].head;
    for (const url of [`${TOUCHES}?dryRun=true`, '/v1/batch?dryRun=true', '/v1/customers?__proto__[x]=1', '/v1/scoring-runs?asOf=2026-01-01T00:00:00Z'])
      expectProblem(await api.post(url, TOUCH), 422, 'UNKNOWN_PROPERTY');
    expect((await api.get('/v1/operations/projections')).body.data[0].head).toBe(before);
  }); // prettier-ignore

  it('knows no route by a slash too many', async () => {
    expectProblem(await api.get('/v1/funnel/'), 404, 'ROUTE_NOT_FOUND');
  });

  describe('that reaches for prototypes', () => {
    it.each([
      '{"__proto__":{"polluted":true}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      '{"orderId":"a","total":{"__proto__":{"polluted":true},"amountMinor":1,"currency":"EUR"}}',
    ])('is refused: %s', async (payload) => {
      expectProblem(await api.post(PURCHASES, payload), 422, 'UNKNOWN_PROPERTY');
    });

    it.each(['a[__proto__][x]=1', '__proto__=1', 'constructor[prototype][x]=1'])('is refused in the query: %s', async (query) => {
      expectProblem(await api.get(`/v1/funnel?${query}`), 422, 'UNKNOWN_PROPERTY');
    }); // prettier-ignore

    it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('finds nothing under the name %s', async (name) => {
      expectProblem(await api.get(`/v1/models/${name}`), 404, 'NOT_FOUND');
      expectProblem(await api.get(`/v1/operations/projections/${name}`), 404, 'UNKNOWN_PROJECTION');
      expectProblem(await api.get(`/docs/assets/${name}`), 404, 'NOT_FOUND');
      const answer = await api.post('/v1/batch', { items: [{ command: name, customer: 'email:a@b.c', sourceEventId: '1' }] });
      expect(answer.body.results[0]).toMatchObject({ status: 'invalid', problem: { code: 'INVALID_VALUE' } });
    }); // prettier-ignore
  });

  it('names every property that is not ours to set', async () => {
    const answer = await api.post(PURCHASES, { ...PURCHASE, tenantId: 'x', role: 'owner', revision: 7, recordedAt: '2026-01-01T00:00:00Z', lifetimeValue: 1 }); // prettier-ignore
    expectProblem(answer, 422, 'UNKNOWN_PROPERTY');
    expect(answer.body.errors.map((e: { pointer: string }) => e.pointer).sort()).toEqual(['/lifetimeValue', '/recordedAt', '/revision', '/role', '/tenantId']); // prettier-ignore
  });

  describe('with operators', () => {
    it.each([
      { ...PURCHASE, orderId: { $gt: '' } },
      { ...PURCHASE, orderId: { $where: 'sleep(1)' } },
      { ...PURCHASE, '$or.x': 1 },
      { ...PURCHASE, total: { amountMinor: { $ne: 0 }, currency: 'EUR' } },
    ])('is refused: %j', async (body) => {
      const answer = await api.post(PURCHASES, body);
      expect([422, answer.body.code]).toEqual([
        answer.status,
        expect.stringMatching(/INVALID_VALUE|UNKNOWN_PROPERTY/),
      ]);
    });

    it('is refused in queries', async () => {
      expectProblem(await api.get('/v1/lists/by-stage?stage[$ne]=contact'), 422, 'INVALID_VALUE');
      expectProblem(await api.get('/v1/lists/by-stage?stage=contact&stage=intimacy'), 422, 'INVALID_VALUE');
      expectProblem(await api.get('/v1/lists/by-stage?stage=(a%2B)%2B$'), 422, 'INVALID_VALUE');
    });
  });

  describe('in ids', () => {
    it.each(['..', '%2e%2e', '%2F', '%00', '$all', '$ce-x', 'customer-1', 'email:', 'email:%20', 'nothing:1', 'email:a%0d%0ab', 'email:a%E2%80%AEb', 'email:a%E2%80%8Bb', 'shop%2Femail:a@b.c', `email:${'x'.repeat(400)}`])(
      'a customer called %s is refused',
      async (ref) => {
        const { status, body } = await api.get(`/v1/customers/${ref}`);
        expect([404, 422]).toContain(status);
        expect(['INVALID_VALUE', 'ROUTE_NOT_FOUND']).toContain(body.code);
      },
    ); // prettier-ignore

    it.each(['..', 'a b', 'a\u202eb', 'a\u200bb', 'a/b', '$all', 'x'.repeat(101), 'naïve', 'e\u0301', ''])('an order id %j is refused', async (orderId) => {
      expectProblem(await api.post(PURCHASES, { ...PURCHASE, orderId }), 422, 'INVALID_VALUE');
    }); // prettier-ignore

    it.each(['a%20b', '%2e%2e', 'a%E2%80%AEb', '%24all'])(
      'a case id %s in the path is refused',
      async (caseId) => {
        const answer = await api.post(`/v1/customers/shop%2FcustomerNo:1/cases/${caseId}/closures`, {});
        expect([404, 422]).toContain(answer.status);
      },
    );

    it('a field taken from the path is not known in the body', async () => {
      const answer = await api.post('/v1/customers/shop%2FcustomerNo:1/cases/c-1/closures', {
        caseId: 'c-2',
      });
      expectProblem(answer, 422, 'UNKNOWN_PROPERTY');
    });

    it('spellings of an e-mail address that mean the same are one customer', async () => {
      const first = await api.record('/v1/customers/email:Zo%C3%AB@example.com/touch-points', TOUCH);
      const second = await api.record('/v1/customers/email:zoe%CC%88@EXAMPLE.com/touch-points', TOUCH);
      expect(second.body.customerId).toBe(first.body.customerId);
    });
  });

  describe('in text', () => {
    it.each(['\u202eoverride', 'zero\u200bwidth', 'pv1.a.b.c.d.e', 'bell\u0007', 'x'.repeat(4_001)])('refuses %j', async (subject) => {
      expectProblem(await api.post(TOUCHES, { ...TOUCH, subject }), 422, 'INVALID_VALUE');
    }); // prettier-ignore

    it('keeps emoji, combining characters and line breaks', async () => {
      const subject = 'Zoë e\u0301 👩‍👩‍👧\nsecond line';
      await api.record('/v1/customers/email:text@example.com/touch-points', { ...TOUCH, subject });
      const { body } = await api.get('/v1/customers/email:text@example.com/history');
      expect(body.data.rows.find((row: { type: string }) => row.type === 'TouchPointRecorded').details.subject).toBe(subject); // prettier-ignore
    });
  });

  describe('in numbers and money', () => {
    it.each([
      ['a fraction of a cent', 1.5],
      ['minus zero', -0],
      ['2^53+1', '9007199254740993'],
      ['a negative amount', -1],
      ['1e21', 1e21],
      ['a text', '"100"'],
      ['null', null],
    ])('refuses %s', async (_, amountMinor) => {
      const text = Object.is(amountMinor, -0) ? '-0' : String(amountMinor);
      const answer = await api.post(PURCHASES, `{"total":{"amountMinor":${text},"currency":"EUR"}}`);
      expectProblem(answer, 422, 'INVALID_VALUE');
      expect(answer.body.errors[0].pointer).toBe('/total/amountMinor');
    });

    it.each(['eur', 'EURO', 'XXQ', '', '€', 'EU'])('refuses the currency %j', async (currency) => {
      expectProblem(await api.post(PURCHASES, { total: { amountMinor: 1, currency } }), 422, 'INVALID_VALUE');
    });
  });

  describe('in dates', () => {
    it.each(['9999-01-01T00:00:00Z', '2026-01-01T00:00:00', '2026-02-30T00:00:00Z', '1899-12-31T23:59:59Z', '2026-01-01', 'yesterday', '', '2026-01-01T24:00:01Z', '1e3', '+275760-09-13T00:00:00Z'])(
      'refuses occurredAt %j',
      async (occurredAt) => {
        expectProblem(await api.post(TOUCHES, { ...TOUCH, occurredAt }), 422, 'INVALID_VALUE');
      },
    ); // prettier-ignore

    it('refuses what has not happened yet, but a clock may run five minutes ahead', async () => {
      const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
      expectProblem(
        await api.post(TOUCHES, { ...TOUCH, occurredAt: inMinutes(6) }),
        422,
        'OCCURRED_IN_FUTURE',
      );
      await api.record(TOUCHES, { ...TOUCH, occurredAt: inMinutes(4) });
    });

    it.each(['asOf=2026-02-30T00:00:00Z', 'asOf=9999-01-01T00:00:00Z', 'asOf=', 'knownAt=soon', 'knownAt=-1', 'knownAt=1e3'])(
      'refuses the query %s',
      async (query) => {
        expectProblem(await api.get(`/v1/funnel?${query}`), 422, 'INVALID_VALUE');
      },
    ); // prettier-ignore

    it('refuses a position that the log has not come to', async () => {
      expectProblem(await api.get('/v1/funnel?knownAt=999999999'), 422, 'POSITION_BEYOND_HEAD');
      expectProblem(await api.get('/v1/funnel?after=0:999999999'), 422, 'POSITION_BEYOND_HEAD');
      expectProblem(await api.get('/v1/funnel?after=7:1'), 422, 'POSITION_BEYOND_HEAD');
    });
  });

  describe('in keys', () => {
    const without = { 'idempotency-key': '' };
    it('needs one for every write', async () => {
      const { 'idempotency-key': _, ...headers } = { 'idempotency-key': '', authorization: `Bearer ${await api.tokenOf('owner')}`, 'content-type': 'application/json' }; // prettier-ignore
      const answer = await api.raw('POST', TOUCHES, { headers, payload: JSON.stringify(TOUCH) });
      expectProblem(answer, 400, 'MISSING_IDEMPOTENCY_KEY');
      const fit = await api.raw('POST', '/v1/models/mbgNbd/fits', { headers, payload: '{}' });
      expectProblem(fit, 400, 'MISSING_IDEMPOTENCY_KEY');
    });

    it.each([['empty', ''], ['longer than 255 characters', 'k'.repeat(256)], ['a list', 'a, b'], ['not ASCII', 'schlüssel']])(
      'refuses one that is %s',
      async (_, key) => {
        expectProblem(await api.post(TOUCHES, TOUCH, { ...without, 'idempotency-key': key }), 400, 'BAD_IDEMPOTENCY_KEY');
      },
    ); // prettier-ignore

    it('refuses one that was used for another body', async () => {
      await api.record(TOUCHES, TOUCH, { 'idempotency-key': 'reused' });
      expectProblem(await api.post(TOUCHES, { ...TOUCH, kind: 'visit' }, { 'idempotency-key': 'reused' }), 422, 'KEY_REUSED'); // prettier-ignore
    });

    it('tells a second sender to wait while the first is served', async () => {
      const send = (): Promise<Answer> => api.post(TOUCHES, TOUCH, { 'idempotency-key': 'at once' });
      const answers = await Promise.all([send(), send()]);
      const [first, second] = answers.sort((a, b) => a.status - b.status);
      expect(first!.status).toBe(201);
      expectProblem(second!, 409, 'IN_PROGRESS');
      expect(second!.headers['retry-after']).toBe('1');
      expect((await send()).body).toMatchObject({ replayed: true, eventIds: first!.body.eventIds });
    });

    it.each([['x'.repeat(201)], ['a b'], ['a\r\nb'], ['']])(
      'refuses the sourceEventId %j',
      async (sourceEventId) => {
        expectProblem(await api.post(TOUCHES, { ...TOUCH, sourceEventId }), 422, 'INVALID_VALUE');
      },
    );
  });

  describe('in pages', () => {
    it.each(['limit=-1', 'limit=0', 'limit=201', 'limit=1000000000', 'limit=1e1', 'limit=x', 'limit=', 'limit=1.5'])('refuses %s', async (query) => {
      expectProblem(await api.get(`/v1/lists/by-stage?stage=contact&${query}`), 422, 'INVALID_VALUE');
    }); // prettier-ignore

    it('refuses a cursor it did not make for this list', async () => {
      for (const n of [1, 2])
        await api.record(`/v1/customers/email:page${n}@example.com/touch-points`, TOUCH);
      await api.runtime.catchUp(5_000);
      const page = await api.get('/v1/lists/by-stage?stage=contact&limit=1');
      const { next } = page.body.meta;
      expect((await api.get(`/v1/lists/by-stage?stage=contact&limit=1&cursor=${next}`)).status).toBe(200);
      const forged = `${Buffer.from('{"values":[0],"key":"x"}').toString('base64url')}.${String(next).split('.')[1]}`;
      for (const cursor of [forged, 'x', 'a.b.c', '', `${next}x`, next.slice(0, -1)])
        expectProblem(await api.get(`/v1/lists/by-stage?stage=contact&cursor=${cursor}`), 422, 'BAD_CURSOR');
      expectProblem(await api.get(`/v1/lists/by-stage?stage=intimacy&cursor=${next}`), 422, 'BAD_CURSOR');
      expectProblem(await api.get(`/v1/customers?name=ada&cursor=${next}`), 422, 'BAD_CURSOR');
    });
  });

  describe('in tokens', () => {
    it.each([
      ['none', undefined],
      ['of another scheme', 'Basic bG9jYWw6eA=='],
      ['without signature', `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"x","roles":["owner"],"scopes":["*"],"aud":"rapport","iss":"rapport","exp":9999999999}').toString('base64url')}.`],
      ['that is no token', 'Bearer x'],
      ['of 10,000 characters', `Bearer ${'x'.repeat(10_000)}`],
    ])('refuses one that is %s', async (_, authorization) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const answer = await api.raw('GET', '/v1/funnel', { headers });
      expectProblem(answer, 401, 'UNAUTHENTICATED');
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    }); // prettier-ignore

    it('refuses a body of an unknown caller without reading it', async () => {
      const answer = await api.raw('POST', TOUCHES, { headers: { 'content-type': 'application/json' }, payload: '{' }); // prettier-ignore
      expectProblem(answer, 401, 'UNAUTHENTICATED');
    });
  });

  describe('in batches', () => {
    it('is answered item by item', async () => {
      const answer = await api.post('/v1/batch', {
        items: [
          { command: 'RecordTouchPoint', customer: 'email:batch@example.com', ...TOUCH },
          { command: 'RecordTouchPoint', customer: 'email:batch@example.com', sourceEventId: 'b-1', ...TOUCH, body: 'x'.repeat(70_000) },
          { command: 'RecordTouchPoint', customer: 'nobody', sourceEventId: 'b-2', ...TOUCH },
          { command: 'RecordTouchPoint', customer: 'email:batch@example.com', sourceEventId: 'b-3', ...TOUCH, role: 'owner' },
          { command: 'CloseCase', customer: 'email:unknown@example.com', sourceEventId: 'b-4', caseId: 'c-1' },
          'text', null, [], {},
          { command: 'RecordTouchPoint', customer: 'email:batch@example.com', sourceEventId: 'b-5', ...TOUCH },
        ],
      }); // prettier-ignore
      expect(answer.status).toBe(200);
      const shown = answer.body.results.map((r: { status: string; problem?: { code: string } }) => [r.status, r.problem?.code]); // prettier-ignore
      expect(shown).toEqual([
        ['invalid', 'MISSING_IDEMPOTENCY_KEY'],
        ['invalid', 'PAYLOAD_TOO_LARGE'],
        ['invalid', 'INVALID_VALUE'],
        ['invalid', 'UNKNOWN_PROPERTY'],
        ['refused', 'CUSTOMER_NOT_FOUND'],
        ['invalid', 'INVALID_VALUE'],
        ['invalid', 'INVALID_VALUE'],
        ['invalid', 'INVALID_VALUE'],
        ['invalid', 'INVALID_VALUE'],
        ['accepted', undefined],
      ]);
    });

    it.each([
      ['no items', {}, 'INVALID_VALUE'],
      ['an empty list', { items: [] }, 'INVALID_VALUE'],
      ['1,001 items', { items: Array(1_001).fill({}) }, 'INVALID_VALUE'],
      ['more than items', { items: [{}], role: 'owner' }, 'UNKNOWN_PROPERTY'],
      ['a list', [], 'INVALID_VALUE'],
    ])('with %s is refused as a whole', async (_, body, code) => {
      expectProblem(await api.post('/v1/batch', body), 422, code);
    });

    it('beyond 4 MiB is refused as a whole', async () => {
      expectProblem(await api.post('/v1/batch', { items: [{ x: 'x'.repeat(4_300_000) }] }), 413, 'PAYLOAD_TOO_LARGE'); // prettier-ignore
    });
  });
});
