import { pino, type Logger as PinoLogger } from 'pino';
import type { LogLevel } from '../config.js';

export type Logger = Pick<
  PinoLogger,
  'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'child' | 'isLevelEnabled'
>;

/**
 * JSON lines on stderr. Bodies, tokens and personal values are never handed to it; what could slip in with an error or
 * a request is cut out here as well.
 */
export function createLogger(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: { service: 'rapport' },
      redact: {
        paths: ['*.authorization', '*.headers', '*.body', '*.query', '*.token', 'err.input', 'err.value'],
        remove: true,
      },
    },
    pino.destination({ dest: 2, sync: level === 'silent' }),
  );
}
