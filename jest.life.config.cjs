/* Three years of customers through every command; started by `npm run test:life`. */
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['<rootDir>/test/life/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
