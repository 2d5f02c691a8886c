import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

describe('The server process', () => {
  const root = mkdtempSync(join(tmpdir(), 'rapport-main-'));
  const data = join(root, 'data');
  const started: ChildProcess[] = [];
  afterAll(() => {
    for (const child of started) child.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  });

  const start = (env: Record<string, string>): { child: ChildProcess; output: () => string; ended: Promise<number | null> } => {
    const child = spawn(process.execPath, [resolve('dist/apps/api/main.js')], {
      env: { PATH: process.env['PATH'], HOME: root, RAPPORT_DATA_DIR: data, RAPPORT_MASTER_KEY_FILE: join(root, 'keys/master.key'), RAPPORT_PORT: '0', ...env },
    });
    started.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    return { child, output: () => output, ended: once(child, 'close').then(([code]) => code as number | null) };
  }; // prettier-ignore
  const printed = async (
    server: { child: ChildProcess; output: () => string },
    text: string,
  ): Promise<void> => {
    while (!server.output().includes(text)) await once(server.child.stdout!, 'data');
  };

  it('prints where it is and what to paste, answers, and gives everything back when told to stop', async () => {
    const server = start({});
    await printed(server, 'Ctrl-C');
    const url = /Rapport listens on (http:\S+)/.exec(server.output())![1]!;
    const tokenFile = join(data, 'local-token');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(server.output()).toContain(tokenFile);
    expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(data, 'token.secret')).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(data, 'server.json'), 'utf8'))).toMatchObject({ url, pid: server.child.pid }); // prettier-ignore

    const token = readFileSync(tokenFile, 'utf8').trim();
    const paste = /'(\{"direction".*\})'/.exec(server.output())![1]!;
    const answer = await fetch(`${url}/v1/customers/email:ada@example.com/touch-points`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': 'first-call', 'content-type': 'application/json' },
      body: paste,
    }); // prettier-ignore
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-powered-by')).toBeNull();

    const second = start({});
    expect(await second.ended).toBe(3);
    expect(second.output()).toMatch(/^rapport: [^\n]*data folder[^\n]*\n$/);
    const other = start({ RAPPORT_DATA_DIR: join(root, 'other'), RAPPORT_MASTER_KEY_FILE: join(root, 'keys/other.key'), RAPPORT_PORT: new URL(url).port }); // prettier-ignore
    expect(await other.ended).toBe(3);
    expect(other.output()).toMatch(/^rapport: [^\n]*RAPPORT_PORT[^\n]*\n$/);

    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(existsSync(join(data, 'server.json'))).toBe(false);
  }, 180_000);

  it('answers nonsense on the wire with a problem', async () => {
    const server = start({ RAPPORT_LOG_LEVEL: 'silent' });
    await printed(server, 'Ctrl-C');
    const port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(server.output())![1]);
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('utf8')));
    socket.write('NONSENSE\r\n\r\n');
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*MALFORMED_REQUEST/s);
    server.child.kill('SIGINT');
    expect(await server.ended).toBe(0);
  }, 180_000);

  it.each([
    ['a wrong variable', { RAPPORT_PORT: 'http' }, 2, /^rapport: RAPPORT_PORT [^\n]+\n$/],
    ['a rule book that is not there', { RAPPORT_RULE_BOOK_FILE: '/nowhere' }, 2, /^rapport: RAPPORT_RULE_BOOK_FILE [^\n]+\n$/],
    ['a data folder that is a file', { RAPPORT_DATA_DIR: join(root, 'file') }, 5, /^rapport: [^\n]+\n$/],
    ['another master key', { RAPPORT_MASTER_KEY_FILE: join(root, 'keys/third.key') }, 5, /^rapport: [^\n]*master key[^\n]*\n$/],
  ])('says in one line what is wrong: %s', async (_, env, code, line) => {
    writeFileSync(join(root, 'file'), '');
    const server = start(env as Record<string, string>);
    expect(await server.ended).toBe(code);
    expect(server.output()).toMatch(line);
  }, 120_000); // prettier-ignore
});
