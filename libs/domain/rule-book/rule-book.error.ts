/** A rule book that cannot be used: where (JSON path) and why. */
export class RuleBookError extends Error {
  override readonly name = 'RuleBookError';
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
  }
}
