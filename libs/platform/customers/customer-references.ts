import { customerIdFor, IDENTIFIER_TYPES, isUuid, RapportError, type CustomerId } from '@rapport/contracts';
import { LRUCache } from 'lru-cache';
import type { IdentifierHasher, IdentifierIndex } from '@rapport/event-store';

export type IdentifierType = (typeof IDENTIFIER_TYPES)[number];

/** Identifiers whose values mean something only within the system that gave them. */
const SCOPED: ReadonlySet<string> = new Set(['customerNo', 'crm', 'cookie', 'device']);

/** An identifier as a caller names it. */
export interface NamedIdentifier {
  readonly type: IdentifierType;
  readonly value: string;
  /** System the number belongs to; only for customerNo, crm, cookie and device. */
  readonly sourceSystem?: string;
}

/** Whom a reference means: a customer by our id, or by an identifier. */
export type ParsedReference = { readonly customerId: CustomerId } | { readonly identifier: NamedIdentifier };

/** A reference, resolved. */
export interface ResolvedCustomer {
  readonly customerId: CustomerId;
  /** Set when nobody is known under the identifier: `customerId` is then the id the customer would get. */
  readonly unknownIdentifier?: NamedIdentifier;
}

const REFERENCE = /^(?:([A-Za-z0-9][A-Za-z0-9._:-]{0,99})\/)?([A-Za-z]+):(.+)$/s;
/** Controls, direction overrides and zero width characters: no identifier has them. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
const LONGEST_IDENTIFIER = 320;
/** About 10 MB when full. */
const MOST_REMEMBERED = 50_000;

/**
 * `3f2b…`, `email:ada@example.com` or `shop/customerNo:42`. A scoped identifier without its system belongs to
 * `sourceSystem`. Throws INVALID_VALUE.
 */
export function parseReference(reference: string, sourceSystem: string): ParsedReference {
  const lower = reference.toLowerCase();
  if (isUuid(lower)) return { customerId: lower as CustomerId };
  const [, system, type, value] = REFERENCE.exec(reference) ?? [];
  if (type === undefined || value === undefined || !(IDENTIFIER_TYPES as readonly string[]).includes(type))
    throw badReference('must be a customer id or an identifier such as email:ada@example.com');
  if (value.length > LONGEST_IDENTIFIER || HIDDEN.test(value) || value.trim() === '')
    throw badReference('must name an identifier of at most 320 visible characters');
  if (system !== undefined && !SCOPED.has(type)) throw badReference(`${type} belongs to no system`);
  return {
    identifier: {
      type: type as IdentifierType,
      value,
      ...(SCOPED.has(type) ? { sourceSystem: system ?? sourceSystem } : {}),
    },
  };
}

const badReference = (message: string): RapportError =>
  new RapportError('INVALID_VALUE', 'The customer is not named in a way we understand.', {
    errors: [{ pointer: 'path/ref', code: 'IS_REFERENCE', message }],
  });

/** Finds customers by what callers call them. Holds no plaintext: identifiers are looked up by keyed hash. */
export class CustomerReferences {
  /** References in use: a look-up in memory instead of one in the store for systems that write often. */
  private readonly references: LRUCache<string, CustomerId>;
  private forgotten = 0;

  /**
   * `rememberedMs`: how long a look-up counts at most where other processes may take an identifier away, 0: until
   * `forget`; `mayRemember`: false while this process does not hear of what others do.
   */
  constructor(
    private readonly index: IdentifierIndex,
    private readonly hasher: IdentifierHasher,
    rememberedMs = 0,
    private readonly mayRemember: () => boolean = () => true,
  ) {
    this.references = new LRUCache({ max: MOST_REMEMBERED, ttl: rememberedMs });
  }

  /** Whom a reference meant the last time, without waiting; undefined when it has to be resolved. */
  remembered(reference: string, sourceSystem: string): CustomerId | undefined {
    return this.mayRemember() ? this.references.get(`${sourceSystem} ${reference}`) : undefined;
  }

  /** Whom a reference means. Throws INVALID_VALUE. */
  async resolve(reference: string, sourceSystem: string): Promise<ResolvedCustomer> {
    const remembered = this.remembered(reference, sourceSystem);
    if (remembered) return { customerId: remembered };
    const parsed = parseReference(reference, sourceSystem);
    if ('customerId' in parsed) return parsed;
    const { forgotten } = this;
    const known = (await this.customerWith(parsed.identifier)) as CustomerId | undefined;
    if (known) {
      // Numbers of systems are remembered as they are; what belongs to a person is not.
      // An answer from before the last `forget` may be what was to be forgotten.
      if (SCOPED.has(parsed.identifier.type) && forgotten === this.forgotten)
        this.references.set(`${sourceSystem} ${reference}`, known);
      return { customerId: known };
    }
    return { customerId: this.derivedId(parsed.identifier), unknownIdentifier: parsed.identifier };
  }

  /** The customer registered first under an identifier. */
  async customerWith(identifier: NamedIdentifier): Promise<string | undefined> {
    return (await this.index.customersWithIdentifier(this.hashOf(identifier)))[0];
  }

  /** To call when an identifier may have been taken from a customer: the first one may be another now. */
  forget(): void {
    this.forgotten++;
    this.references.clear();
  }

  /** Every customer under an identifier, oldest first. */
  customersWith(identifier: NamedIdentifier): Promise<readonly string[]> {
    return this.index.customersWithIdentifier(this.hashOf(identifier));
  }

  /** Customers whose name has all of these words (or words that begin so). Empty text finds nobody. */
  async customersNamed(text: string, page: { readonly afterCustomerId?: string; readonly limit: number }) {
    const hashes = this.hasher.nameQuery(text);
    return hashes.length === 0 ? [] : this.index.customersWithNameWords(hashes, page);
  }

  /**
   * The id a customer gets that is first heard of under this identifier. The same identifier always gives the same id,
   * so registering twice finds the same stream; of personal identifiers only the keyed hash goes into it. `life` counts
   * how often somebody was first heard of under it: more than once where the one before was erased.
   */
  derivedId(identifier: NamedIdentifier, life = 1): CustomerId {
    const [system, id] = SCOPED.has(identifier.type)
      ? [identifier.sourceSystem!, `${identifier.type}:${identifier.value.trim().normalize('NFC').toUpperCase()}`]
      : ['identifier', this.hashOf(identifier)];
    return customerIdFor(system, life === 1 ? id : `${id} ${life}`);
  } // prettier-ignore

  private hashOf({ type, value, sourceSystem }: NamedIdentifier): string {
    const hash = this.hasher.identifier(type, value, sourceSystem);
    if (hash === undefined) throw badReference('names an identifier of which nothing is left');
    return hash;
  }
}
