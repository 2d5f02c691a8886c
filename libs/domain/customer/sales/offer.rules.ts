import type { ErrorCode, Refusal, WayOut } from '@rapport/contracts';
import type { Subject } from '../../rule-book/predicates/predicate.js';
import type { Need, RuleBook } from '../../rule-book/rule-book.js';
import type { CustomerState } from '../customer.state.js';
import { restrictedFor } from '../privacy/privacy.decider.js';
import { refuse } from '../refuse.js';
import { earliestOf, eachOnce, endOfDamage, pathTo } from '../relationship/way-out.rules.js';
import type { OfferKind } from './sales.state.js';

/** What a firm may propose, and to what: `channel` is absent where nobody is contacted (an opportunity is opened). */
export interface Initiative {
  readonly kind: OfferKind;
  readonly by: 'firm' | 'customer';
  readonly channel?: string;
  readonly productId?: string;
}

const subjectOf = ({ kind, channel, productId }: Initiative): Subject => ({ kind, channel, productId });

const FORBIDDEN: Readonly<Record<OfferKind, ErrorCode>> = {
  firstSale: 'STAGE_FORBIDS_FIRST_SALE',
  upSell: 'STAGE_FORBIDS_UP_SELL',
  crossSell: 'STAGE_FORBIDS_CROSS_SELL',
  retain: 'STAGE_FORBIDS_RETENTION',
  winBack: 'STAGE_FORBIDS_INITIATIVE',
};
const IN_WORDS: Readonly<Record<OfferKind, string>> = {
  firstSale: 'a first sale',
  upSell: 'an up-sell',
  crossSell: 'a cross-sell',
  retain: 'a retention offer',
  winBack: 'a win-back offer',
};

/** Highest tier of a product family the customer bought or has under contract; null when they have none of it. */
export function heldTierOf(state: CustomerState, family: string): number | null {
  let highest: number | null = null;
  for (const held of [...state.ledger.holdings, ...state.contracts.active])
    if (held.family === family && (highest === null || held.tier > highest)) highest = held.tier;
  return highest;
}

/**
 * What kind of offer a product is for this customer: derived from what they hold, never declared. A family they do not
 * have is a cross-sell, a higher tier of one they have an up-sell, the same or a lower tier keeps what is there (retain).
 * A consumable that was bought counts as had, although nobody holds it for long: more of it is no cross-sell.
 */
export function kindOfOffer(
  state: CustomerState,
  product: { readonly family: string; readonly tier: number },
): Extract<OfferKind, 'firstSale' | 'upSell' | 'crossSell' | 'retain'> {
  if (state.ledger.purchases === 0 && state.contracts.active.length === 0) return 'firstSale';
  const highest = heldTierOf(state, product.family);
  if (highest === null) return 'crossSell';
  return product.tier > highest ? 'upSell' : 'retain';
}

/** What an initiative needs at the customer's stage; undefined when the stage does not allow it at all. */
export const needsOf = (
  state: CustomerState,
  ruleBook: RuleBook,
  initiative: Initiative,
): readonly Need[] | undefined => {
  const always = ruleBook.alwaysNeeds;
  if (initiative.by === 'customer') {
    const own = ruleBook.offerNeeds(state.relationship.stage, initiative.kind) ?? [];
    return [...always, ...own].filter((need) => need.whatever);
  }
  const own = ruleBook.offerNeeds(state.relationship.stage, initiative.kind);
  if (own === undefined) return undefined;
  const needs = [...always, ...own];
  // Nobody is contacted: consent and frequency are asked when the offer is made.
  return initiative.channel === undefined
    ? needs.filter((need) => need.suppressedBy !== 'consent' && need.suppressedBy !== 'frequencyCap')
    : needs;
};

const codeFor = (unmet: readonly Need[]): ErrorCode =>
  unmet[0]!.suppressedBy === 'consent' ? 'CONSENT_MISSING' : 'OFFER_NOT_PERMITTED';

export interface HeldBack {
  readonly refusal: Refusal;
  readonly suppressedBy: readonly Need['suppressedBy'][];
}

/**
 * May we propose this now? Null = yes. STAGE_FORBIDS_* when the stage does not allow the kind, CONSENT_MISSING,
 * OFFER_NOT_PERMITTED for the other needs, PROCESSING_RESTRICTED before all of them. What the customer asked for is refused for fraud only.
 */
export function heldBack(
  state: CustomerState,
  ruleBook: RuleBook,
  initiative: Initiative,
  nowMs: number,
): HeldBack | null {
  const restricted = initiative.by === 'firm' ? restrictedFor(state, 'marketing') : null;
  if (restricted !== null) return { suppressedBy: ['consent'], refusal: restricted };
  const subject = subjectOf(initiative);
  const needs = needsOf(state, ruleBook, initiative);
  if (needs === undefined) {
    const { stage } = state.relationship;
    const wayOut = wayToOffer(state, ruleBook, initiative, nowMs);
    return {
      suppressedBy: ['stage'],
      refusal: refuse(
        FORBIDDEN[initiative.kind],
        `A relationship at ${stage} allows no ${IN_WORDS[initiative.kind].replace(/^an? /, '')} on our initiative.`,
        { ruleBookVersion: ruleBook.version, wayOut, ...earliestOf(wayOut) },
      ),
    };
  }
  const unmet = needs.filter((need) => !need.when.isMet(state, nowMs, subject));
  if (unmet.length === 0) return null;
  const wayOut = unmet.flatMap((need) =>
    need.when.toMeet(state, nowMs, subject).map((way) => ({ ...way, rule: need.rule })),
  );
  return {
    suppressedBy: [...new Set(unmet.map((need) => need.suppressedBy))],
    refusal: refuse(codeFor(unmet), unmet.map((need) => need.sentence).join(' '), {
      ruleBookVersion: ruleBook.version,
      wayOut,
      ...earliestOf(wayOut),
    }),
  };
}

/** What leads to a stage that allows the kind: the guards on the shortest way there, then what the offer needs there. */
function wayToOffer(
  state: CustomerState,
  ruleBook: RuleBook,
  initiative: Initiative,
  nowMs: number,
): readonly WayOut[] {
  const path = pathTo(
    state,
    ruleBook,
    (stage) => ruleBook.offerNeeds(stage, initiative.kind) !== undefined,
    nowMs,
  );
  if (path === undefined) return [];
  const wayOut = path.hops.flatMap(({ from, exit }) =>
    exit.guard.when
      .toMeet(from, nowMs, {})
      .map((way) => ({ ...way, rule: `${exit.guard.name}: ${way.rule}` })),
  );
  const subject = subjectOf(initiative);
  const needs = (needsOf(path.goal, ruleBook, initiative) ?? []).filter(
    (need) => !need.when.isMet(path.goal, nowMs, subject),
  );
  return eachOnce([
    ...endOfDamage(path.goal, ruleBook, nowMs),
    ...wayOut,
    ...needs.flatMap((need) =>
      need.when.toMeet(path.goal, nowMs, subject).map((way) => ({ ...way, rule: need.rule })),
    ),
  ]);
}
