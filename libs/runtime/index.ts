export type { Clock } from './clock.port.js';
export type { IdGenerator } from './id-generator.port.js';
export type { Scheduler } from './scheduler.port.js';
export * from './system.adapter.js';
export * from './simulated.adapter.js';
