/* Three years of customers through every command; started by `npm run test:life`. */
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['<rootDir>/test/life/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // One after the other, in this process: one of them measures, and a worker with so much memory ends too slowly for jest.
  maxWorkers: 1,
};
