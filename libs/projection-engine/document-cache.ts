import type { IndexValue } from '@rapport/read-model';

/** A document while it is being folded. */
export interface CachedDocument {
  readonly key: string;
  document: object | null;
  /** Position of the last event folded in; 0n for none. */
  position: bigint;
  /** Index values of the stored row; undefined when there is none. */
  storedIndexes: Readonly<Record<string, IndexValue>> | undefined;
}

/**
 * Documents of one collection kept between batches: two generations of a map, so that touching a document costs one
 * look-up and forgetting the least recent ones costs nothing. Changed documents are held until they are saved.
 */
export class DocumentCache {
  readonly changed = new Map<string, CachedDocument>();
  private young = new Map<string, CachedDocument>();
  private old = new Map<string, CachedDocument>();

  /** Keeps at most about twice `capacity` unchanged documents. */
  constructor(private readonly capacity: number) {}

  get(key: string): CachedDocument | undefined {
    const young = this.young.get(key);
    if (young) return young;
    const found = this.old.get(key) ?? this.changed.get(key);
    if (found) this.young.set(key, found);
    return found;
  }

  add(document: CachedDocument): CachedDocument {
    this.young.set(document.key, document);
    return document;
  }

  markChanged(document: CachedDocument): void {
    this.changed.set(document.key, document);
  }

  /** After a save: nothing is changed any more, and the least recent may go. */
  saved(): void {
    this.changed.clear();
    if (this.young.size > this.capacity) {
      this.old = this.young;
      this.young = new Map();
    }
  }

  forget(matches: (key: string) => boolean): void {
    for (const map of [this.young, this.old, this.changed])
      for (const key of map.keys()) if (matches(key)) map.delete(key);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
    this.changed.clear();
  }
}
