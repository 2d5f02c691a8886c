/* Specs are compiled to CommonJS so that jest's globals work; the product itself is ESM (docs/adr). */
const { paths } = require('./tsconfig.base.json').compilerOptions;
const aliases = Object.fromEntries(
  Object.entries(paths).map(([alias, [file]]) => [`^${alias}$`, `<rootDir>/${file.slice(2)}`]),
);
module.exports = {
  rootDir: __dirname,
  testEnvironment: 'node',
  reporters: ['default', '<rootDir>/scripts/summary.reporter.cjs'],
  maxWorkers: '100%',
  // A shared machine may be slow for a moment; a test that waits says itself what was missing.
  testTimeout: 30_000,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/projections', '<rootDir>/test'],
  testMatch: ['**/*.unit.spec.ts', '**/*.contract.spec.ts', '**/*.spec.ts'],
  // Three years of life take a minute: `npm run test:life`.
  testPathIgnorePatterns: ['/node_modules/', '\\.int\\.spec\\.ts$', '\\.e2e\\.spec\\.ts$', '/test/life/'],
  transform: { '^.+\\.ts$': ['@swc/jest', require('./scripts/swc.config.cjs').forJest] },
  moduleNameMapper: { ...aliases, '^(\\.{1,2}/.*)\\.js$': '$1' },
};
