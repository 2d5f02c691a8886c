import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the command line finds the server that owns a data folder. */
export interface ServerEntry {
  readonly url: string;
  readonly pid: number;
  /** ISO-8601 UTC. */
  readonly startedAt: string;
}

export const serverFile = (dataDir: string): string => join(dataDir, 'server.json');

export function writeServerFile(dataDir: string, entry: ServerEntry): void {
  writeFileSync(serverFile(dataDir), `${JSON.stringify(entry)}\n`, { mode: 0o600 });
}

/** Removes the entry, unless another server has written its own meanwhile. */
export function removeServerFile(dataDir: string, pid: number): void {
  try {
    const entry = JSON.parse(readFileSync(serverFile(dataDir), 'utf8')) as ServerEntry;
    if (entry.pid === pid) rmSync(serverFile(dataDir), { force: true });
  } catch {
    // Already gone.
  }
}
