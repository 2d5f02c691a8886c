import type { RecordedEvent } from '@rapport/contracts';
import type { DocumentWrite } from '@rapport/read-model';
import type { CompiledProjection } from './compiled-projection.js';

interface Folded {
  document: object | null;
  position: bigint;
}

/** Documents of one projection folded from the beginning of their streams, all in memory, each event once. */
export class FoldedDocuments {
  private readonly byKey = new Map<string, Folded>();

  constructor(readonly projection: CompiledProjection) {}

  get size(): number {
    return this.byKey.size;
  }

  /** Folds an event the projection wants. Throws what the definition throws. */
  fold(event: RecordedEvent): void {
    const { definition } = this.projection;
    for (const key of this.projection.keysOf(event)) {
      let folded = this.byKey.get(key);
      if (!folded) this.byKey.set(key, (folded = { document: null, position: 0n }));
      folded.document = definition.evolve(folded.document ?? definition.initial(key), event as never, key);
      folded.position = event.position;
    }
  }

  documents(): { key: string; position: bigint; document: object }[] {
    const documents: { key: string; position: bigint; document: object }[] = [];
    for (const [key, { document, position }] of this.byKey)
      if (document !== null) documents.push({ key, position, document });
    return documents;
  }

  /** Every document once, in key order: stores fill fastest that way. */
  writes(): DocumentWrite[] {
    return this.documents()
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((folded) => ({ ...folded, indexes: this.projection.indexesOf(folded.document) }));
  }

  clear(): void {
    this.byKey.clear();
  }
}
