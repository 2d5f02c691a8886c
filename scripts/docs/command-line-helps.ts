import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../test/architecture/source-files.js';

const help = (path: readonly string[]): string =>
  execFileSync(process.execPath, [join(ROOT, 'dist/apps/cli/main.js'), ...path, '--help'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '100', NO_COLOR: '1' },
  });

/** Names under `Commands:` of a help text, `help` left out. */
const commandsIn = (text: string): string[] => {
  const [, list = ''] = text.split(/^Commands:\n/m);
  const names = (list.split(/\n\n/)[0] ?? '').match(/^ {2}([a-z][a-z-]*)/gm) ?? [];
  return names.map((name) => name.trim()).filter((name) => name !== 'help');
};

/** The help of `rapport`, of each command and of each sub-command, in the order they are listed. */
export function commandLineHelps(): readonly { readonly command: string; readonly text: string }[] {
  const visit = (path: readonly string[]): { command: string; text: string }[] => {
    const text = help(path);
    return [
      { command: ['rapport', ...path].join(' '), text },
      ...commandsIn(text).flatMap((name) => visit([...path, name])),
    ];
  };
  return visit([]);
}
