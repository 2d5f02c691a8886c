import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultRuleBookDocument } from '@rapport/domain';
import { DIST, rapport } from './support/rapport-in-process.js';
import { ServerFolder } from './support/server-folder.js';

const MAPPING = {
  name: 'orders',
  format: { kind: 'csv', header: true },
  command: 'RecordPurchase',
  sourceSystem: 'shop',
  customer: { identifier: 'email', column: 'mail' },
  sourceEventId: { column: 'order' },
  occurredAt: { column: 'day', as: 'instant', format: 'iso' },
  channel: 'web',
  fields: { orderId: { column: 'order' }, total: { column: 'amount', as: 'money', currency: 'EUR' } },
};
const ORDERS = [
  'mail,order,day,amount',
  'ada@example.com,o-1,2026-01-05,10.00',
  'ada@example.com,o-2,2026-02-05,20.00',
  'ben@example.com,o-3,2026-02-30,20.00',
  '=cmd@example.com,o 4,2026-03-01,5.00',
  'cem@example.com,o-5,2026-03-01,ten',
  'cem@example.com,o-6,2026-03-01,7.50',
].join('\n');

describe('The command line without a server', () => {
  const folder = new ServerFolder('cli-usage');
  beforeAll(() => mkdirSync(folder.root, { recursive: true }));
  afterAll(() => folder.remove());

  it.each([
    [['nonsense']],
    [['history']],
    [['funnel', '--as-of', '2026-02-30']],
    [['history', 'x', '--limit', '-1']],
    [['history', 'x', '--from', '2026-02-01', '--to', '2026-01-01']],
    [['import', 'file.csv']],
    [['import', 'missing.csv', '--mapping', 'cdnow-sample']],
    [['import', 'package.json', '--mapping', 'no-such-mapping']],
    [['token', '--role', 'king']],
    [['identity', 'merge', 'shop/customerNo:1']],
    [['identity', 'unmerge', 'shop/customerNo:1']],
    [['identity', 'candidates', '--at-least', '100']],
    [['rules', 'check', 'missing.json']],
    [['rules', 'publish', 'package.json', '--from', 'soon']],
    [['stage', 'nirvana']],
    [['verify', '--data', '/nonexistent/folder']],
    [['funnel', '--data', '/nonexistent/folder']],
    [['token', '--role', 'analyst', '--data', '/nonexistent/folder']],
    [['projections', 'rebuild', '../x']],
    [['funnel', '--url', 'http://127.0.0.1:9']],
  ])('ends with 2 for %j', async (args) => {
    const { exitCode, err } = await rapport(folder, ...args);
    expect(exitCode).toBe(2);
    expect(err).not.toBe('');
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('ends with 5 when the server named does not answer', async () => {
    const { exitCode, err } = await rapport(folder, 'funnel', '--url', 'http://127.0.0.1:9', '--token', 'x');
    expect(exitCode).toBe(5);
    expect(err).toMatch(/^rapport: http:\/\/127\.0\.0\.1:9 does not answer/);
  });

  it.each([
    [2, ['funnel', '--as-of', 'yesterday', '--json']],
    [2, ['nonsense', '--json']],
    [2, ['funnel', '--data', '/nonexistent/folder', '--json']],
    [5, ['funnel', '--url', 'http://127.0.0.1:9', '--token', 'x', '--json']],
  ])('ends with %i and one JSON document for %j', async (code, args) => {
    const { exitCode, out } = await rapport(folder, ...args);
    expect({ exitCode, document: JSON.parse(out) as unknown }).toEqual({
      exitCode: code,
      document: { error: { exitCode: code, reason: expect.stringMatching(/./) } },
    });
  });

  it('explains every command with an example', async () => {
    const { out } = await rapport(folder, '--help');
    const commands = [...out.matchAll(/^ {2}([a-z-]+)(?: \[options\])?/gm)]
      .map(([, name]) => name!)
      .filter((name) => name !== 'help' && !name.startsWith('-'));
    expect(commands.length).toBeGreaterThanOrEqual(12);
    for (const command of commands.filter(
      (name) => !['models', 'projections', 'parked', 'processes', 'rules', 'identity'].includes(name),
    ))
      expect((await rapport(folder, command, '--help')).out).toMatch(/Examples?:/);
  });
});

describe('The command line beside a running server', () => {
  const folder = new ServerFolder('cli');
  const file = (): string => join(folder.root, 'orders.csv');
  const run = (...args: string[]) => rapport(folder, ...args);

  beforeAll(async () => {
    await folder.start();
    writeFileSync(file(), ORDERS);
    writeFileSync(join(folder.root, 'orders.json'), JSON.stringify(MAPPING));
  }, 60_000);
  afterAll(() => folder.remove());

  it('checks a file without sending anything', async () => {
    const { exitCode, out } = await run(
      'import',
      file(),
      '--mapping',
      join(folder.root, 'orders.json'),
      '--check',
      '--json',
    );
    expect(exitCode).toBe(4);
    expect(JSON.parse(out)).toMatchObject({
      rows: 6,
      bad: 2,
      problems: [
        { line: 4, code: 'BAD_DATE' },
        { line: 6, code: 'BAD_AMOUNT' },
      ],
    });
    expect((await run('find', 'email:ada@example.com')).out).toBe('no customer found');
  });

  it('imports what is good and writes the rest down, safely and for the owner only', async () => {
    const { exitCode, out } = await run(
      'import',
      file(),
      '--mapping',
      join(folder.root, 'orders.json'),
      '--json',
      '--quiet',
    );
    expect(exitCode).toBe(4);
    expect(JSON.parse(out)).toMatchObject({ rows: 6, accepted: 3, replayed: 0, rejected: 3, customers: 2 });
    const rejects = readFileSync(`${file()}.rejects.csv`, 'utf8').trim().split('\r\n');
    expect(rejects).toHaveLength(4);
    expect(rejects.find((line) => line.startsWith('"5"'))).toContain(`"'=cmd@example.com"`);
    expect(statSync(`${file()}.rejects.csv`).mode & 0o077).toBe(0);
  });

  it('adds nothing the second time, and drops the rejects file when nothing is rejected any more', async () => {
    const again = await run(
      'import',
      file(),
      '--mapping',
      join(folder.root, 'orders.json'),
      '--json',
      '--quiet',
    );
    expect(JSON.parse(again.out)).toMatchObject({ accepted: 0, replayed: 3, rejected: 3, events: 0 });
    writeFileSync(
      file(),
      ORDERS.split('\n')
        .filter((_, n) => n === 0 || n === 1 || n === 2 || n === 6)
        .join('\n'),
    );
    const repaired = await run('import', file(), '--mapping', join(folder.root, 'orders.json'));
    expect(repaired).toMatchObject({ exitCode: 0 });
    expect(repaired.out).toContain('3 replayed, 0 rejected');
    expect(existsSync(`${file()}.rejects.csv`)).toBe(false);
  });

  it('shows a customer: found, whole, and their history as of a day', async () => {
    const found = JSON.parse((await run('find', 'email:ada@example.com', '--json')).out) as {
      rows: { customerId: string }[];
    };
    expect(found.rows).toHaveLength(1);
    const whole = await run('customer', 'email:ada@example.com');
    expect(whole).toMatchObject({ exitCode: 0 });
    expect(whole.out).toContain('involvement');
    expect(whole.out).toContain('30.00 EUR');
    const history = await run('history', found.rows[0]!.customerId, '--as-of', '2026-01-31', '--json');
    const { rows } = JSON.parse(history.out) as { rows: { type: string }[] };
    expect(rows.filter(({ type }) => type === 'PurchaseRecorded')).toHaveLength(1);
    const decided = await run(
      'decisions',
      'email:ada@example.com',
      '--type',
      'RelationshipStageMoved',
      '--json',
    );
    const [decision] = (JSON.parse(decided.out) as { rows: { eventId: string }[] }).rows;
    expect((await run('decisions', 'email:ada@example.com', '--rules', 'default-1')).out).toContain(
      decision!.eventId,
    );
    expect((await run('explain', 'email:ada@example.com', decision!.eventId)).out).toContain(
      'decided by the rules default-1',
    );
    expect((await run('history', 'email:ada@example.com')).out).toContain('purchase recorded');
    expect(await run('history', 'email:nobody@example.com')).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('CUSTOMER_NOT_FOUND'),
    });
  });

  it('checks, publishes and lists rule books, and says where a wrong one is wrong', async () => {
    const book = join(folder.root, 'book.json');
    const write = (change: object): void =>
      writeFileSync(book, JSON.stringify({ ...defaultRuleBookDocument, version: 'cli-2', ...change }));
    write({ overrideMaxHoldDays: 400 });
    expect(await run('rules', 'check', book)).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('$.overrideMaxHoldDays: '),
    });
    expect(await run('rules', 'publish', book)).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('RULE_BOOK_INVALID: $.overrideMaxHoldDays: '),
    });
    write({ overrideMaxHoldDays: 10 });
    expect((await run('rules', 'check', book)).out).toMatch(/^cli-2 can be used/);
    expect((await run('rules', 'publish', book, '--dry-run')).out).toBe('cli-2 could be published');
    expect((await run('rules', 'publish', book, '--from', '2026-02-01')).err).toContain(
      'RULE_BOOK_BACKDATED',
    );
    const then = ['--from', '2026-02-01', '--decided-on', '2026-02-01'];
    expect((await run('rules', 'publish', book, ...then)).exitCode).toBe(0);
    expect((await run('rules', 'publish', book)).err).toMatch(
      /RULE_BOOK_VERSION_TAKEN: .*\/rules\/version: was used by another rule book/,
    );
    const listed = JSON.parse((await run('rules', 'list', '--as-of', '2026-02-01', '--json')).out) as {
      ruleBooks: { version: string; inForce: boolean }[];
    };
    expect(listed.ruleBooks.map(({ version, inForce }) => [version, inForce])).toEqual([
      ['default-1', false],
      ['cli-2', true],
    ]);
  });

  it('shows the funnel, who stands where, and that nothing was fitted or scored', async () => {
    expect((await run('funnel')).out).toMatch(/involvement +2 +100\.0 %/);
    expect((await run('stage', 'involvement', '--json')).out).toContain('"daysInStage"');
    expect((await run('models', 'show')).out).toContain('rapport models fit');
    expect(await run('models', 'fit')).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('NOT_ENOUGH_DATA'),
    });
    expect((await run('parked', 'list')).out).toBe('nothing is parked');
  });

  it('rebuilds a read model, rolls it back, and verifies all of them', async () => {
    expect(await run('projections', 'rebuild', 'customer-360')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('customer-360: '),
    });
    expect((await run('projections', 'list')).out).toMatch(/customer-360 +\d+ +2 /);
    expect(await run('projections', 'rollback', 'customer-360')).toMatchObject({
      exitCode: 0,
      out: 'customer-360: generation 1 is active again',
    });
    expect(await run('projections', 'drop-previous', 'customer-360')).toMatchObject({
      exitCode: 0,
      out: 'customer-360: generation 1 is active, no other is kept',
    });
    expect((await run('projections', 'rollback', 'customer-360')).exitCode).not.toBe(0);
    for (const words of [
      ['projections', 'rebuild'],
      ['projections', 'rollback'],
      ['projections', 'drop-previous'],
      ['parked', 'retry'],
    ])
      expect(await run(...words, 'no-such')).toMatchObject({
        exitCode: 2,
        err: expect.stringContaining('customer-360'),
      });
    const verified = await run('verify');
    expect({ exitCode: verified.exitCode, last: verified.out.split('\n').at(-1) }).toEqual({
      exitCode: 0,
      last: expect.stringMatching(/^clean: /),
    });
  }, 30_000);

  it('makes a token that may do what its role may', async () => {
    const token = (await run('token', '--role', 'operations')).out;
    const as = (...args: string[]) => run(...args, '--token', token);
    expect(await as('projections', 'list')).toMatchObject({ exitCode: 0 });
    expect(await as('history', 'email:ada@example.com')).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('FORBIDDEN'),
    });
  });

  it('finds nothing wrong with this installation', async () => {
    const { exitCode, out } = await run('doctor', '--json');
    const { findings } = JSON.parse(out) as { findings: { name: string; state: string }[] };
    expect({ exitCode, wrong: findings.filter(({ state }) => state === 'wrong') }).toEqual({
      exitCode: 0,
      wrong: [],
    });
    expect(findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['node', 'master key', 'disk sync', 'server', 'log', 'read model']),
    );
  });

  it('ends quietly when the reader of its output goes away', async () => {
    const child = spawn(
      'sh',
      ['-c', `"${process.execPath}" "${join(DIST, 'apps/cli/main.js')}" funnel --help | head -1; exit 0`],
      {
        env: { ...process.env, ...folder.env },
      },
    );
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    await new Promise((done) => child.on('close', done));
    expect(err).toBe('');
  });
});

describe('The command line on a folder that somebody else owns', () => {
  it('ends with 3', async () => {
    const folder = new ServerFolder('cli-busy');
    await folder.start();
    // Without its entry the owner cannot be found, only its lock remains.
    const entry = join(folder.dataDir, 'server.json');
    const content = readFileSync(entry);
    writeFileSync(entry, '{}');
    expect(await rapport(folder, 'funnel')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('owns the data folder'),
    });
    writeFileSync(entry, content);
    await folder.remove();
  }, 60_000);
});
