import type { ErrorCode } from '@rapport/contracts';
import { RapportError } from '@rapport/contracts';

/** What the process answers to the shell; `rapport --help` and the command line reference list them. */
export const EXIT = {
  ok: 0,
  /** A defect of ours: please report it. */
  internal: 1,
  /** The command line cannot be understood. */
  usage: 2,
  /** Somebody else holds what is needed: data folder, rebuild lease. */
  busy: 3,
  /** The input, or what was verified, is not valid; part of an import was rejected. */
  validation: 4,
  /** A service, file or disk that is needed does not answer. */
  dependencyDown: 5,
  /** Ctrl-C. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure with its exit code and one line that says why and, where possible, what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}

const BUSY: readonly ErrorCode[] = ['REBUILD_RUNNING', 'STORE_LOCKED', 'IN_PROGRESS'];

/** Exit code for a coded answer of the service. */
export function exitCodeOfProblem(code: string | undefined, status: number): ExitCode {
  if (code !== undefined && (BUSY as readonly string[]).includes(code)) return EXIT.busy;
  if (status >= 500 || status === 429) return EXIT.dependencyDown;
  return EXIT.validation;
}

const FILE_REASONS: Readonly<Record<string, [ExitCode, string]>> = {
  ENOENT: [EXIT.usage, 'no such file or folder'],
  EISDIR: [EXIT.usage, 'is a folder, a file is needed'],
  ENOTDIR: [EXIT.usage, 'is not a folder'],
  EACCES: [EXIT.dependencyDown, 'permission denied'],
  EROFS: [EXIT.dependencyDown, 'the file system is read-only'],
  ENOSPC: [EXIT.dependencyDown, 'the disk is full'],
  ECONNREFUSED: [EXIT.dependencyDown, 'nothing listens there'],
};

/** Exit code and one-line reason of anything thrown: never a stack trace. */
export function explainFailure(error: unknown): { readonly exitCode: ExitCode; readonly reason: string } {
  if (error instanceof CliError) return { exitCode: error.exitCode, reason: oneLine(error.message) };
  if (error instanceof RapportError)
    return {
      exitCode:
        error.code === 'STORE_LOCKED' || error.code === 'REBUILD_RUNNING'
          ? EXIT.busy
          : ['UNAVAILABLE', 'STORAGE_FULL', 'OUTCOME_UNKNOWN', 'MASTER_KEY_MISMATCH'].includes(error.code)
            ? EXIT.dependencyDown
            : EXIT.validation,
      reason: oneLine(`${error.code}: ${error.detail}`),
    };
  const code = (error as { code?: unknown } | null)?.code;
  const known = typeof code === 'string' ? FILE_REASONS[code] : undefined;
  if (known) {
    const path = (error as { path?: unknown }).path;
    return { exitCode: known[0], reason: typeof path === 'string' ? `${path}: ${known[1]}` : known[1] };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { exitCode: EXIT.internal, reason: `unexpected failure: ${oneLine(message)}` };
}

const oneLine = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
