import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Root of the checkout: the folder of package.json (this file stands two folders below it, in source and in dist). */
export const ROOT = (() => {
  let folder = resolve(process.cwd());
  const hasPackage = (at: string): boolean => readdirSync(at).includes('nest-cli.json');
  while (!hasPackage(folder)) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('no nest-cli.json above the current folder');
    folder = parent;
  }
  return folder;
})();

const SKIPPED = /^(node_modules|dist|coverage|data|\.git|\.rapport.*)$/;

/** Every file of the checkout under the given folders ('' = all), as sorted paths relative to the root with `/`. */
export function filesUnder(folders: readonly string[]): readonly string[] {
  const walk = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return SKIPPED.test(entry.name) ? [] : walk(path);
      return [relative('.', path).replaceAll('\\', '/')];
    });
  return folders.flatMap(walk).sort();
}

export const readSource = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
