/** A variable has a value that cannot be used. The message is one line for a person and repeats no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
