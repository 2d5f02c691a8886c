/**
 * `npm run new:projection -- gift-occasions`: copies projections/_template/ under the new name and adds one line to
 * projections/registry.ts. Exit code 2: the name is missing, not kebab-case, reserved or taken; nothing is written.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const projections = join(resolve(dirname(fileURLToPath(import.meta.url)), '..'), 'projections');
const template = join(projections, '_template');
const registry = join(projections, 'registry.ts');

// What cannot name a constant, and what names something else: `risk-scores` is written by scoring runs.
const RESERVED = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield arguments eval index registry risk-scores template-name'.split(
    ' ',
  ),
);

const refuse = (sentence) => {
  console.error(sentence);
  console.error('Usage: npm run new:projection -- <name>   for example: gift-occasions');
  process.exit(2);
};

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || rest.length > 0) refuse('Give one name.');
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 50)
  refuse(`"${name}" is not kebab-case: small letters and digits, words joined by single dashes, at most 50.`);
if (RESERVED.has(name)) refuse(`"${name}" is reserved.`);
if (existsSync(join(projections, name))) refuse(`projections/${name} exists already.`);

const camel = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const pascal = camel[0].toUpperCase() + camel.slice(1);
const line = `export { ${camel} } from './${name}/${name}.projection.js';\n`;
const registered = readFileSync(registry, 'utf8');
if (new RegExp(`\\b${camel}\\b`).test(registered)) refuse(`projections/registry.ts already lists ${camel}.`);

const named = (text) =>
  text.replaceAll('template-name', name).replaceAll('templateName', camel).replaceAll('TemplateName', pascal);
const folder = join(projections, name);
mkdirSync(folder);
for (const file of readdirSync(template))
  writeFileSync(join(folder, named(file)), named(readFileSync(join(template, file), 'utf8')));
appendFileSync(registry, registered.endsWith('\n') ? line : `\n${line}`);

console.log(`Made projections/${name}/ and added one line to projections/registry.ts. Next:
  1. ${name}.model.ts        say which fields a document has, with their units
  2. ${name}.projection.ts   name the events, their key and how a document evolves; every document belongs to one stream
  3. ${name}.queries.ts      name the questions; each becomes GET /v1/read-models/${name}/<query>
  4. ${name}.unit.spec.ts    npx jest projections/${name}
  5. README.md               which question, which events, which key, how fresh, how long a rebuild takes
Then fill it: npm run cli -- projections rebuild ${name}`);
