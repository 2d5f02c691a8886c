import {
  customerStreamId,
  type CustomerRegistered,
  type DataOf,
  type IdentifierAdded,
} from '@rapport/contracts';
import { identityDecider, type ClusterState } from '@rapport/domain';
import type { EventCodec, EventStore, IdentifierHasher, IdentifierIndex } from '@rapport/event-store';
import type { Principal } from '../access/principal.js';
import { canonicalJson } from '../customers/request-hash.js';
import type { SignedCursors } from '../signed-cursor.js';
import { matchIdOf, survivorsOf, type MatchRule } from './merges.js';

export interface MatchCandidatesParts {
  readonly index: Pick<IdentifierIndex, 'sharedIdentifiers'>;
  readonly hasher: IdentifierHasher;
  readonly codec: Pick<EventCodec, 'revealMany'>;
  readonly events: Pick<EventStore, 'readStream'>;
  readonly cursors: SignedCursors;
}

/** Two customers that have an identifier in common, and nobody has decided about them. */
export interface MatchCandidate {
  readonly customerIds: readonly [string, string];
  readonly rules: readonly MatchRule[];
  /** How much the common identifiers speak for one customer. */
  readonly scorePct: number;
  /** In the queue already. */
  readonly proposed: boolean;
}

interface Rule {
  readonly rule: MatchRule;
  readonly scorePct: number;
}
/** A number a system or the state gave belongs to one; an address or a telephone may be shared by a household. */
const RULES: Readonly<Record<string, Rule>> = {
  taxId: { rule: 'sameTaxId', scorePct: 95 },
  customerNo: { rule: 'sameCustomerNo', scorePct: 95 },
  email: { rule: 'sameEmail', scorePct: 85 },
  phone: { rule: 'samePhone', scorePct: 60 },
};
const OTHER: Rule = { rule: 'sameIdentifier', scorePct: 50 };
const PER_FURTHER_RULE_PCT = 5;
const MOST_PCT = 99;
/** Of an identifier that very many share, a switchboard or a placeholder, nothing follows. */
const MOST_SHARERS = 10;

/**
 * Finds customers that may be one and the same over the whole base: by the keyed hashes of their normalised identifiers,
 * so that no plain value is compared or stored for it. Pairs that were decided on, and customers merged already, are left
 * out.
 */
export class MatchCandidates {
  constructor(private readonly parts: MatchCandidatesParts) {}

  /** `limit`: identifiers looked at, 1 to 200. Throws BAD_CURSOR, UNAVAILABLE. */
  async find(request: {
    readonly limit: number;
    readonly cursor?: string;
    readonly principal: Principal;
  }): Promise<{ readonly rows: readonly MatchCandidate[]; readonly next?: string }> {
    const { index, cursors } = this.parts;
    const scope = canonicalJson(['match-candidates']);
    const after = request.cursor === undefined ? undefined : cursors.open<string>(scope, request.cursor);
    const shared = await index.sharedIdentifiers({ limit: request.limit, ...(after === undefined ? {} : { afterHash: after }) }); // prettier-ignore
    const found = new Map<string, { customerIds: [string, string]; rules: Rule[] }>();
    for (const { hash, customerIds } of shared) {
      const ids = [...new Set(await Promise.all(customerIds.map((id) => this.currentOf(id))))].sort();
      if (ids.length < 2 || ids.length > MOST_SHARERS) continue;
      const rule = RULES[(await this.typeOf(customerIds[0]!, hash)) ?? ''] ?? OTHER;
      for (const [i, a] of ids.entries())
        for (const b of ids.slice(i + 1)) {
          const match = found.get(`${a} ${b}`) ?? { customerIds: [a, b], rules: [] };
          if (!match.rules.includes(rule)) match.rules.push(rule);
          found.set(`${a} ${b}`, match);
        }
    }
    const rows: MatchCandidate[] = [];
    for (const { customerIds, rules } of found.values()) {
      const known = await this.knownOf(...customerIds);
      const isNews = rules.some(({ rule }) => !known?.rules.includes(rule));
      if (known !== null && known.status !== 'proposed' && !isNews) continue;
      const best = Math.max(...rules.map(({ scorePct }) => scorePct));
      rows.push({
        customerIds,
        rules: rules.map(({ rule }) => rule).sort(),
        scorePct: Math.min(MOST_PCT, best + PER_FURTHER_RULE_PCT * (rules.length - 1)),
        proposed: known?.status === 'proposed' && !isNews,
      });
    }
    rows.sort((a, b) => b.scorePct - a.scorePct || (a.customerIds[0] < b.customerIds[0] ? -1 : 1));
    return shared.length < request.limit
      ? { rows }
      : { rows, next: cursors.sign(scope, shared.at(-1)!.hash) };
  }

  private async currentOf(customerId: string): Promise<string> {
    return (await survivorsOf(this.parts.events, customerId)).at(-1) ?? customerId;
  }

  private async knownOf(a: string, b: string): Promise<ClusterState['match']> {
    const events = await this.parts.events.readStream(`identity-${matchIdOf(a, b)}`);
    return events.reduce(identityDecider.evolve, identityDecider.initialState()).match;
  }

  /** Kind of the identifier behind a hash: the customer's own say, opened and hashed again. */
  private async typeOf(customerId: string, hash: string): Promise<string | undefined> {
    const { events, codec, hasher } = this.parts;
    const stream = await events.readStream(customerStreamId(customerId));
    const naming = stream.filter(({ type }) => type === 'CustomerRegistered' || type === 'IdentifierAdded');
    const opened = await codec.revealMany(naming.map(({ data }) => data));
    for (const [i, { type }] of naming.entries()) {
      const identifiers = type === 'CustomerRegistered' ? (opened[i]!.value as DataOf<typeof CustomerRegistered>).identifiers : [opened[i]!.value as DataOf<typeof IdentifierAdded>]; // prettier-ignore
      for (const { type: kind, value, sourceSystem } of identifiers)
        if (typeof value === 'string' && hasher.identifier(kind, value, sourceSystem) === hash) return kind;
    }
    return undefined;
  }
}
