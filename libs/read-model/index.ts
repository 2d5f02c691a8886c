export * from './read-model.port.js';
