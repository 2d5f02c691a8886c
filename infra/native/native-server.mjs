/**
 * What the scripts of this folder have in common: where servers are installed, one installation at a time, a process
 * that outlives the script, and the record by which it is found and stopped again.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/** Installed servers are kept outside the checkout, so that only the first run on a machine pays for them. */
export const cacheFolder = (...parts) =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rapport', 'servers', ...parts);

/** Runs a command to its end. Rejects with its output when it fails; `show` lets a long one be watched. */
export function run(command, args, { cwd, env, show = false } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', show ? 2 : 'pipe', show ? 2 : 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => fail(new Error(`${command}: ${error.message}`)));
    child.on('close', (code) =>
      code === 0
        ? done(output)
        : fail(new Error(`${command} ${args[0] ?? ''} failed (${code}): ${output.slice(-2_000)}`)),
    );
  });
}

/** True when a command can be run at all. */
export const has = (command, ...args) =>
  run(command, args.length > 0 ? args : ['--version']).then(
    () => true,
    () => false,
  );

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Waits until a question is answered with something; asks again after errors. Rejects with the last one. */
export async function until(what, timeoutMs, ask) {
  const deadline = Date.now() + timeoutMs;
  let last = 'no answer';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (error.isFinal) throw error;
      last = error.message;
    }
    if (Date.now() > deadline) throw new Error(`${what} within ${timeoutMs / 1_000} s: ${last}`);
    await sleep(100);
  }
}

/** Runs `install` unless `isInstalled`; when two processes try at once, one installs and the other waits for it. */
export async function installOnce(name, isInstalled, install) {
  if (isInstalled()) return;
  const lock = cacheFolder(`${name}.lock`);
  mkdirSync(cacheFolder(), { recursive: true });
  // A build may take a quarter of an hour on a slow machine.
  await until(`the lock ${lock} to be free`, 30 * 60_000, () => {
    try {
      closeSync(openSync(lock, 'wx'));
      writeFileSync(lock, String(process.pid));
      return true;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = Number(readFileSync(lock, 'utf8')) || process.pid;
      // Its owner died before it was done.
      if (!isAlive(holder)) rmSync(lock, { force: true });
      return false;
    }
  });
  try {
    if (!isInstalled()) await install();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A TCP port of the loopback address that nobody listens on now. */
export const freePort = () =>
  new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const recordFile = (folder) => join(folder, 'server.json');

/** What `start` wrote down: name, version, address, pid … undefined when nothing was started in the folder. */
export const recordOf = (folder) =>
  existsSync(recordFile(folder)) ? JSON.parse(readFileSync(recordFile(folder), 'utf8')) : undefined;

const commandLineOf = async (pid) => {
  const file = `/proc/${pid}/cmdline`;
  if (existsSync(file)) return readFileSync(file, 'utf8').replaceAll('\0', ' ');
  return run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => '');
};

/** The recorded server while it runs; a process id that belongs to somebody else by now is not it. */
export async function runningIn(folder) {
  const record = recordOf(folder);
  if (!record?.pid || !isAlive(record.pid)) return undefined;
  return (await commandLineOf(record.pid)).includes(folder) ? record : undefined;
}

/**
 * Starts a process that outlives this one, its output going to `server.log` of the folder, and waits until `ready`
 * answers with more to record. A process that ends or stays silent is an error with the end of its output.
 */
export async function launch({ folder, command, args, record, timeoutMs = 60_000, ready }) {
  const log = join(folder, 'server.log');
  const output = openSync(log, 'w');
  const child = spawn(command, args, { cwd: folder, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  let ended;
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, signal) => (ended = `it ended (${signal ?? code})`));
  const written = () => readFileSync(log, 'utf8');
  writeFileSync(recordFile(folder), JSON.stringify({ ...record, pid: child.pid }));
  try {
    const more = await until(`${record.name} to answer`, timeoutMs, () => {
      if (ended) throw Object.assign(new Error(`${record.name}: ${ended}`), { isFinal: true });
      return ready(written);
    });
    const complete = { ...record, pid: child.pid, folder, ...more };
    writeFileSync(recordFile(folder), JSON.stringify(complete));
    return complete;
  } catch (error) {
    if (!ended) process.kill(child.pid, 'SIGKILL');
    throw new Error(`${error.message}\n${written().slice(-2_000)}`);
  } finally {
    child.unref();
  }
}

/** Asks the server of a folder to end; after `patienceMs` it is made to. False when none ran. */
export async function stopIn(folder, patienceMs = 20_000) {
  const record = await runningIn(folder);
  if (!record) return false;
  process.kill(record.pid, 'SIGTERM');
  await until(`${record.name} to end`, patienceMs, () => !isAlive(record.pid)).catch(() =>
    process.kill(record.pid, 'SIGKILL'),
  );
  await until(`${record.name} to be gone`, 10_000, () => !isAlive(record.pid));
  return true;
}

/** The command line of a server script; does nothing when the script is imported. */
export async function commandLine(moduleUrl, { name, defaultVersion, install, start, options = {} }) {
  if (!process.argv[1] || pathToFileURL(resolve(process.argv[1])).href !== moduleUrl) return;
  const usage = `usage: ${name}.mjs install | start | stop | status  [--folder <data folder>] [--port <n>] [--version <v>] [--json]${Object.keys(
    options,
  )
    .map((option) => ` [--${option}]`)
    .join('')}`;
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        folder: { type: 'string' },
        port: { type: 'string' },
        version: { type: 'string' },
        json: { type: 'boolean' },
        ...options,
      },
    });
    const [verb] = positionals;
    const folder = resolve(values.folder ?? join('.rapport-servers', name));
    const version = values.version ?? defaultVersion;
    const print = (record, line) => console.log(values.json ? JSON.stringify(record) : line);
    const lineOf = (record) => `${record.name} ${record.version} ${record.address}`;
    if (verb === 'install') {
      const where = await install({ ...values, version });
      print({ installed: where }, `${name} ${version} is in ${where}`);
    } else if (verb === 'start') {
      const running = await runningIn(folder);
      const record =
        running ?? (await start({ ...values, version, folder, port: values.port && Number(values.port) }));
      print(
        record,
        `${lineOf(record)}  (process ${record.pid}, folder ${folder}${running ? ', was running' : ''})`,
      );
    } else if (verb === 'stop') {
      const stopped = await stopIn(folder);
      print({ stopped }, stopped ? `${name} stopped` : `no ${name} runs in ${folder}`);
    } else if (verb === 'status') {
      const record = await runningIn(folder);
      print(record ?? null, record ? lineOf(record) : `no ${name} runs in ${folder}`);
      if (!record) process.exitCode = 1;
    } else {
      console.error(usage);
      process.exitCode = 2;
    }
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    if (error.code?.startsWith('ERR_PARSE_ARGS')) console.error(usage);
    process.exitCode = error.code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
  }
}
