/** Contacts are counted by periods of this many days. */
export const CONTACT_PERIOD_DAYS = 30;

const RECENT_PERIODS = 3;
const EARLIER_PERIODS = 6;
/** With fewer earlier contacts a decline would be chance. */
const MIN_EARLIER_CONTACTS = 6;

/**
 * By which share did the touches a customer began fall, in the last two to three periods of 30 days against the six
 * before, per day? 0 = not at all, 1 = none came any more; undefined while there is too little to compare with.
 * `contacts` is `[period, count …]`, sorted; periods after the as-of day are left out.
 */
export function contactDeclineOf(contacts: readonly number[], asOfDay: number): number | undefined {
  const now = Math.floor(asOfDay / CONTACT_PERIOD_DAYS);
  const recentFrom = now - RECENT_PERIODS + 1;
  const first = contacts[0];
  if (first === undefined) return undefined;
  const earlierFrom = Math.max(first, recentFrom - EARLIER_PERIODS);
  let recent = 0;
  let earlier = 0;
  for (let i = 0; i < contacts.length; i += 2) {
    const period = contacts[i]!;
    if (period > now || period < earlierFrom) continue;
    if (period >= recentFrom) recent += contacts[i + 1]!;
    else earlier += contacts[i + 1]!;
  }
  if (earlier < MIN_EARLIER_CONTACTS) return undefined;
  const recentDays = asOfDay - recentFrom * CONTACT_PERIOD_DAYS + 1;
  const earlierDays = (recentFrom - earlierFrom) * CONTACT_PERIOD_DAYS;
  return Math.min(1, Math.max(0, 1 - recent / recentDays / (earlier / earlierDays)));
}
