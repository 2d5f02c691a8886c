import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../../test/architecture/source-files.js';
import type { OpenApi } from './reference-pages.js';

const START_LIMIT_MS = 60_000;

/** Asks a service of its own, on an empty data folder and a free port, for its OpenAPI document. */
export async function openApiDocument(): Promise<OpenApi> {
  const folder = mkdtempSync(join(tmpdir(), 'rapport-docs-'));
  const service = spawn(process.execPath, [join(ROOT, 'dist/apps/api/main.js')], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      RAPPORT_DATA_DIR: join(folder, 'data'),
      RAPPORT_MASTER_KEY_FILE: join(folder, 'master.key'),
      RAPPORT_PORT: '0',
      RAPPORT_LOG_LEVEL: 'warn',
    },
  });
  let complaint = '';
  service.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const exited = new Promise<void>((resolve) => service.once('exit', () => resolve()));
  try {
    const deadlineMs = Date.now() + START_LIMIT_MS;
    for (;;) {
      if (service.exitCode !== null || Date.now() > deadlineMs)
        throw new Error(`the service did not answer with its routes: ${complaint}`);
      const document = await documentOf(join(folder, 'data/server.json'));
      if (document) return document;
      await sleep(100);
    }
  } finally {
    service.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The document of the service that a server.json names; undefined while it is starting. */
async function documentOf(serverFile: string): Promise<OpenApi | undefined> {
  try {
    const { url } = JSON.parse(readFileSync(serverFile, 'utf8')) as { url: string };
    const answer = await fetch(`${url}/docs/openapi.json`);
    return answer.ok ? ((await answer.json()) as OpenApi) : undefined;
  } catch {
    return undefined;
  }
}
