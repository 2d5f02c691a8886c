import { customerStreamId } from '@rapport/contracts';
import { identityDecider, type ClusterState } from '@rapport/domain';
import type { EventCodec, EventStore, IdentifierHasher, IdentifierIndex } from '@rapport/event-store';
import type { Principal } from '../access/principal.js';
import { canonicalJson } from '../customers/request-hash.js';
import type { SignedCursors } from '../signed-cursor.js';
import { matchEvidenceOf, matchProfileOf, PROFILE_EVENTS, type MatchEvidence, type MatchProfile } from './match-evidence.js'; // prettier-ignore
import { matchIdOf, survivorsOf } from './merges.js';

export interface MatchCandidatesParts {
  readonly index: Pick<IdentifierIndex, 'sharedHashes'>;
  readonly hasher: IdentifierHasher;
  readonly codec: Pick<EventCodec, 'revealMany'>;
  readonly events: Pick<EventStore, 'readStream'>;
  readonly cursors: SignedCursors;
}

/** Two customers that may be one, why, and how strongly; nobody has decided about them. */
export interface MatchCandidate extends MatchEvidence {
  readonly customerIds: readonly [string, string];
  /** In the queue already. */
  readonly proposed: boolean;
}

/** What was found and is not shown, so that families and switchboards do not bury the rest. */
export interface LeftOut {
  /** Pairs of three or more that share an address or a telephone under different names. */
  readonly households: number;
  /** Identifiers, or names with a postal code or birth date, that more than ten customers share. */
  readonly sharedByMany: number;
  /** Pairs beyond the ten strongest of one identifier or name. */
  readonly weaker: number;
}

/** Of an identifier that very many share, a switchboard or a placeholder, nothing follows. */
const MOST_SHARERS = 10;
const HOUSEHOLD = 3;
const MOST_PAIRS_OF_HASH = 10;

interface Pair {
  readonly customerIds: readonly [string, string];
  readonly evidence: MatchEvidence;
}
const keyOf = ({ customerIds }: { readonly customerIds: readonly [string, string] }): string => customerIds.join(' '); // prettier-ignore

/**
 * Finds customers that may be one and the same over the whole base. The index says who shares a keyed hash of a normalised
 * identifier, or of a name with a postal code or a birth date; no plain value is stored for it. What speaks for the pair is
 * then told from the values themselves, opened for the answer only. Pairs that were rejected, customers merged already, and
 * pairs of whom a member each was found to be two, do not come back.
 */
export class MatchCandidates {
  constructor(private readonly parts: MatchCandidatesParts) {}

  /** `limit`: shared hashes looked at, 1 to 200. Throws BAD_CURSOR, UNAVAILABLE. */
  async find(request: { readonly limit: number; readonly cursor?: string; readonly principal: Principal }): Promise<{
    readonly rows: readonly MatchCandidate[];
    readonly leftOut: LeftOut;
    readonly next?: string;
  }> {
    const { index, cursors } = this.parts;
    const scope = canonicalJson(['match-candidates']);
    const after = request.cursor === undefined ? undefined : cursors.open<string>(scope, request.cursor);
    const shared = await index.sharedHashes({ limit: request.limit, ...(after === undefined ? {} : { afterHash: after }) });
    const look = new Look(this.parts);
    const found = new Map<string, MatchCandidate>();
    const households = new Set<string>();
    let sharedByMany = 0;
    let weaker = 0;
    for (const { customerIds } of shared) {
      if (customerIds.length > MOST_SHARERS) {
        sharedByMany++;
        continue;
      }
      const pairs = await look.pairsOf(customerIds);
      const isHousehold = (pair: Pair): boolean => customerIds.length >= HOUSEHOLD && pair.evidence.names === 'different' && !pair.evidence.rules.some((rule) => IS_NUMBER.has(rule));
      for (const pair of pairs.filter(isHousehold)) households.add(keyOf(pair));
      const kept = pairs.filter((pair) => !isHousehold(pair)).sort(strongestFirst);
      weaker += Math.max(0, kept.length - MOST_PAIRS_OF_HASH);
      for (const pair of kept.slice(0, MOST_PAIRS_OF_HASH)) {
        const candidate = await look.undecided(pair);
        const known = candidate && found.get(keyOf(candidate));
        if (candidate) found.set(keyOf(candidate), known ? joined(known, candidate) : candidate);
      }
    }
    const rows = [...found.values()].sort((a, b) => b.scorePct - a.scorePct || (keyOf(a) < keyOf(b) ? -1 : 1));
    const leftOut = { households: [...households].filter((key) => !found.has(key)).length, sharedByMany, weaker };
    return shared.length < request.limit
      ? { rows, leftOut }
      : { rows, leftOut, next: cursors.sign(scope, shared.at(-1)!.hash) };
  }
} // prettier-ignore

const IS_NUMBER: ReadonlySet<string> = new Set(['sameTaxId', 'sameCustomerNo']);
const strongestFirst = (a: Pair, b: Pair): number => b.evidence.scorePct - a.evidence.scorePct || (keyOf(a) < keyOf(b) ? -1 : 1); // prettier-ignore

/** Two customers may have been found by several of those that were merged into them. */
const joined = (a: MatchCandidate, b: MatchCandidate): MatchCandidate => ({
  ...(b.scorePct > a.scorePct ? b : a),
  rules: [...new Set([...a.rules, ...b.rules])].sort(),
  proposed: a.proposed && b.proposed,
});

/** One look over the base: each customer is read once. */
class Look {
  private readonly profiles = new Map<string, Promise<MatchProfile>>();
  private readonly survivors = new Map<string, Promise<string>>();
  private readonly known = new Map<string, Promise<ClusterState['match']>>();

  constructor(private readonly parts: MatchCandidatesParts) {}

  /** What speaks for each two of them; pairs of which nothing does are left out. */
  async pairsOf(customerIds: readonly string[]): Promise<Pair[]> {
    const profiles = await Promise.all(customerIds.map((id) => once(this.profiles, id, () => this.profileOf(id))));
    const pairs: Pair[] = [];
    for (const [i, a] of customerIds.entries())
      for (const [j, b] of customerIds.entries()) {
        const evidence = i < j ? matchEvidenceOf(profiles[i]!, profiles[j]!) : undefined;
        if (evidence) pairs.push({ customerIds: [a, b], evidence });
      }
    return pairs;
  } // prettier-ignore

  /** The customers who go on for the two, unless they are one already or were found to be two. */
  async undecided({ customerIds, evidence }: Pair): Promise<MatchCandidate | undefined> {
    const current = await Promise.all(customerIds.map((id) => once(this.survivors, id, () => this.currentOf(id))));
    const [one, other] = current.sort() as [string, string];
    if (one === other) return undefined;
    const isNews = (match: NonNullable<ClusterState['match']>): boolean => match.rules.length > 0 && evidence.rules.some((rule) => !match.rules.includes(rule));
    const [ofPair, ofSurvivors] = [await this.knownOf(customerIds), await this.knownOf([one, other])];
    for (const match of [ofPair, ofSurvivors])
      if (match && match.status !== 'proposed' && !isNews(match)) return undefined;
    const proposed = ofSurvivors?.status === 'proposed' && !isNews(ofSurvivors);
    return { customerIds: [one, other], ...evidence, proposed };
  } // prettier-ignore

  private async currentOf(customerId: string): Promise<string> {
    return (await survivorsOf(this.parts.events, customerId)).at(-1) ?? customerId;
  }

  private knownOf([a, b]: readonly [string, string]): Promise<ClusterState['match']> {
    const matchId = matchIdOf(a, b);
    return once(this.known, matchId, async () => {
      const events = await this.parts.events.readStream(`identity-${matchId}`);
      return events.reduce(identityDecider.evolve, identityDecider.initialState()).match;
    });
  }

  private async profileOf(customerId: string): Promise<MatchProfile> {
    const { events, codec, hasher } = this.parts;
    const stream = await events.readStream(customerStreamId(customerId));
    const telling = stream.filter(({ type }) => PROFILE_EVENTS.has(type));
    const opened = await codec.revealMany(telling.map(({ data }) => data));
    return matchProfileOf(telling.map(({ type }, i) => ({ type, data: opened[i]!.value })), hasher); // prettier-ignore
  }
}

function once<Value>(
  remembered: Map<string, Promise<Value>>,
  key: string,
  read: () => Promise<Value>,
): Promise<Value> {
  let value = remembered.get(key);
  if (value === undefined) remembered.set(key, (value = read()));
  return value;
}
