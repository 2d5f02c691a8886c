/** Shares are counted in ten-thousandths: a whole percent is a hundred of them. */
const SHARES = 10_000;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * A number from 0 to 2^32 − 1 that looks like chance and is always the same for the same text: FNV-1a over its UTF-16
 * units, then the finaliser of MurmurHash3, because the last bits of FNV alone are not even.
 */
function evenHash(text: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Is the customer in the campaign's hold-out group? Decided by customer and campaign alone: asked again it is the same,
 * and who is left out of one campaign is not left out of the next for that.
 */
export const isHeldOut = (campaignId: string, customerId: string, controlPct: number): boolean =>
  evenHash(`holdOut/${campaignId}/${customerId}`) % SHARES < controlPct * (SHARES / 100);

/** Which variant of the campaign the customer gets, shared out evenly; undefined where there are none. */
export const variantFor = (
  campaignId: string,
  customerId: string,
  variants: readonly string[],
): string | undefined =>
  variants[evenHash(`variant/${campaignId}/${customerId}`) % Math.max(1, variants.length)];
