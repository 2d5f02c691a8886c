import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../../architecture/source-files.js';
import { eventually } from '../../support/server-folder.js';

/** A relay or projector as operators start it. */
export interface RoleProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Resolves when the role says that it is ready. */
export async function startRole(
  role: 'relay' | 'projector',
  environment: Readonly<Record<string, string>>,
): Promise<RoleProcess> {
  const profiles = process.env['RAPPORT_BENCH_PROFILE'];
  const profiling = profiles ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : [];
  const child = spawn(process.execPath, [...profiling, join(ROOT, 'dist/apps', role, 'main.js')], {
    env: { ...process.env, RAPPORT_LOG_LEVEL: 'warn', ...environment, RAPPORT_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output = `${output}${chunk}`.slice(-8_000)));
  const url = await eventually(`the ${role} to listen`, async () => {
    if (child.exitCode !== null) throw new Error(`the ${role} ended (${child.exitCode}): ${output}`);
    return /health and metrics at (\S+)/.exec(output)?.[1];
  });
  await eventually(
    `the ${role} to be ready`,
    async () => ((await fetch(`${url}/health/ready`)).ok ? true : undefined),
    60_000,
  );
  return {
    url,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
