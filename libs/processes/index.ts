export * from './process.js';
export { PROCESSES } from './registry.js';
export * from './process-switch.decider.js';
