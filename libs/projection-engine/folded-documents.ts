import type { RecordedEvent } from '@rapport/contracts';
import type { EventStore } from '@rapport/event-store';
import type { DocumentWrite } from '@rapport/read-model';
import { ownerOfStream, reasonOf, type CompiledProjection } from './compiled-projection.js';
import { ownerOfKey } from './definition.js';
import { foldOwner, isTurn, type FoldedDocument } from './owner-fold.js';

/** Documents of a merged customer could not be folded. */
export class UnfoldableOwner extends Error {
  override readonly name = 'UnfoldableOwner';
  constructor(
    readonly turn: RecordedEvent,
    override readonly cause: unknown,
  ) {
    super(reasonOf(cause));
  }
}

/** Documents of one projection folded from the beginning of their streams, all in memory, each event once. */
export class FoldedDocuments {
  private readonly byKey = new Map<string, FoldedDocument>();

  /** Streams whose documents are folded anew at the end, by the last event that made it necessary. */
  private readonly turned = new Map<string, RecordedEvent>();

  constructor(readonly projection: CompiledProjection) {}

  get size(): number {
    return this.byKey.size;
  }

  /** Folds an event the projection wants. Throws what the definition throws. */
  fold(event: RecordedEvent): void {
    if (isTurn(event)) this.turned.set(event.streamId, event);
    if (this.turned.size > 0 && this.turned.has(event.streamId)) return;
    const { definition } = this.projection;
    for (const key of this.projection.keysOf(event)) {
      let folded = this.byKey.get(key);
      if (!folded) this.byKey.set(key, (folded = { document: null, position: 0n }));
      folded.document = definition.evolve(folded.document ?? definition.initial(key), event as never, key);
      folded.position = event.position;
    }
  }

  /**
   * Folds the documents of customers that were merged or unmerged anew. To be called once, after the last event and
   * before the documents are asked for. Throws UnfoldableOwner.
   */
  async settle(
    history: Pick<EventStore, 'readStream'>,
    within: (event: RecordedEvent) => boolean,
  ): Promise<void> {
    if (this.turned.size === 0) return;
    const owners = new Set([...this.turned.keys()].map(ownerOfStream));
    for (const key of this.byKey.keys()) if (owners.has(ownerOfKey(key))) this.byKey.delete(key);
    for (const [streamId, turn] of this.turned)
      try {
        const { documents } = await foldOwner(this.projection, history, streamId, within);
        for (const [key, folded] of documents) this.byKey.set(key, folded);
      } catch (error) {
        throw new UnfoldableOwner(turn, error);
      }
    this.turned.clear();
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
