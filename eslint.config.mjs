import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Time, chance and the environment reach the code as arguments or ports (libs/runtime), so that a decision, a fold
 * and one day the whole system give the same answer in every run. Each row of `ambient` is one way around that;
 * each row of `exemptions` says where it is allowed and why. `libs/domain`, `libs/analytics` and `projections` have
 * no exemption, and test/architecture checks that none is switched off there by a comment.
 */
const ambient = {
  Date: 'Take the instant as an argument (epoch ms), or from a Clock; calendar arithmetic is in contracts/time.',
  performance: 'Measure with Clock.monotonicMs.',
  timers: 'Wait with a Scheduler.',
  randomness: 'Take ids from an IdGenerator; derive what must be repeatable (eventIdFor).',
  process:
    'Configuration comes from libs/platform; signals, exit codes and streams belong to the entry points.',
};
const everything = Object.keys(ambient);

const globalsOf = {
  Date: ['Date'],
  performance: ['performance'],
  timers: ['setTimeout', 'setInterval', 'setImmediate'],
  randomness: ['crypto'],
  process: ['process'],
};
const modulesOf = {
  Date: [],
  performance: ['perf_hooks'],
  timers: ['timers', 'timers/promises'],
  randomness: [],
  process: ['process'],
};
const RANDOM_SOURCES = [
  'randomUUID',
  'randomBytes',
  'randomInt',
  'randomFill',
  'randomFillSync',
  'getRandomValues',
];

/** Rules that forbid every ambient thing except the allowed ones. */
function ambientRules(allowed = []) {
  const forbidden = everything.filter((thing) => !allowed.includes(thing));
  const globals = forbidden.flatMap((thing) =>
    globalsOf[thing].map((name) => ({ name, message: ambient[thing] })),
  );
  const paths = forbidden.flatMap((thing) =>
    modulesOf[thing].flatMap((name) =>
      [name, `node:${name}`].map((m) => ({ name: m, message: ambient[thing] })),
    ),
  );
  const properties = globals.map(({ name, message }) => ({ object: 'globalThis', property: name, message }));
  if (forbidden.includes('randomness')) {
    properties.push({ object: 'Math', property: 'random', message: ambient.randomness });
    for (const property of RANDOM_SOURCES) properties.push({ property, message: ambient.randomness });
    for (const name of ['crypto', 'node:crypto'])
      paths.push({ name, importNames: RANDOM_SOURCES, message: ambient.randomness });
  }
  const rule = (options) => (options.length > 0 ? ['error', ...options] : 'off');
  return {
    'no-restricted-globals': rule(globals),
    'no-restricted-properties': rule(properties),
    'no-restricted-imports': paths.length > 0 ? ['error', { paths }] : 'off',
  };
}

/** Where something ambient is allowed. The last matching row counts. */
const exemptions = [
  {
    reason:
      'The system and simulated adapters of Clock, IdGenerator and Scheduler are what everybody else asks.',
    files: ['libs/runtime/**'],
    allow: everything,
  },
  {
    reason: 'Adapters speak to files, drivers and brokers: timeouts, lock files with a pid, random nonces.',
    files: ['libs/*/{sqlite,memory,store,eventstoredb,kafka,mongodb}/**', 'libs/**/*.adapter.ts'],
    allow: everything,
  },
  {
    reason: 'Pure calendar arithmetic is written once, here; nothing in it reads the clock.',
    files: ['libs/contracts/time/**'],
    allow: ['Date'],
  },
  {
    reason: 'The composition root reads the environment once, wires the system adapters and answers signals.',
    files: ['libs/platform/**'],
    allow: everything,
  },
  {
    reason: 'The command line writes to standard streams and starts the service when none runs.',
    files: ['apps/cli/**'],
    allow: ['process'],
  },
  {
    reason:
      'Entry points own the process: environment, signals, exit codes, the start time, the last-resort timer.',
    files: ['apps/*/main.ts', 'apps/*/*.worker.ts'],
    allow: everything,
  },
  {
    reason:
      'Tests, benches and scripts play the outside world: they measure, wait with a deadline and start processes.',
    files: ['**/*.spec.ts', '**/*.contract.ts', 'libs/testing/**', 'test/**', 'scripts/**', '*.mjs', '*.cjs'],
    allow: everything,
  },
];

export default defineConfig(
  { ignores: ['node_modules/', 'dist/', 'coverage/', 'data/', '.rapport*/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,mjs,cjs}'],
    languageOptions: { parser: tseslint.parser, ecmaVersion: 2024 },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          caughtErrorsIgnorePattern: '^_',
          ignoreRestSiblings: true,
        },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-empty-object-type': 'error',
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/no-unused-expressions': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-duplicate-enum-values': 'error',
      '@typescript-eslint/no-this-alias': 'error',
      'no-constant-binary-expression': 'error',
      'no-control-regex': 'error',
      'no-debugger': 'error',
      'no-dupe-else-if': 'error',
      'no-duplicate-case': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-eval': 'error',
      'no-fallthrough': 'error',
      'no-loss-of-precision': 'error',
      'no-self-compare': 'error',
      'no-sparse-arrays': 'error',
      'no-unreachable': 'error',
      'no-unsafe-finally': 'error',
      'no-unsafe-optional-chaining': 'error',
      'no-useless-escape': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'use-isnan': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // These need types: the promise rules are worth their seconds, because a lost rejection is a lost write.
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: true, attributes: false } },
      ],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    // Shipped code logs through pino; only the command line and the tooling write to the terminal.
    files: ['libs/**/*.ts', 'projections/**/*.ts', 'apps/api/**/*.ts', 'apps/projector/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/main.ts', 'libs/testing/**'],
    rules: { 'no-console': 'error' },
  },
  // Hostile input is what such specs are about.
  { files: ['**/*.spec.ts'], rules: { 'no-loss-of-precision': 'off' } },
  { files: ['**/*.ts'], rules: ambientRules() },
  ...exemptions.map(({ reason, files, allow }) => ({ name: reason, files, rules: ambientRules(allow) })),
);
