import type { CustomerState } from '@rapport/domain';

/** Need level from which a customer is a candidate for a strategic account (S7). */
const CANDIDATE_NEED_LEVEL = 5;
/** Classes of high value, whatever service they want (S10). */
const HIGH_VALUE: readonly (number | null)[] = [3, 4];

/**
 * Is this a customer whom losing would hurt? A classification of high value says so; where nobody classified, so do being
 * close to us now or before it deteriorated, the care of an account manager, and a need for more than a product.
 */
export function isValuable({ profile, relationship }: CustomerState): boolean {
  return (
    HIGH_VALUE.includes(profile.customerClass) ||
    profile.strategic !== null ||
    relationship.stage === 'intimacy' ||
    relationship.stageBefore === 'intimacy' ||
    profile.managerId !== null ||
    (profile.needLevel ?? 0) >= CANDIDATE_NEED_LEVEL
  );
}
