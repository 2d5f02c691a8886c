/**
 * Runs the commands of a Markdown file as its reader would, and compares what they print.
 *
 * Every block fenced as `sh` runs, in order, in one shell, in a folder that looks like a fresh checkout: its own ./data,
 * its own master key, its own port instead of 4100. A `text` block right after it is what it prints: each line must
 * occur, in order; `…` stands for anything. `npm install` and `git clone` are taken as done. `npm start` runs in the
 * background until the service answers. Ends with `N passed, N failed`.
 *
 *   node scripts/run-readme.mjs [file, default README.md]
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const file = process.argv[2] ?? 'README.md';
const DEFAULT_PORT = '4100';
const BLOCK_LIMIT_MS = 300_000;
const START_LIMIT_S = 60;

/** Fenced blocks in order: language and text. */
const fences = [...readFileSync(join(root, file), 'utf8').matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(
  ([, language, text]) => ({ language, text }),
);
const blocks = fences.flatMap(({ language, text }, i) =>
  language === 'sh' ? [{ text, expected: fences[i + 1]?.language === 'text' ? fences[i + 1].text : '' }] : [],
);

const port = await new Promise((done) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = probe.address();
    probe.close(() => done(String(free)));
  });
});
const withPort = (text) => text.replaceAll(`:${DEFAULT_PORT}`, `:${port}`);

const folder = mkdtempSync(join(tmpdir(), 'rapport-readme-'));
const NOT_COPIED = new Set(['.git', 'data', 'coverage']);
for (const entry of readdirSync(root))
  if (!NOT_COPIED.has(entry) && !entry.startsWith('.rapport'))
    symlinkSync(join(root, entry), join(folder, entry));

const startServer = `npm start >server.log 2>&1 &
for _ in $(seq ${START_LIMIT_S * 5}); do curl -fs -o /dev/null http://127.0.0.1:${port}/health/ready && break; sleep 0.2; done
curl -fs -o /dev/null http://127.0.0.1:${port}/health/ready || { cat server.log; echo 'the service did not become ready'; exit 1; }
cat server.log`;
const commandsOf = (text) =>
  withPort(text)
    .split('\n')
    .filter((line) => !/^(npm install|git clone|cd )/.test(line))
    .map((line) => (/^npm start\b/.test(line) ? startServer : line))
    .join('\n');

const shell = spawn('bash', ['--noprofile', '--norc'], {
  cwd: folder,
  detached: true,
  stdio: ['pipe', 'pipe', 'pipe'],
  env: {
    ...process.env,
    RAPPORT_PORT: port,
    RAPPORT_MASTER_KEY_FILE: join(folder, 'master.key'),
    RAPPORT_DATA_DIR: '',
    NO_COLOR: '1',
    COLUMNS: '110',
  },
});
let output = '';
let wake = () => {};
for (const stream of [shell.stdout, shell.stderr])
  stream.on('data', (chunk) => {
    output += chunk;
    wake();
  });
let ended = false;
shell.on('exit', () => {
  ended = true;
  wake();
});
shell.stdin.on('error', () => {});
shell.stdin.write('set -eo pipefail\n');

/** Runs one block; answers what it printed and whether every command succeeded. */
async function run(text, number) {
  const marker = `__end_of_block_${number}__`;
  output = '';
  shell.stdin.write(`{ ${text.trim() === '' ? ':' : `\n${text}\n`}} 2>&1 </dev/null\necho ${marker}\n`);
  const deadlineMs = Date.now() + BLOCK_LIMIT_MS;
  while (!output.includes(`${marker}\n`)) {
    if (ended) return { printed: output, ok: false, why: 'a command failed' };
    if (Date.now() > deadlineMs)
      return { printed: output, ok: false, why: `took longer than ${BLOCK_LIMIT_MS / 1000} s` };
    await new Promise((done) => {
      const timer = setTimeout(done, 1000);
      wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
  return { printed: output.slice(0, output.indexOf(marker)), ok: true };
}

/** The first expected line that is missing from what was printed; undefined when all are there, in order. */
function missingLine(expected, printed) {
  const printedLines = printed.split('\n').map((line) => line.replaceAll(/\s+/g, ' ').trim());
  let from = 0;
  for (const raw of withPort(expected).split('\n')) {
    const line = raw.replaceAll(/\s+/g, ' ').trim();
    if (line === '' || line === '…') continue;
    const pattern = new RegExp(
      `^${line
        .split('…')
        .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`,
    );
    const at = printedLines.findIndex((candidate, i) => i >= from && pattern.test(candidate));
    if (at < 0) return line;
    from = at + 1;
  }
  return undefined;
}

let passed = 0;
let failed = 0;
for (const [i, { text, expected }] of blocks.entries()) {
  const title = text.trim().split('\n')[0];
  const startedMs = Date.now();
  const { printed, ok, why } = await run(commandsOf(text), i);
  const missing = ok ? missingLine(expected, printed) : undefined;
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  if (ok && missing === undefined) {
    passed += 1;
    console.log(`ok     ${title} (${seconds} s)`);
    continue;
  }
  failed += 1;
  console.log(
    `FAILED ${title} (${seconds} s): ${ok ? `it did not print: ${missing}` : why}\n${printed.trim()}\n`,
  );
  const log = join(folder, 'server.log');
  if (existsSync(log))
    console.log(
      `The service said last:\n${readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n')}\n`,
    );
  if (!ok) break;
}
failed += Math.max(0, blocks.length - passed - failed);

if (!ended) shell.stdin.end();
try {
  // The shell leads its own group: the service it started ends with it, in order first.
  process.kill(-shell.pid, 'SIGTERM');
  const serverFile = join(folder, 'data/server.json');
  for (let i = 0; i < 100 && existsSync(serverFile); i += 1)
    await new Promise((done) => setTimeout(done, 100));
  process.kill(-shell.pid, 'SIGKILL');
} catch {
  // Already gone.
}
rmSync(folder, { recursive: true, force: true });
if (blocks.length === 0) {
  console.log(`${file} has no commands to run.`);
  failed += 1;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
