export * from './definition.js';
export * from './compiled-projection.js';
export * from './progress-board.js';
export * from './live.runner.js';
export * from './as-of.runner.js';
export * from './explain.runner.js';
export * from './json-difference.js';
export * from './rebuild-lease.js';
