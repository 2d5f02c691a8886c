import type { EventStore } from '@rapport/event-store';

export interface LogReport {
  readonly head: bigint;
  readonly events: number;
  readonly streams: number;
  /** What is wrong, at most ten sentences; checksums are checked by reading. */
  readonly findings: readonly string[];
}

const SHOWN_FINDINGS = 10;

/** Is the log whole: positions rise, revisions of each stream follow each other from 0, no event id stands twice in a stream? */
export async function checkLog(
  store: Pick<EventStore, 'readAll' | 'head'>,
  onProgress: (events: number, total: number) => void,
  signal: AbortSignal,
): Promise<LogReport> {
  const { position: head, events: total } = await store.head();
  const findings: string[] = [];
  const complain = (sentence: string): void => {
    if (findings.length < SHOWN_FINDINGS) findings.push(sentence);
  };
  const revisions = new Map<string, bigint>();
  const idsInPage = new Set<string>();
  let last = 0n;
  let events = 0;
  for await (const page of store.readAll({ throughPosition: head })) {
    signal.throwIfAborted();
    idsInPage.clear();
    for (const { position, streamId, revision, eventId } of page.events) {
      events++;
      if (position <= last) complain(`position ${position} follows ${last}`);
      last = position;
      const due = (revisions.get(streamId) ?? -1n) + 1n;
      if (revision !== due) complain(`${streamId}: revision ${revision} where ${due} is due`);
      revisions.set(streamId, revision);
      if (idsInPage.has(eventId)) complain(`event ${eventId} stands twice`);
      idsInPage.add(eventId);
    }
    onProgress(events, Number(total ?? events));
  }
  if (total !== undefined && BigInt(events) !== total)
    complain(`${events} events where the log counts ${total}`);
  return { head, events, streams: revisions.size, findings };
}
