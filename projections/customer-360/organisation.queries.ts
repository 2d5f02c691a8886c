import { Type } from '@sinclair/typebox';
import { isoOf } from '@rapport/contracts';
import type { Channel, Money, Stage } from '@rapport/contracts';
import type { NamedQuery } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import type { Customer360, MoneyOfCurrency, PartyOnFile } from './customer-360.model.js';

/** Parties of parties are followed so deep: a group, its companies, their people. */
const MAX_DEPTH = 4;
/** More are not read; the answer then says so. */
const MAX_PARTIES = 500;

/** A party counted in an organisation, by the roles it plays for any of its members. */
export interface OrganisationMember {
  readonly customerId: string;
  /** Empty for the organisation itself. */
  readonly roles: readonly PartyOnFile['role'][];
  /** Steps away from the organisation: 0 = itself. */
  readonly distance: number;
  readonly stage: Stage;
  readonly managerId: string | null;
  readonly openCases: number;
  readonly lastContactAt: string | null;
}

export interface OrganisationAnswer {
  readonly customerId: string;
  /** ISO-8601 UTC: only roles that hold on that day count. */
  readonly asOf: string;
  /** The organisation first, then by distance. */
  readonly members: readonly OrganisationMember[];
  /** Parties that are linked but of whom nothing is recorded. */
  readonly unknownParties: readonly string[];
  /** True when there are more parties than are read. */
  readonly incomplete: boolean;
  /** Figures of all members, each member once however many roles it plays. */
  readonly money: readonly (MoneyOfCurrency & { readonly currency: string; readonly netMinor: number })[];
  readonly openCases: number;
  /** Expected amounts of open opportunities. */
  readonly openOpportunities: readonly Money[];
  readonly runningContracts: number;
  readonly contacts: number;
  /** 0 to 1; null without a contact. */
  readonly selfServiceShare: number | null;
  readonly contactsByChannel: readonly { readonly channel: Channel; readonly contacts: number }[];
  readonly lastContactAt: string | null;
  readonly promisesBroken: number;
}

const Params = Type.Object(
  { customerId: Type.String({ format: 'uuid', description: 'the organisation or household' }) },
  { additionalProperties: false },
);

/** What is this organisation to us as a whole, its parties included, each counted once? Null for an unknown customer. */
export const organisation: NamedQuery<Customer360, typeof Params, OrganisationAnswer | null> = {
  name: 'organisation',
  question: 'What is this organisation to us as a whole, its parties included, each counted once?',
  // Documents of several customers are read: as of another day they are folded from the whole log.
  scope: 'figures',
  params: Params,
  run: async (reader, { customerId }, { asOfMs }) => {
    const found = new Map<string, { document: Customer360; roles: Set<PartyOnFile['role']>; distance: number }>();
    const unknownParties = new Set<string>();
    let incomplete = false;
    let layer = new Map<string, Set<PartyOnFile['role']>>([[customerId, new Set()]]);
    for (let distance = 0; layer.size > 0 && distance <= MAX_DEPTH; distance += 1) {
      const next: typeof layer = new Map();
      for (const [id, roles] of layer) {
        const known = found.get(id);
        if (known) {
          for (const role of roles) known.roles.add(role);
          continue;
        }
        if (found.size >= MAX_PARTIES) {
          incomplete = true;
          continue;
        }
        const document = (await reader.get(id))?.document;
        if (!document) {
          unknownParties.add(id);
          continue;
        }
        found.set(id, { document, roles, distance });
        for (const party of document.parties.filter((one) => holdsOn(one, asOfMs))) {
          const others = next.get(party.otherCustomerId) ?? new Set();
          next.set(party.otherCustomerId, others.add(party.role));
        }
      }
      if (distance === MAX_DEPTH && [...next.keys()].some((id) => !found.has(id))) incomplete = true;
      layer = next;
    }
    if (!found.has(customerId)) return null;
    const documents = [...found.values()].map(({ document }) => document);
    return {
      customerId,
      asOf: isoOf(asOfMs),
      members: [...found].map(([id, { document, roles, distance }]) => ({
        customerId: id,
        roles: id === customerId ? [] : [...roles].sort(),
        distance,
        stage: document.stage,
        managerId: document.manager?.managerId ?? null,
        openCases: openCasesOf(document),
        lastContactAt: isoOrNull(document.lastContactAtMs),
      })),
      unknownParties: [...unknownParties].sort(),
      incomplete,
      ...figuresOf(documents),
    };
  },
}; // prettier-ignore

/** Does the role hold on the day? Both days belong to it. */
export function holdsOn({ fromDate, toDate }: PartyOnFile, asOfMs: number): boolean {
  const day = isoOf(asOfMs).slice(0, 10);
  return fromDate <= day && (toDate === null || day <= toDate);
}

const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : isoOf(atMs));
const openCasesOf = ({ cases }: Customer360): number =>
  cases.filter(({ status }) => status !== 'accepted' && status !== 'closed').length;

function figuresOf(documents: readonly Customer360[]) {
  const money = new Map<string, MoneyOfCurrency>();
  const expected = new Map<string, number>();
  const channels = new Map<Channel, number>();
  let selfService = 0;
  let lastContactAtMs: number | null = null;
  for (const document of documents) {
    for (const [currency, sums] of Object.entries(document.money)) {
      const known = money.get(currency);
      money.set(currency, known ? added(known, sums) : { ...sums });
    }
    for (const { status, currency, expectedMinor } of document.opportunities)
      if (status === 'open') expected.set(currency, addMinor(expected.get(currency) ?? 0, expectedMinor));
    for (const [channel, [count, alone]] of Object.entries(document.contactsByChannel) as [Channel, [number, number]][]) {
      channels.set(channel, (channels.get(channel) ?? 0) + count);
      selfService += alone;
    }
    if (document.lastContactAtMs !== null)
      lastContactAtMs = Math.max(document.lastContactAtMs, lastContactAtMs ?? document.lastContactAtMs);
  }
  const contacts = [...channels.values()].reduce((sum, count) => sum + count, 0);
  return {
    money: [...money]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, sums]) => ({ currency, ...sums, netMinor: sums.purchasedMinor - sums.refundedMinor })),
    openCases: documents.reduce((sum, document) => sum + openCasesOf(document), 0),
    openOpportunities: [...expected]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, amountMinor]) => ({ amountMinor, currency })),
    runningContracts: documents.reduce((sum, { contracts }) => sum + contracts.filter(({ status }) => status !== 'ended').length, 0),
    contacts,
    selfServiceShare: contacts === 0 ? null : selfService / contacts,
    contactsByChannel: [...channels]
      .map(([channel, count]) => ({ channel, contacts: count }))
      .sort((a, b) => b.contacts - a.contacts || (a.channel < b.channel ? -1 : 1)),
    lastContactAt: isoOrNull(lastContactAtMs),
    promisesBroken: documents.reduce((sum, document) => sum + document.promisesBroken, 0),
  };
} // prettier-ignore

function added(a: MoneyOfCurrency, b: MoneyOfCurrency): MoneyOfCurrency {
  const sums = { ...a };
  for (const name of Object.keys(a) as (keyof MoneyOfCurrency)[]) sums[name] = addMinor(a[name], b[name]);
  return sums;
}
