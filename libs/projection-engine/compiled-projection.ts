import { contractOf, type RecordedEvent } from '@rapport/contracts';
import type { IndexValue } from '@rapport/read-model';
import { isOfCustomer, type AnyProjection } from './definition.js';

/**
 * Events that change whose history an owner's documents hold. Projections of customers need not name them: their runners
 * fold the owner's documents anew then.
 */
export const TURNS: ReadonlySet<string> = new Set([
  'CustomerSealed',
  'CustomerUnsealed',
  'CustomerAbsorbed',
  'MembersReleased',
]);

/** A definition prepared for running over many events. */
export interface CompiledProjection {
  readonly definition: AnyProjection;
  readonly name: string;
  readonly version: number;
  /** Version, indexes and which of them are sorted by: what a generation is made as. */
  readonly shape: {
    readonly version: number;
    readonly indexes: readonly string[];
    readonly sortedBy: readonly string[];
  };
  readonly indexNames: readonly string[];
  /** True when the projection wants the event; by stream and type alone, before decoding. */
  readonly wants: (streamId: string, type: string) => boolean;
  /** True when `evolve` takes the event; others that are wanted only say whose history is whose (`owner-fold.ts`). */
  readonly evolves: (streamId: string, type: string) => boolean;
  /** Keys of the documents the event changes. Throws UnfoldableEvent when the definition may not fold it. */
  readonly keysOf: (event: RecordedEvent) => readonly string[];
  readonly indexesOf: (document: object) => Readonly<Record<string, IndexValue>>;
}

/** An event that must not be folded, with the reason operators see. */
export class UnfoldableEvent extends Error {
  override readonly name = 'UnfoldableEvent';
}

/** Owner of a stream's documents: `42` of `customer-42`. */
export const ownerOfStream = (streamId: string): string => streamId.slice(streamId.indexOf('-') + 1);

const isOwnedBy = (key: string, owner: string): boolean =>
  key.startsWith(owner) && (key.length === owner.length || key.charCodeAt(owner.length) === SLASH);
const SLASH = 47;

export function compileProjection(definition: AnyProjection): CompiledProjection {
  const types = definition.events === '*' ? undefined : new Set<string>(definition.events);
  const evolves = types ? (_: string, type: string) => types.has(type) : isOfCustomer;
  const concernsCustomers = !types || [...types].some((type) => contractOf(type)?.category === 'customer');
  const indexes = Object.entries(definition.indexes ?? {}) as [string, (document: object) => IndexValue][];
  const indexNames = indexes.map(([name]) => name);
  return {
    definition,
    name: definition.name,
    version: definition.version,
    shape: { version: definition.version, indexes: indexNames, sortedBy: definition.sortedBy ?? indexNames },
    indexNames,
    evolves,
    wants: concernsCustomers ? (streamId, type) => TURNS.has(type) || evolves(streamId, type) : evolves,
    keysOf: (event) => {
      // A newer version than we know would be misread: wait for the upgrade.
      const known = contractOf(event.type)?.version;
      if (known !== undefined && event.schemaVersion > known)
        throw new UnfoldableEvent(
          `unknown-schema: ${event.type} version ${event.schemaVersion}, known ${known}`,
        );
      const keys = definition.keys(event as never);
      if (keys.length > 0) {
        const owner = ownerOfStream(event.streamId);
        // Order is only promised within a stream: a document fed by two streams could not be rebuilt in shards.
        for (const key of keys)
          if (!isOwnedBy(key, owner))
            throw new UnfoldableEvent(`foreign-key: a key of ${definition.name} is not owned by the stream`);
      }
      return keys;
    },
    indexesOf: (document) => {
      const values: Record<string, IndexValue> = {};
      for (const [name, valueOf] of indexes) values[name] = valueOf(document);
      return values;
    },
  };
}

/** `TypeError: x is undefined`: at most 300 characters; folds see no personal plaintext, so neither does it. */
export function reasonOf(error: unknown): string {
  const { name, message } = error as { name?: string; message?: string };
  return `${name ?? 'Error'}: ${message ?? String(error)}`.slice(0, 300);
}
