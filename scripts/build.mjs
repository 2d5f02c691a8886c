/**
 * Compiles apps, libs, projections, test programs and scripts from TypeScript to dist/, keeping the tree.
 * Types are checked by `npm run check:types`; here only changed files are compiled, so a start costs no more
 * than what was edited. Aliases (`@rapport/<lib>`) become relative paths, so dist/ runs on plain Node.
 */
import { transform } from '@swc/core';
import { createRequire } from 'node:module';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { forBuild } = require('./swc.config.cjs');
const { paths } = require('../tsconfig.base.json').compilerOptions;
const out = join(root, 'dist');
const roots = ['apps', 'libs', 'projections', 'test', 'scripts'];
const isSource = (file) => file.endsWith('.ts') && !/\.(spec|contract|d)\.ts$/.test(file);
const isAsset = (file) => file.endsWith('.json') || file.endsWith('.html');

const withoutAliases = (code, fromDirectory) =>
  code.replace(/((?:from|import)\s*\(?\s*)(['"])(@rapport\/[\w-]+)\2/g, (whole, keyword, quote, alias) => {
    const target = paths[alias]?.[0];
    if (!target) throw new Error(`unknown alias ${alias}`);
    const file = relative(fromDirectory, join(root, target)).replace(/\.ts$/, '.js');
    return `${keyword}${quote}${file.startsWith('.') ? file : `./${file}`}${quote}`;
  });

// A new compiler configuration makes every output stale.
const configTimeMs = Math.max(
  ...['scripts/build.mjs', 'scripts/swc.config.cjs', 'tsconfig.base.json'].map(
    (f) => statSync(join(root, f)).mtimeMs,
  ),
);
const isStale = (source, target) =>
  !existsSync(target) || statSync(target).mtimeMs < Math.max(statSync(source).mtimeMs, configTimeMs);

const sources = globSync(
  roots.map((r) => `${r}/**/*`),
  { cwd: root },
);
const outputs = new Set();
const compiled = sources.filter(isSource).map(async (file) => {
  const source = join(root, file);
  const target = join(out, file.replace(/\.ts$/, '.js'));
  outputs.add(target);
  if (!isStale(source, target)) return 0;
  const code = withoutAliases(readFileSync(source, 'utf8'), dirname(source));
  const result = await transform(code, {
    ...forBuild,
    filename: source,
    sourceFileName: relative(dirname(target), source),
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(
    target,
    `${result.code}\n//# sourceMappingURL=${target.slice(target.lastIndexOf('/') + 1)}.map\n`,
  );
  writeFileSync(`${target}.map`, result.map);
  return 1;
});
for (const file of sources.filter(isAsset)) {
  const target = join(out, file);
  outputs.add(target);
  if (!isStale(join(root, file), target)) continue;
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(root, file), target);
}
const count = (await Promise.all(compiled)).reduce((a, b) => a + b, 0);
for (const file of globSync(
  roots.map((r) => `${r}/**/*.js`),
  { cwd: out },
))
  if (!outputs.has(join(out, file))) {
    rmSync(join(out, file));
    rmSync(join(out, `${file}.map`), { force: true });
  }
if (count > 0 && process.env.RAPPORT_BUILD_QUIET !== '1') console.error(`compiled ${count} files`);
