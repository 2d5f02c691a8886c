/* Specs that need real servers; started by `npm run test:int`, which says where the servers are. */
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['**/*.int.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Servers and specs share the machine: one spec at a time keeps its deadlines honest.
  maxWorkers: 1,
  testTimeout: 120_000,
};
