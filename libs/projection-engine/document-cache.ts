import type { IndexValue } from '@rapport/read-model';

/** A document while it is being folded. */
export interface CachedDocument {
  readonly key: string;
  document: object | null;
  /** Position of the last event folded in; 0n for none. */
  position: bigint;
  /** Index values of the stored row; undefined when there is none. */
  storedIndexes: Readonly<Record<string, IndexValue>> | undefined;
  /** Index values written by a commit that may not stand yet. */
  savedIndexes: Readonly<Record<string, IndexValue>> | undefined;
  isChanged: boolean;
}

/**
 * Documents of one collection kept between batches: two generations of a map, so that touching a document costs one
 * look-up and forgetting the least recent ones costs nothing. Changed documents are held until they are saved.
 */
export class DocumentCache {
  /** What the next save writes. */
  readonly changed: CachedDocument[] = [];
  private young = new Map<string, CachedDocument>();
  private old = new Map<string, CachedDocument>();

  /** Keeps at most about twice `capacity` unchanged documents. */
  constructor(private readonly capacity: number) {}

  get(key: string): CachedDocument | undefined {
    const young = this.young.get(key);
    if (young) return young;
    const found = this.old.get(key);
    if (found) this.young.set(key, found);
    return found;
  }

  /** Keys in memory that match. Looks at all of them: for what happens seldom. */
  keysThat(matches: (key: string) => boolean): string[] {
    return [...new Set([...this.young.keys(), ...this.old.keys()])].filter(matches);
  }

  add(document: CachedDocument): CachedDocument {
    this.young.set(document.key, document);
    return document;
  }

  markChanged(document: CachedDocument): void {
    if (document.isChanged) return;
    document.isChanged = true;
    this.changed.push(document);
  }

  /** After a save: nothing is changed any more, and the least recent may go. */
  saved(): void {
    let created = 0;
    for (const document of this.changed) {
      if (!document.storedIndexes) created++;
      document.storedIndexes = document.document ? document.savedIndexes : undefined;
      document.isChanged = false;
    }
    // Mostly new rows: a projection with a row per event seldom comes back to one.
    const isHistory = created > this.changed.length / 2;
    this.changed.length = 0;
    if (this.young.size <= this.capacity) return;
    this.old = isHistory ? new Map() : this.young;
    this.young = new Map();
  }

  /** Forgets documents, changed or not. */
  forget(matches: (key: string) => boolean): void {
    for (const map of [this.young, this.old]) for (const key of map.keys()) if (matches(key)) map.delete(key);
    const rest = this.changed.filter(({ key }) => !matches(key));
    this.changed.splice(0, this.changed.length, ...rest);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
    this.changed.length = 0;
  }
}
