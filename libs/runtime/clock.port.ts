/** What time it is: the only source of "now" for commands, the engine and the relay. */
export interface Clock {
  /** Now, in epoch milliseconds UTC. */
  nowMs(): number;
  /** Monotonic milliseconds for measuring durations; never for ordering. */
  monotonicMs(): number;
}
