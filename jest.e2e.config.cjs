/* Specs that start the whole product as processes; started by `npm run test:e2e`. */
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['**/*.e2e.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // One product at a time: they share the machine.
  maxWorkers: 1,
  testTimeout: 600_000,
};
