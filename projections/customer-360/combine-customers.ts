import { STAGES } from '@rapport/contracts';
import { joinedGroup } from '../_parts/customer-group.js';
import { addMinor } from '../_parts/amounts.js';
import { compareStamps, latestOf } from '../_parts/business-order.js';
import type { Stamp } from '../_parts/business-order.js';
import { combineLoyalty } from '../_parts/loyalty/loyalty.combine.js';
import { joinedQuality } from '../_parts/profile-quality.js';
import { compareTouches, keepHoldings, MAX_STAGE_HISTORY, MAX_TOUCHES } from './capped-lists.js';
import { joinedStanding } from './standing-on-file.js';
import type { Customer360, HoldingOnFile } from './customer-360.model.js';

/**
 * One customer of merged ones: figures add up, of single values the latest counts, lists are joined in an order that
 * does not depend on which document came first. Of the fields that `choices` names, the value of that document counts.
 */
export function combineCustomers(
  documents: readonly Customer360[],
  choices: ReadonlyMap<string, number> = new Map(),
): Customer360 {
  const combined = documents.reduce(joined);
  for (const [field, at] of choices) {
    const chosen = documents[at];
    if (!chosen) continue;
    const detail = chosen.details[field as keyof Customer360['details']];
    if (detail) combined.details[field as keyof Customer360['details']] = detail;
    else delete combined.details[field as keyof Customer360['details']];
    if (field === 'groupCode' || field === 'activityType' || field === 'country') combined[field] = chosen[field];
  }
  return combined;
} // prettier-ignore

function joined(a: Customer360, b: Customer360): Customer360 {
  const [older, newer] = registeredFirst(a, b) ? [a, b] : [b, a];
  const now = laterStage(a, b);
  return {
    members: [...a.members, ...b.members].sort(
      (x, y) => x.sinceMs - y.sinceMs || (x.customerId < y.customerId ? -1 : 1),
    ),
    registeredAtMs: older.registeredAtMs ?? newer.registeredAtMs,
    acquisitionChannel: older.acquisitionChannel ?? newer.acquisitionChannel,
    roles: [...new Set([...a.roles, ...b.roles])].sort(),
    details: joinedDetails(a, b),
    identifiers: joinedBy([...a.identifiers, ...b.identifiers], (one) => one.value),
    removedIdentifiers: joinedBy([...a.removedIdentifiers, ...b.removedIdentifiers], (one) => one.value),
    ...joinedGroup(older, newer),
    manager: [a.manager, b.manager].reduce((x, y) =>
      !x || (y && (y.fromDate > x.fromDate || (y.fromDate === x.fromDate && y.managerId > x.managerId)))
        ? y
        : x,
    ),
    needLevel: latestOf(a.needLevel, b.needLevel),
    standing: joinedStanding(a.standing, b.standing),
    quality: joinedQuality(a.quality, b.quality),
    loyalty: combineLoyalty([a.loyalty, b.loyalty]),
    stage: now.stage,
    stageSinceMs: now.stageSinceMs,
    stageHeldUntilMs: now.stageHeldUntilMs,
    stageHistory: [...a.stageHistory, ...b.stageHistory]
      .sort((x, y) => x.sinceMs - y.sinceMs || (x.eventId < y.eventId ? -1 : 1))
      .slice(-MAX_STAGE_HISTORY),
    consents: latestBy([...a.consents, ...b.consents], (one) => `${one.purpose} ${one.channelScope}`),
    preferences: latestBy([...a.preferences, ...b.preferences], (one) => `${one.kind} ${one.key}`),
    profileFacts: latestBy([...a.profileFacts, ...b.profileFacts], (one) => `${one.category} ${one.key}`),
    parties: joinedBy([...a.parties, ...b.parties], (one) => `${one.otherCustomerId} ${one.role}`),
    cases: joinedBy([...a.cases, ...b.cases], (one) => `${one.openedAtMs} ${one.caseId}`),
    opportunities: joinedBy([...a.opportunities, ...b.opportunities], (one) => one.opportunityId),
    contracts: joinedBy([...a.contracts, ...b.contracts], (one) => one.contractId),
    offers: joinedBy([...a.offers, ...b.offers], (one) => one.offerId),
    promises: joinedBy([...a.promises, ...b.promises], (one) => one.promiseId),
    promisesKept: a.promisesKept + b.promisesKept,
    promisesBroken: a.promisesBroken + b.promisesBroken,
    repair: laterStarted(a.repair, b.repair, (one) => one.repairId),
    winBack: laterStarted(a.winBack, b.winBack, (one) => one.winBackId),
    coCreations: [...new Set([...a.coCreations, ...b.coCreations])].sort(),
    touches: joinedBy([...a.touches, ...b.touches], (line) => line[2])
      .sort(compareTouches)
      .slice(-MAX_TOUCHES),
    contactsByChannel: joinedCounts(a.contactsByChannel, b.contactsByChannel),
    firstContactAtMs: extreme(Math.min, a.firstContactAtMs, b.firstContactAtMs),
    lastContactAtMs: extreme(Math.max, a.lastContactAtMs, b.lastContactAtMs),
    money: joinedMoney(a.money, b.money),
    defaults: joinedBy([...a.defaults, ...b.defaults], (one) => one.invoiceId),
    holdings: joinedHoldings([...a.holdings, ...b.holdings]),
    satisfaction: latestBy([...a.satisfaction, ...b.satisfaction], (one) => one.instrument),
    traits: latestBy([...a.traits, ...b.traits], (one) => `${one.trait} ${one.side} ${one.component ?? ''}`),
    referrals: a.referrals + b.referrals,
    fraudSignals: joinedBy([...a.fraudSignals, ...b.fraudSignals], (one) => one.signalId),
    goodbye: [a.goodbye, b.goodbye].reduce((x, y) => (!x || (y && y.atMs > x.atMs) ? y : x)),
    erased: a.erased || b.erased,
  };
}

const registeredFirst = (a: Customer360, b: Customer360): boolean => {
  const [atA, atB] = [a.registeredAtMs ?? Infinity, b.registeredAtMs ?? Infinity];
  return atA !== atB ? atA < atB : (a.stageHistory[0]?.eventId ?? '') <= (b.stageHistory[0]?.eventId ?? '');
};

const laterStage = (a: Customer360, b: Customer360): Customer360 =>
  a.stageSinceMs !== b.stageSinceMs
    ? a.stageSinceMs > b.stageSinceMs
      ? a
      : b
    : STAGES.indexOf(a.stage) >= STAGES.indexOf(b.stage)
      ? a
      : b;

function joinedDetails(a: Customer360, b: Customer360): Customer360['details'] {
  const details: Customer360['details'] = {};
  const fields = [...new Set([...Object.keys(a.details), ...Object.keys(b.details)])].sort();
  for (const field of fields as (keyof Customer360['details'])[]) {
    const latest = latestOf(a.details[field], b.details[field]);
    if (latest) details[field] = latest;
  }
  return details;
}

/** Every item once, in the order of its id; items under one id are told apart by their content, not by who came first. */
function joinedBy<T>(items: readonly T[], idOf: (item: T) => string): T[] {
  const byContent = new Map<string, T>();
  for (const item of items) byContent.set(`${idOf(item)} ${JSON.stringify(item)}`, item);
  return [...byContent].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, item]) => item);
}

function latestBy<T extends Stamp>(items: readonly T[], idOf: (item: T) => string): T[] {
  const latest = new Map<string, T>();
  for (const item of items) {
    const known = latest.get(idOf(item));
    if (!known || compareStamps(item, known) > 0) latest.set(idOf(item), item);
  }
  return [...latest].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, item]) => item);
}

function laterStarted<T extends { startedAtMs: number }>(
  a: T | null,
  b: T | null,
  idOf: (one: T) => string,
): T | null {
  if (!a || !b) return a ?? b;
  if (a.startedAtMs !== b.startedAtMs) return a.startedAtMs > b.startedAtMs ? a : b;
  return idOf(a) >= idOf(b) ? a : b;
}

function joinedCounts(
  a: Customer360['contactsByChannel'],
  b: Customer360['contactsByChannel'],
): Customer360['contactsByChannel'] {
  const counts: Customer360['contactsByChannel'] = {};
  const channels = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  for (const channel of channels as (keyof Customer360['contactsByChannel'])[])
    counts[channel] = [
      (a[channel]?.[0] ?? 0) + (b[channel]?.[0] ?? 0),
      (a[channel]?.[1] ?? 0) + (b[channel]?.[1] ?? 0),
    ];
  return counts;
}

function joinedMoney(a: Customer360['money'], b: Customer360['money']): Customer360['money'] {
  const money: Customer360['money'] = {};
  for (const currency of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
    const [x, y] = [a[currency], b[currency]];
    if (!x || !y) {
      money[currency] = { ...(x ?? y)! };
      continue;
    }
    money[currency] = {
      purchasedMinor: addMinor(x.purchasedMinor, y.purchasedMinor),
      purchases: x.purchases + y.purchases,
      refundedMinor: addMinor(x.refundedMinor, y.refundedMinor),
      returns: x.returns + y.returns,
      invoicedMinor: addMinor(x.invoicedMinor, y.invoicedMinor),
      paidMinor: addMinor(x.paidMinor, y.paidMinor),
      inDefaultMinor: addMinor(x.inDefaultMinor, y.inDefaultMinor),
      writtenOffMinor: addMinor(x.writtenOffMinor, y.writtenOffMinor),
      serviceCostMinor: addMinor(x.serviceCostMinor, y.serviceCostMinor),
    };
  }
  return money;
}

function joinedHoldings(holdings: readonly HoldingOnFile[]): HoldingOnFile[] {
  const byProduct = new Map<string, HoldingOnFile>();
  for (const { productId, pieces, boughtAtMs } of holdings) {
    const known = byProduct.get(productId);
    byProduct.set(productId, {
      productId,
      pieces: pieces + (known?.pieces ?? 0),
      boughtAtMs: Math.max(boughtAtMs, known?.boughtAtMs ?? 0),
    });
  }
  let kept = [...byProduct.values()].sort((a, b) => (a.productId < b.productId ? -1 : 1));
  for (let before = -1; before !== kept.length;) {
    before = kept.length;
    kept = keepHoldings(kept);
  }
  return kept;
}

function extreme(pick: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return pick(a, b);
}
