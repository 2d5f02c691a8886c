import { customerIdFor, customerStreamId, epochMsOf, eventIdFor, isoOf } from '@rapport/contracts';
import type { Actor, Channel, EventOfType, EventType, RecordedEvent } from '@rapport/contracts';
import type { AnyProjection, ModelRun, ProjectionReader, QueryContext } from '@rapport/projection-engine';
import { openMemoryReadModels } from '@rapport/read-model';

export interface Circumstances {
  /** Business time: epoch ms or ISO. Default: a day after the event before. */
  readonly at?: number | string;
  readonly seq?: number;
  readonly channel?: Channel;
  readonly actor?: Actor['kind'];
  readonly eventId?: string;
}

const FIRST_DAY_MS = 1_767_225_600_000; // 2026-01-01T00:00:00.000Z

/** Records events of one customer as its stream would: revisions and positions rise, times are as said. */
export class CustomerEvents {
  readonly events: RecordedEvent[] = [];
  private lastMs = FIRST_DAY_MS;

  constructor(
    readonly customerId: string = customerIdFor('test', 'customer'),
    private readonly positionOf: (index: number) => bigint = (index) => BigInt(index + 1),
  ) {}

  record<T extends EventType>(
    type: T,
    data: EventOfType<T>['data'],
    circumstances: Circumstances = {},
  ): this {
    const {
      at = this.lastMs + 86_400_000,
      seq,
      channel = 'web',
      actor = 'customer',
      eventId,
    } = circumstances;
    const atMs = typeof at === 'number' ? at : epochMsOf(at);
    this.lastMs = atMs;
    const index = this.events.length;
    const streamId = customerStreamId(this.customerId);
    const commandKey = `k:${index}`;
    this.events.push({
      eventId: eventId ?? eventIdFor(streamId, commandKey, type, 0),
      type,
      schemaVersion: 1,
      streamId,
      revision: BigInt(index),
      position: this.positionOf(index),
      data,
      metadata: {
        customerId: this.customerId,
        occurredAt: isoOf(atMs),
        recordedAt: isoOf(atMs + 1_000),
        sourceSystem: 'test',
        ...(seq === undefined ? {} : { sourceSeq: seq }),
        channel,
        actor: { kind: actor, id: `${actor}-1` },
        correlationId: commandKey,
        causationId: commandKey,
        commandKey,
      },
    });
    return this;
  }

  purchase(amountMinor: number, at?: number | string, currency = 'EUR'): this {
    return this.record(
      'PurchaseRecorded',
      { orderId: `o-${this.events.length}`, total: { amountMinor, currency } },
      at === undefined ? {} : { at },
    );
  }
}

/** The documents a projection makes of events, in the order given; only events it wants. */
export function foldAll<Document extends object = object>(
  projection: AnyProjection,
  events: readonly RecordedEvent[],
): Map<string, Document> {
  const documents = new Map<string, Document>();
  for (const event of events) {
    if (projection.events !== '*' && !projection.events.includes(event.type as EventType)) continue;
    for (const key of projection.keys(event as never)) {
      const next = projection.evolve(documents.get(key) ?? projection.initial(key), event as never, key);
      if (next === null) documents.delete(key);
      else documents.set(key, next as Document);
    }
  }
  return documents;
}

/** What queries read, over documents kept in memory as JSON. */
export async function readerOf<Document extends object>(
  source: {
    readonly name: string;
    readonly version: number;
    readonly indexes?: AnyProjection['indexes'];
    readonly sortedBy?: readonly string[];
  },
  documents: ReadonlyMap<string, Document>,
): Promise<ProjectionReader<Document>> {
  const store = openMemoryReadModels();
  const indexes = Object.entries(source.indexes ?? {});
  const { name: projection, version } = source;
  await store.createGeneration({
    projection,
    version,
    generation: 1,
    indexes: indexes.map(([name]) => name),
    ...(source.sortedBy ? { sortedBy: source.sortedBy } : {}),
  });
  await store.activate(projection, version, 1);
  const { collection } = await store.activeCollection(projection);
  await store.insertMany(
    collection,
    [...documents].map(([key, document]) => ({
      key,
      position: 1n,
      document,
      indexes: Object.fromEntries(indexes.map(([name, valueOf]) => [name, valueOf(document)])),
    })),
  );
  return {
    get: (key) => store.get<Document>(collection, key),
    query: (query) => store.query<Document>(collection, query),
    group: (query) => store.group(collection, query),
    count: (where) => store.count(collection, where),
    scan: (pageSize) => store.scan(collection, pageSize) as ReturnType<ProjectionReader<Document>['scan']>,
  };
}

const run = (model: ModelRun['model'], modelRunId: string, parameters: ModelRun['parameters']): ModelRun => ({
  modelRunId,
  model,
  parameters,
  timeUnit: 'week',
  cutoff: '2026-06-30T23:59:59.999Z',
  knownAtPosition: '1',
  customers: 2_357,
  repeatCustomers: 946,
  logLikelihood: -9_582.1357,
  status: 'converged',
  gradientNorm: 1e-9,
  ...(model === 'gammaGamma' ? { currency: 'EUR' } : {}),
});

/** Fits with published CDNOW parameters (test/published-figures). */
export const CDNOW_RUNS = {
  mbgNbd: run('mbgNbd', 'mbg-1', { r: 0.52484, alpha: 6.18309, a: 0.89136, b: 1.614 }),
  bgNbd: run('bgNbd', 'bg-1', { r: 0.24259, alpha: 4.4136, a: 0.79292, b: 2.42591 }),
  gammaGamma: run('gammaGamma', 'gg-1', { p: 6.24957, q: 3.74422, gamma: 15.44352 }),
} as const;

/** What a query knows: no fit unless given, a horizon of 365 days at 10 % a year and a margin of 30 %. */
export const contextAt = (at: string, models: QueryContext['models'] = {}): QueryContext => ({
  asOfMs: epochMsOf(at),
  models,
  valueTerms: { horizonDays: 365, annualDiscountRate: 0.1, margin: 0.3 },
});
