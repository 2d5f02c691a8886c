import type { CustomerState } from '@rapport/domain';

/** Need level from which a customer is a candidate for a strategic account (S7). */
const CANDIDATE_NEED_LEVEL = 5;

/**
 * Is this a customer whom losing would hurt? Value is never guessed from one figure: close to us now or before it
 * deteriorated, in the care of an account manager, or in need of more than a product.
 */
export function isValuable({ profile, relationship }: CustomerState): boolean {
  return (
    relationship.stage === 'intimacy' ||
    relationship.stageBefore === 'intimacy' ||
    profile.managerId !== null ||
    (profile.needLevel ?? 0) >= CANDIDATE_NEED_LEVEL
  );
}
