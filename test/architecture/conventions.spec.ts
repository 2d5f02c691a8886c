import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import ts from 'typescript';
import { ROOT, filesUnder, readSource } from './source-files.js';

const sources = filesUnder(['apps', 'libs', 'projections', 'scripts', 'test']);
const typescript = sources.filter((file) => file.endsWith('.ts'));
const everything = filesUnder(['']).filter((file) => /\.(ts|mjs|cjs|md|json|yml|yaml|sh)$/.test(file));

/** What a `<subject>.<role>.ts` may call itself. A new role is a new kind of thing: name it here, with its meaning. */
const ROLES: Readonly<Record<string, string>> = {
  access: 'who may do it',
  adapter: 'a port made real',
  application: 'a composed application',
  bench: 'a measurement',
  builder: 'makes valid values for tests',
  combine: 'one document of the documents of merged customers',
  command: 'one command line or write use case',
  commands: 'the commands of an area',
  config: 'settings with unit and default',
  contract: 'a suite that every adapter of a port must pass',
  controller: 'HTTP routes',
  controllers: 'HTTP routes made from tables',
  d: 'types of a library that brings none',
  data: 'a data set that tests read',
  decider: 'initial state, evolve and decide of an aggregate or area',
  decorator: 'marks a class or method for NestJS',
  decorators: 'mark classes and methods for NestJS',
  dto: 'the shape of a request or an answer',
  error: 'an error class',
  errors: 'error classes',
  events: 'event contracts of an area',
  evolve: 'how a state follows from events',
  filter: 'turns an exception into an answer',
  guard: 'lets a request in or not',
  handler: 'carries out one command or query',
  handlers: 'carry out commands and queries of one subject',
  interceptor: 'wraps every request',
  laws: 'properties that hold for every input',
  limits: 'caps of a document, with their reasons',
  loader: 'reads and checks a data file',
  model: 'the documented fields of a read model, or a statistical model',
  module: 'NestJS wiring',
  pipe: 'checks or converts an input',
  port: 'what an adapter must promise',
  predicates: 'named conditions that a rule book composes',
  process: 'something that happens by itself, as a pure definition',
  projection: 'a read model as a pure definition',
  queries: 'named questions over a read model',
  query: 'one read use case',
  routes: 'the routes of an area as rows',
  rules: 'named predicates or checks',
  runner: 'one way to run a projection',
  runtime: 'a composed, running application',
  scan: 'reads source files',
  scheduler: 'makes something happen again and again',
  schema: 'checks a file or message',
  server: 'a program that listens',
  state: 'the folded state of an aggregate or area',
  steps: 'sentences that features are written in',
  table: 'rows of data that a test or a page is made from',
  upcaster: 'turns one schema version into the next',
  worker: 'entry point of a worker thread',
};
const SPECS = ['unit.spec', 'contract.spec', 'int.spec', 'e2e.spec'];

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

function complaintAboutName(file: string): string | undefined {
  const name = basename(file, '.ts');
  const [subject = '', ...rest] = name.split('.');
  if (!NAME.test(subject)) return 'the subject is not kebab-case';
  if (/(^|-)(utils?|helpers?|common|manager|misc|stuff)(-|$)/.test(subject)) return 'the name says nothing';
  const suffix = rest.join('.');
  if (suffix === '' || suffix in ROLES) return undefined;
  const spec = SPECS.find((kind) => suffix === kind || suffix.endsWith(`.${kind}`));
  if (spec) {
    const role = suffix.slice(0, -spec.length - 1);
    return role === '' || role in ROLES ? undefined : `unknown role ${role}`;
  }
  // Specs of a whole app or of the whole product have no part of their own to name a cost for.
  if (suffix.endsWith('spec'))
    return /^(test|apps)\//.test(file) ? undefined : `a spec says what it costs: ${SPECS.join(', ')}`;
  if (/^v\d+-to-v\d+\.upcaster$/.test(suffix)) return undefined;
  return `unknown role ${suffix}`;
}

function complaintAboutFolder(file: string): string | undefined {
  const folders = file.split('/').slice(0, -1);
  const bad = folders.find(
    (folder) =>
      !(NAME.test(folder) || folder === '_template' || folder === '_parts') ||
      /^(utils?|helpers?|common|manager|shared|misc)$/.test(folder),
  );
  return bad === undefined ? undefined : `folder ${bad}`;
}

const commentsOf = (text: string): string[] => {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, false, ts.LanguageVariant.Standard, text);
  const found: string[] = [];
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan())
    if (token === ts.SyntaxKind.SingleLineCommentTrivia || token === ts.SyntaxKind.MultiLineCommentTrivia)
      found.push(scanner.getTokenText());
  return found;
};

describe('File names', () => {
  it('are kebab-case with a known role', () => {
    expect(typescript.map((file) => [file, complaintAboutName(file)]).filter(([, why]) => why)).toEqual([]);
  });

  it('stand in folders with a meaning', () => {
    expect(sources.map((file) => [file, complaintAboutFolder(file)]).filter(([, why]) => why)).toEqual([]);
  });

  it.each([
    'libs/domain/customer/utils.ts',
    'libs/domain/customer/Customer.ts',
    'libs/domain/customer/customer-helper.ts',
    'libs/domain/customer/customer.thing.ts',
    'libs/domain/customer/customer.spec.ts',
  ])('would be refused: %s', (file) => {
    expect(complaintAboutName(file)).toBeDefined();
  });
});

describe('An index.ts', () => {
  const indexes = typescript.filter((file) => basename(file) === 'index.ts');

  // The projection registry is an index by name and a list by purpose: it may also declare that one array.
  it.each(indexes.filter((file) => file !== 'projections/index.ts'))('only re-exports: %s', (file) => {
    const { statements } = ts.createSourceFile(file, readSource(file), ts.ScriptTarget.ES2022);
    const others = statements.filter(
      (statement) => !(ts.isExportDeclaration(statement) && statement.moduleSpecifier),
    );
    expect(others.map((statement) => ts.SyntaxKind[statement.kind])).toEqual([]);
  });

  it('is not where a projection hides', () => {
    expect(
      indexes.filter((file) => file.startsWith('projections/') && file !== 'projections/index.ts'),
    ).toEqual([]);
  });
});

describe('Comments', () => {
  const comments = typescript.flatMap((file) =>
    commentsOf(readSource(file)).map((comment) => ({ file, comment })),
  );

  it('that postpone work name an issue', () => {
    const open = comments.filter(({ comment }) => /\b(TODO|FIXME|XXX|HACK)\b(?!\s*\(?#\d+)/.test(comment));
    expect(open).toEqual([]);
  });

  it('that switch a lint rule off say why', () => {
    const silent = comments.filter(
      ({ comment }) => comment.includes('eslint-disable') && !/ -- \S/.test(comment),
    );
    expect(silent).toEqual([]);
  });

  it('never let time, chance or the environment into domain, analytics or projections', () => {
    const holes = comments.filter(
      ({ file, comment }) =>
        /^(libs\/(domain|analytics)|projections)\//.test(file) &&
        /eslint-disable(-next-line|-line)?(\s*(\*\/|--|$)|.*no-restricted-)/.test(comment),
    );
    expect(holes).toEqual([]);
  });
});

describe('The files of the project', () => {
  // Written in pieces, so that this file does not contain what it looks for.
  const forbidden: readonly (readonly [RegExp, string])[] = [
    [
      new RegExp(String.raw`(?<![\w.~$})-])/(?:${['wo' + 'rk', 'ro' + 'ot'].join('|')})/\w`),
      'a path of one machine',
    ],
    [new RegExp(String.raw`\.\./${'sha' + 'red'}/`), 'a folder outside the checkout'],
    [
      new RegExp(
        String.raw`\b(?:${'regi' + 'stry'}\.[a-z0-9-]+\.(?:org|com|io)|${'npm' + 'js'}\.(?:org|com))\b`,
      ),
      'the host of a package source',
    ],
  ];

  it('speak of nothing outside the project', () => {
    const found = everything
      .filter((file) => file !== 'package-lock.json')
      .flatMap((file) => {
        const text = readSource(file);
        return forbidden.flatMap(([pattern, what]) => {
          const match = pattern.exec(text);
          // Tests may look for the published data sets beside the checkout; they say so and take another place.
          const allowed = what === 'a folder outside the checkout' && file.startsWith('test/');
          return match && !allowed ? [`${file}: ${what} (${match[0]})`] : [];
        });
      });
    expect(found).toEqual([]);
  });
});

describe('The lint rules on time, chance and the environment', () => {
  const rulesFor = (file: string): string => {
    const printed = execFileSync(
      process.execPath,
      ['node_modules/eslint/bin/eslint.js', '--print-config', file],
      { cwd: ROOT, encoding: 'utf8' },
    );
    const { rules } = JSON.parse(printed) as { rules: Record<string, unknown> };
    return JSON.stringify([
      rules['no-restricted-globals'],
      rules['no-restricted-properties'],
      rules['no-restricted-imports'],
    ]);
  };

  it.each([
    'libs/domain/customer/x.decider.ts',
    'libs/analytics/x.model.ts',
    'projections/x/x.projection.ts',
  ])('forbid all of it in %s', (file) => {
    const rules = rulesFor(file);
    for (const name of [
      'Date',
      'performance',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'random',
      'randomUUID',
      'process',
    ])
      expect(rules).toContain(`"${name}"`);
    expect(rules).not.toContain('[0');
  });
});
