import type { Terminal } from './terminal.port.js';

/** The terminal of this process. A reader that closes the pipe (`| head`) ends the output, not the work. */
export function processTerminal(): Terminal {
  const closed = { out: false, err: false };
  const guard = (name: 'out' | 'err', stream: NodeJS.WriteStream): ((line: string) => void) => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      closed[name] = true;
    });
    return (line) => {
      if (!closed[name]) stream.write(`${line}\n`);
    };
  };
  return {
    out: guard('out', process.stdout),
    err: guard('err', process.stderr),
    barStream: process.stderr.isTTY ? process.stderr : undefined,
    columns: process.stdout.columns ?? 100,
    colours: process.stdout.isTTY === true && !process.env.NO_COLOR,
  };
}
