/** Injection tokens for what is not a class. */
export const LOGGER = Symbol('Logger');
export const RUNTIME = Symbol('Runtime');
