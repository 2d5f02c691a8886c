import { customerStreamId, epochMsOf, isoOf, RapportError } from '@rapport/contracts';
import { maskPersonal, type EventCodec, type EventStore } from '@rapport/event-store';
import {
  isWithin,
  type AnyProjection,
  type AsOf,
  type DataQualityLimits,
  type NamedQuery,
  type PageEnd,
  type QueryContext,
  type ValueTerms,
} from '@rapport/projection-engine';
import { riskScoreRow } from '@rapport/projections';
import type { ReadModelStore } from '@rapport/read-model';
import type { Clock } from '@rapport/runtime';
import { maySeePersonalValues, type Principal } from '../access/principal.js';
import { canonicalJson } from '../customers/request-hash.js';
import type { CustomerReferences } from '../customers/customer-references.js';
import type { ModelRuns } from '../models/model-runs.js';
import type { SignedCursors } from '../signed-cursor.js';
import { survivorsOf } from '../identity/merges.js';
import {
  askActive,
  completeTo,
  openBeside,
  openStreamAsOf,
  type OpenedReader,
} from './projection-readers.js';
import type { KnownAt, ReadAnswer, ReadRequest } from './read-request.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters and answers differ per query
export type AnyQuery = NamedQuery<any, any, any>;

/** A named query with the collection it reads. */
export interface KnownQuery {
  readonly projection: string;
  readonly query: AnyQuery;
}

export interface ReadSideParts {
  readonly projections: readonly AnyProjection[];
  readonly readModels: ReadModelStore;
  readonly events: EventStore;
  readonly codec: EventCodec;
  readonly references: CustomerReferences;
  readonly models: ModelRuns;
  readonly cursors: SignedCursors;
  readonly clock: Clock;
  readonly valueTerms: ValueTerms;
  /** What data have to be like by the rules in force at an instant, epoch ms. */
  readonly dataQualityLimitsAt: (atMs: number) => DataQualityLimits;
  /** Partition of the feed that a stream is in, of so many. */
  readonly partitionOf: (streamId: string) => number;
  readonly partitions: number;
  /** Resolves when a projection is complete to a position of a partition. Throws READ_YOUR_WRITES_TIMEOUT. */
  readonly waitFor: (
    projection: string,
    position: bigint,
    timeoutMs: number,
    partition: number,
  ) => Promise<void>;
  /** Asks documents of all customers as they were; elsewhere, so that nobody waits for the fold. */
  readonly askAllAsOf: (question: AsOfQuestion) => Promise<AsOfReply>;
}

/** A question whose documents must be folded from the whole log first. JSON-like, so that it can travel to a thread. */
export interface AsOfQuestion {
  readonly projection: string;
  readonly query: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly at: AsOf;
  readonly context: QueryContext;
}
export interface AsOfReply {
  readonly data: unknown;
  readonly version: number;
  readonly position: bigint;
}

/** How long a read waits for a write it must have seen. */
const READ_YOUR_WRITES_MS = 2_000;
const DEFAULT_LIMIT = 50;
/** A chain of merges is as long as somebody merged survivors. */
const MOST_HOPS = 100;
const SEALS: ReadonlySet<string> = new Set(['CustomerSealed', 'CustomerUnsealed']);

/** Answers the named queries of the registry: now, as of another day, or as known then. */
export class ReadSide {
  private readonly queries = new Map<string, KnownQuery>();

  constructor(private readonly parts: ReadSideParts) {
    for (const projection of parts.projections)
      for (const query of projection.queries ?? []) this.queries.set(`${projection.name}/${query.name}`, { projection: projection.name, query }); // prettier-ignore
    for (const query of riskScoreRow.queries as readonly AnyQuery[])
      this.queries.set(`${riskScoreRow.name}/${query.name}`, { projection: riskScoreRow.name, query });
  }

  /** Every named query. */
  all(): readonly KnownQuery[] {
    return [...this.queries.values()];
  }

  /** Throws UNKNOWN_PROJECTION, NOT_FOUND. */
  queryOf(projection: string, query: string): AnyQuery {
    const known = this.queries.get(`${projection}/${query}`);
    if (known) return known.query;
    if (!this.all().some((one) => one.projection === projection)) throw new RapportError('UNKNOWN_PROJECTION', 'There is no such projection.'); // prettier-ignore
    throw new RapportError('NOT_FOUND', 'The projection has no such query.');
  }

  /**
   * Throws INVALID_VALUE, BAD_CURSOR, CUSTOMER_NOT_FOUND, UNKNOWN_PROJECTION, NOT_FOUND, POSITION_BEYOND_HEAD,
   * READ_YOUR_WRITES_TIMEOUT, UNAVAILABLE.
   */
  async ask(request: ReadRequest): Promise<ReadAnswer> {
    const query = this.queryOf(request.projection, request.query);
    const params: Record<string, unknown> = { ...request.params };
    if (request.reference !== undefined) params['customerId'] = await this.customerIdOf(request);
    const paged = query.scope === 'list' || query.paged === true;
    const cursorScope = paged ? this.cursorScope(request, params) : '';
    if (paged) {
      params['limit'] = request.limit ?? DEFAULT_LIMIT;
      if (request.cursor !== undefined) params['after'] = this.parts.cursors.open<PageEnd>(cursorScope, request.cursor);
    }
    await this.awaitWrite(request, query.beside);
    const context = await this.contextOf(request);
    let reply = await this.reply(request, query, params, context);
    // Who was merged has no documents: the survivor has them. Asked for only where nothing is found.
    const survivorId = isNothing(reply.data) ? await this.survivorOf(request, params['customerId']) : undefined;
    if (survivorId !== undefined) {
      params['customerId'] = survivorId;
      reply = await this.reply(request, query, params, context);
    }
    const customerId = params['customerId'];
    if (typeof customerId === 'string' && isNothing(reply.data)) {
      await this.assertKnown(customerId, request, query);
      // The log knows the customer, the read model perhaps not yet: look again once it has seen them. What others
      // write meanwhile is not waited for, or an empty page would time out whenever there is much to fold.
      const last = await this.lastPositionOf(customerId);
      if (!asOfOf(request) && reply.position < last) {
        const partition = this.parts.partitionOf(customerStreamId(customerId));
        await this.waitForAll([request.projection, ...(query.beside ?? [])], last, partition);
        reply = await this.reply(request, query, params, context);
      }
    }
    if (reply.data === null)
      throw query.scope === 'customer' ? notFound() : new RapportError('NOT_FOUND', 'Nothing is known under this name.');
    return this.answer(request, query, reply, context, cursorScope);
  } // prettier-ignore

  /** Opens personal values for callers who may see them, hides them from others. */
  async revealFor(principal: Principal, data: unknown): Promise<{ readonly data: unknown; readonly meta: object }> {
    if (!maySeePersonalValues(principal)) {
      const { value, masked } = maskPersonal(data);
      return { data: value, meta: masked ? { masked: true } : {} };
    }
    const { value, erased, unreadable } = await this.parts.codec.reveal(data);
    return { data: value, meta: { ...(erased ? { erased: true } : {}), ...(unreadable > 0 ? { unreadable } : {}) } };
  } // prettier-ignore

  private async reply(
    request: ReadRequest,
    query: AnyQuery,
    params: Readonly<Record<string, unknown>>,
    context: QueryContext,
  ): Promise<{ data: unknown } & Omit<OpenedReader, 'reader'>> {
    const at = asOfOf(request);
    const projection = this.projectionOf(request.projection);
    if (at && query.scope !== 'customer')
      return this.parts.askAllAsOf({ projection: request.projection, query: request.query, params, at, context });
    const { readModels, events } = this.parts;
    if (!at || !projection)
      return askActive(readModels, request.projection, async (reader, beside): Promise<unknown> => query.run(reader, params, context, beside), query.beside);
    const streamId = customerStreamId(String(params['customerId']));
    const opened = await openStreamAsOf(projection, events, streamId, at);
    const beside = await openBeside(query.beside ?? [], (name) => openStreamAsOf(this.projectionOf(name)!, events, streamId, at));
    return { data: await query.run(opened.reader, params, context, beside.readers), ...completeTo(opened, beside) };
  } // prettier-ignore

  private projectionOf(name: string): AnyProjection | undefined {
    return this.parts.projections.find((one) => one.name === name);
  }

  private async answer(
    request: ReadRequest,
    query: AnyQuery,
    reply: { readonly data: unknown; readonly version: number; readonly generation?: number; readonly position: bigint },
    context: QueryContext,
    cursorScope: string,
  ): Promise<ReadAnswer> {
    const { next, ...page } = (isPage(reply.data) ? reply.data : {}) as { next?: PageEnd };
    const { data, meta } = await this.revealFor(request.principal, isPage(reply.data) ? page : reply.data);
    return {
      data: query.atEdge ? query.atEdge(data) : data,
      meta: {
        projection: request.projection,
        version: reply.version,
        ...(reply.generation === undefined ? {} : { generation: reply.generation }),
        position: reply.position.toString(),
        asOf: this.runInstantOf(request, data) ?? isoOf(context.asOfMs),
        ...(request.knownAt ? { knownAt: shownKnownAt(request.knownAt) } : {}),
        ...(next ? { next: this.parts.cursors.sign(cursorScope, next) } : {}),
        ...meta,
      },
    };
  } // prettier-ignore

  /** Scores are as old as their run, whenever they are asked for. */
  private runInstantOf({ projection }: ReadRequest, data: unknown): string | undefined {
    if (projection !== riskScoreRow.name) return undefined;
    return (data as { readonly asOf: string | null }).asOf ?? undefined;
  }

  private async customerIdOf(request: ReadRequest): Promise<string> {
    const found = await this.parts.references.resolve(request.reference!, request.principal.subject);
    if (found.unknownIdentifier) throw notFound();
    return found.customerId;
  }

  /** Who goes on for a merged customer, as of the day asked for; undefined for one that was not merged by then. */
  private async survivorOf(request: ReadRequest, customerId: unknown): Promise<string | undefined> {
    if (typeof customerId !== 'string') return undefined;
    const at = asOfOf(request);
    const { events } = this.parts;
    if (!at) return (await survivorsOf(events, customerId)).at(-1);
    const within = isWithin(at);
    let current = customerId;
    for (let hops = 0; hops < MOST_HOPS; hops++) {
      const turns = (await events.readStream(customerStreamId(current))).filter((event) => within(event) && SEALS.has(event.type)); // prettier-ignore
      const last = turns.at(-1);
      if (last?.type !== 'CustomerSealed') break;
      current = (last.data as { into: string }).into;
    }
    return current === customerId ? undefined : current;
  }

  private async assertKnown(customerId: string, request: ReadRequest, query: AnyQuery): Promise<void> {
    const first = await this.parts.events.readStream(customerStreamId(customerId), { maxCount: 1 });
    const at = asOfOf(request);
    if (first.length === 0) throw notFound();
    // As of a day before the customer was known, there was no such customer.
    if (at && query.scope === 'customer' && !isWithinFirst(first[0]!.metadata, request)) throw notFound();
  }

  private async lastPositionOf(customerId: string): Promise<bigint> {
    const [last] = await this.parts.events.readStream(customerStreamId(customerId), { direction: 'backward', maxCount: 1 });
    return last?.position ?? 0n;
  } // prettier-ignore

  /** Waits until a projection has seen the write of a token. Throws POSITION_BEYOND_HEAD, READ_YOUR_WRITES_TIMEOUT. */
  async awaitWrite(
    { after, projection }: Pick<ReadRequest, 'after' | 'projection'>,
    beside: readonly string[] = [],
  ): Promise<void> {
    if (after === undefined) return;
    const colon = after.indexOf(':');
    const partition = Number(after.slice(0, colon));
    const position = BigInt(after.slice(colon + 1));
    const { position: head } = await this.parts.events.head();
    if (partition >= this.parts.partitions || position > head)
      throw new RapportError('POSITION_BEYOND_HEAD', 'The token was not given by this log.');
    if (this.projectionOf(projection)) await this.waitForAll([projection, ...beside], position, partition);
  }

  private async waitForAll(
    projections: readonly string[],
    position: bigint,
    partition: number,
  ): Promise<void> {
    const { waitFor } = this.parts;
    await Promise.all(projections.map((name) => waitFor(name, position, READ_YOUR_WRITES_MS, partition)));
  }

  private async contextOf(request: ReadRequest): Promise<QueryContext> {
    const { clock, models, valueTerms, events } = this.parts;
    let asOfMs = request.asOfMs;
    const { knownAt } = request;
    if (knownAt && 'position' in knownAt) {
      const { position: head } = await events.head();
      if (knownAt.position > head) throw new RapportError('POSITION_BEYOND_HEAD', 'knownAt lies beyond the log.');
      asOfMs ??= await this.recordedAtMs(knownAt.position);
    }
    asOfMs ??= knownAt && 'recordedAtMs' in knownAt ? knownAt.recordedAtMs : clock.nowMs();
    return { asOfMs, models: models.at(asOfMs, knownAt), valueTerms, dataQualityLimits: this.parts.dataQualityLimitsAt(asOfMs) }; // prettier-ignore
  } // prettier-ignore

  private async recordedAtMs(position: bigint): Promise<number | undefined> {
    const { events } = this.parts;
    const after = events.checkpointBefore(position);
    for await (const page of events.readAll({ after, throughPosition: position, pageSize: 1 }))
      for (const event of page.events) return epochMsOf(event.metadata.recordedAt);
    return undefined;
  }

  private cursorScope(request: ReadRequest, params: Readonly<Record<string, unknown>>): string {
    const knownAt = request.knownAt && shownKnownAt(request.knownAt);
    return canonicalJson([
      request.projection,
      request.query,
      params,
      request.asOfMs ?? null,
      knownAt ?? null,
    ]);
  }
}

const notFound = (): RapportError =>
  new RapportError('CUSTOMER_NOT_FOUND', 'Nobody is known under this id or identifier.');

const isPage = (data: unknown): data is { rows: readonly unknown[]; next?: PageEnd } =>
  typeof data === 'object' && data !== null && 'rows' in data && Array.isArray(data.rows);
const isNothing = (data: unknown): boolean => data === null || (isPage(data) && data.rows.length === 0);

const shownKnownAt = (knownAt: KnownAt): string =>
  'position' in knownAt ? knownAt.position.toString() : isoOf(knownAt.recordedAtMs);

function asOfOf({ asOfMs, knownAt }: ReadRequest): AsOf | undefined {
  if (asOfMs === undefined && knownAt === undefined) return undefined;
  return {
    ...(asOfMs === undefined ? {} : { asOf: isoOf(asOfMs) }),
    ...(knownAt === undefined ? {} : { knownAt: 'position' in knownAt ? knownAt.position : isoOf(knownAt.recordedAtMs) }),
  }; // prettier-ignore
}

const isWithinFirst = (
  first: { readonly occurredAt: string; readonly recordedAt: string },
  { asOfMs, knownAt }: ReadRequest,
): boolean =>
  (asOfMs === undefined || epochMsOf(first.occurredAt) <= asOfMs) &&
  (knownAt === undefined || 'position' in knownAt || epochMsOf(first.recordedAt) <= knownAt.recordedAtMs);
