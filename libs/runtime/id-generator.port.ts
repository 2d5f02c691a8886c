/** Fresh random ids for correlation, requests and tests; never for event ids, which are derived. */
export interface IdGenerator {
  /** A random UUID in lower case. */
  uuid(): string;
}
