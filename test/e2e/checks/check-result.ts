/** What a checker found. One that looked at nothing proves nothing: it counts as failed. */
export interface CheckResult {
  readonly name: string;
  /** What was looked at: events, answers, documents … */
  readonly checked: number;
  readonly violations: readonly string[];
}

export const holds = ({ checked, violations }: CheckResult): boolean =>
  checked > 0 && violations.length === 0;

/** Events of each stream, in the order given. */
export function byStream<T extends { readonly streamId: string }>(
  events: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const streams = new Map<string, T[]>();
  for (const event of events) {
    const stream = streams.get(event.streamId);
    if (stream) stream.push(event);
    else streams.set(event.streamId, [event]);
  }
  return streams;
}
