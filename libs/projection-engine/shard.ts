/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/. Stable for ever within one run is all that is needed. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Which of `of` shards a stream belongs to: 0 … of - 1. All events of a stream fall into one. */
export function shardOf(streamId: string, of: number): number {
  if (of === 1) return 0;
  let hash = FNV_OFFSET;
  for (let i = 0; i < streamId.length; i++) hash = Math.imul(hash ^ streamId.charCodeAt(i), FNV_PRIME);
  return (hash >>> 0) % of;
}
