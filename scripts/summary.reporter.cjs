/* Says in one line what happened, last and alone, so that a person and a pipeline read the same thing. */
const { writeFileSync } = require('node:fs');

module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    // A suite that cannot be loaded runs no test: it counts as one failure, or nobody would see it.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const tail = skipped > 0 ? `, ${skipped} skipped` : '';
    if (process.env.RAPPORT_TEST_SUMMARY_FILE)
      writeFileSync(
        process.env.RAPPORT_TEST_SUMMARY_FILE,
        JSON.stringify({
          passed: results.numPassedTests,
          failed,
          skipped,
          line: `${results.numPassedTests} passed, ${failed} failed${tail}`,
        }),
      );
  }
};
