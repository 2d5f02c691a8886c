import { RapportError } from '@rapport/contracts';
import type { PartitionEnd } from '@rapport/event-feed';
import { START, type LogHead } from '@rapport/event-store';
import type { RelayCheckpoint } from './relay-checkpoint.port.js';

/** Where copying goes on: everything of the log at or below it, as far as it belongs in the topic, is there. */
export type RelayPosition = Omit<RelayCheckpoint, 'partitioning'>;

/**
 * Where a relay begins that may have died at any step: after its checkpoint, or earlier where a partition ends before
 * what it had then (the topic lost records or was made anew). What a partition has already is in `chain` and is
 * skipped, so nothing is written twice. Throws INTERNAL when the log ends before what was copied: an older copy of the
 * log was put in its place, and going on would tell consumers another history.
 */
export function whereToStart(
  saved: RelayPosition | undefined,
  ends: readonly PartitionEnd[],
  head: LogHead,
  checkpointAt: (position: bigint) => string,
): RelayPosition {
  if (saved && saved.newest > head.position)
    throw new RapportError(
      'INTERNAL',
      `the log ends at ${head.position}, before ${saved.newest}, which was relayed already: is it an older copy?`,
    );
  const chain = ends.map((end, partition) => {
    if (end.kind === 'record') return end.position;
    // Expired records were there; nothing but the checkpoint remembers how far they went.
    return end.kind === 'expired' ? (saved?.chain[partition] ?? 0n) : 0n;
  });
  const behind = saved ? chain.filter((position, partition) => position < saved.chain[partition]!) : chain;
  const earliest = behind.reduce<bigint | undefined>((least, p) => (least === undefined || p < least ? p : least), undefined); // prettier-ignore
  if (saved && (earliest === undefined || earliest >= saved.position)) return { ...saved, chain };
  const position = earliest ?? 0n;
  const end = ends.find((e) => e.kind === 'record' && e.position === position);
  const known = end?.kind === 'record' ? end : undefined;
  return {
    position,
    checkpoint: position === 0n ? START : (known?.checkpoint ?? checkpointAt(position)),
    newest: position < head.position ? position : head.position,
    ordinal: known?.ordinal ?? 0n,
    chain,
  };
}
