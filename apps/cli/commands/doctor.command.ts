import type { Command } from 'commander';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { homedir, availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { CommandHost } from '../cli.js';
import { findServer } from '../connection/server-process.adapter.js';
import type { CommandContext } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { formatBytes, formatCount, formatRate, painter } from '../terminal/format.js';

interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'note' | 'wrong';
  readonly text: string;
}

/** Adds `rapport doctor`. */
export function registerDoctor(program: Command, host: CommandHost): void {
  program
    .command('doctor')
    .description('what this installation and data folder are made of, and what is wrong with them')
    .addHelpText('after', '\nExample:\n  rapport doctor --data ./data/demo')
    .action((_flags: object, command: Command) => host.action(command, runDoctor));
}

async function runDoctor(context: CommandContext): Promise<ExitCode> {
  const { terminal, options } = context;
  const findings = [
    ...(await environmentFindings(context)),
    keyFinding(context),
    ...diskFindings(context),
    ...(await folderFindings(context)),
  ];
  if (options.json) terminal.out(JSON.stringify({ findings }));
  else {
    const paint = painter(terminal.colours);
    const mark = { ok: paint.green('ok   '), note: paint.yellow('note '), wrong: paint.red('WRONG') };
    for (const { name, state, text } of findings) terminal.out(`${mark[state]} ${name.padEnd(14)} ${text}`);
  }
  return findings.some(({ state }) => state === 'wrong') ? EXIT.validation : EXIT.ok;
}

async function environmentFindings({ env }: CommandContext): Promise<Finding[]> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > 24 || (major === 24 && minor >= 9);
  const findings: Finding[] = [
    {
      name: 'node',
      state: recent ? 'ok' : 'wrong',
      text: `${process.version} (SQLite ${process.versions.sqlite ?? 'built in'}), ${process.platform} ${process.arch}${recent ? '' : ': 24.9 or newer is needed'}`,
    },
    {
      name: 'machine',
      state: 'ok',
      text: `${availableParallelism()} cores, ${formatBytes(totalmem())} memory`,
    },
  ];
  const { configurationOf } = await import('../product.js');
  try {
    const config = configurationOf(env);
    findings.push({
      name: 'configuration',
      state: 'ok',
      text: `horizon ${config.valueHorizonDays} days, discount ${config.valueAnnualDiscount * 100} % a year, margin ${config.valueMargin * 100} %`,
    });
  } catch (error) {
    findings.push({ name: 'configuration', state: 'wrong', text: (error as Error).message });
  }
  return findings;
}

function keyFinding({ env, options }: CommandContext): Finding {
  const file = env.RAPPORT_MASTER_KEY_FILE || join(homedir(), '.config/rapport/master.key');
  const name = 'master key';
  if (!existsSync(file))
    return existsSync(join(options.data, 'keys.db'))
      ? {
          name,
          state: 'wrong',
          text: `${file} is missing: the personal data of this folder cannot be read without it`,
        }
      : { name, state: 'note', text: `${file} will be made by the first start` };
  const mode = statSync(file).mode & 0o777;
  if (file.startsWith(`${options.data}/`))
    return { name, state: 'wrong', text: `${file} lies in the data folder: keep it elsewhere` };
  return (mode & 0o077) === 0
    ? { name, state: 'ok', text: file }
    : { name, state: 'wrong', text: `${file} can be read by others (mode ${mode.toString(8)}): chmod 600` };
}

const SYNCS = 50;

/** Free space, and how long the disk takes to make a small write durable: the price of every single append. */
function diskFindings({ options, clock }: CommandContext): Finding[] {
  const existed = existsSync(options.data);
  const probeDir = existed ? options.data : join(options.data, '..');
  if (!existsSync(probeDir)) mkdirSync(probeDir, { recursive: true });
  const space = statfsSync(probeDir);
  const free = space.bavail * space.bsize;
  const findings: Finding[] = [
    { name: 'disk space', state: free < 1 << 30 ? 'note' : 'ok', text: `${formatBytes(free)} free` },
  ];
  const probe = join(probeDir, `.sync-probe-${process.pid}`);
  try {
    const descriptor = openSync(probe, 'w', 0o600);
    writeSync(descriptor, Buffer.alloc(SYNCS * 512));
    fdatasyncSync(descriptor);
    const startedMs = clock.monotonicMs();
    for (let n = 0; n < SYNCS; n++) {
      writeSync(descriptor, Buffer.alloc(512, n), 0, 512, n * 512);
      fdatasyncSync(descriptor);
    }
    const elapsedMs = clock.monotonicMs() - startedMs;
    closeSync(descriptor);
    const eachMs = elapsedMs / SYNCS;
    findings.push({
      name: 'disk sync',
      state: eachMs < 0.02 || eachMs > 20 ? 'note' : 'ok',
      text:
        `${eachMs.toFixed(2)} ms a write + fdatasync (${formatRate(SYNCS, elapsedMs)})` +
        (eachMs < 0.02
          ? ': suspiciously fast, does this disk really sync?'
          : eachMs > 20
            ? ': slow, single appends will be'
            : ''),
    });
  } catch (error) {
    findings.push({
      name: 'disk sync',
      state: 'wrong',
      text: `cannot write to ${probeDir} (${(error as { code?: string }).code ?? 'error'})`,
    });
  } finally {
    rmSync(probe, { force: true });
  }
  return findings;
}

async function folderFindings(context: CommandContext): Promise<Finding[]> {
  const { data } = context.options;
  const { isOnServers } = await import('../product.js');
  if (isOnServers(context.env)) return storeFindings(context);
  if (!existsSync(join(data, 'events.db')))
    return [{ name: 'data folder', state: 'note', text: `${data} holds no data yet` }];
  const sizes = readdirSync(data)
    .filter((file) => /\.db(-wal)?$/.test(file))
    .sort()
    .map((file) => `${file} ${formatBytes(statSync(join(data, file)).size)}`);
  const server = findServer(data);
  const findings: Finding[] = [
    { name: 'data folder', state: 'ok', text: `${data}: ${sizes.join(', ')}` },
    server
      ? { name: 'server', state: 'ok', text: `${server.url} (process ${server.pid})` }
      : {
          name: 'server',
          state: 'note',
          text: existsSync(join(data, 'server.json')) ? 'none runs; the last one was killed' : 'none runs',
        },
  ];
  findings.push(...(await storeFindings(context)));
  return findings;
}

/** What the log and the read models hold, and whether they answer. */
async function storeFindings({ options, env }: CommandContext): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { openStores } = await import('../product.js');
  const { freshnessOf } = await import('@rapport/projection-engine');
  const opened = await openStores(env, options.data);
  try {
    const head = await opened.history.head();
    findings.push({
      name: 'log',
      state: 'ok',
      text: `${head.events === undefined ? '' : `${formatCount(head.events)} events, `}head ${head.position}`,
    });
    for (const generation of await opened.readModels.generations()) {
      // The result of a scoring run is no read model that follows the log.
      if (generation.status !== 'active' || generation.projection === 'risk-scores') continue;
      const behind = head.position - freshnessOf(generation).position;
      findings.push({
        name: 'read model',
        state: behind > 0n ? 'note' : 'ok',
        text: `${generation.collection}: ${formatCount(await opened.readModels.count(generation.collection))} documents${behind > 0n ? `, ${formatCount(behind)} events behind` : ''}`,
      });
    }
  } catch (error) {
    findings.push({
      name: 'log',
      state: 'wrong',
      text: error instanceof Error ? error.message : String(error),
    });
  } finally {
    await opened.close();
  }
  return findings;
}
