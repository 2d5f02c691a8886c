import fc from 'fast-check';
import type { RecordedEvent } from '@rapport/contracts';
import { ownerOfKey, wants, type AnyProjection } from '@rapport/projection-engine';
import { arbitraryHistory } from './arbitrary-events.js';
import { eventBuilder, EventBuilder, testCustomerId } from './event.builder.js';
import { liveDocuments } from './live-documents.js';
import { RecordedLog } from './recorded-log.js';
import { ScriptedFeed, type Delivery } from './scripted-feed.js';

export interface ProjectionCase {
  /** Makes a sentence after "it". */
  readonly it: string;
  readonly given: readonly RecordedEvent[] | ((history: EventBuilder) => EventBuilder);
  /**
   * Expected documents by key (a customer's name stands for the id, also before a slash), null for none; each is
   * matched as jest's `toMatchObject` does. Or a function that looks for itself.
   */
  readonly then:
    Readonly<Record<string, object | null>> | ((documents: Readonly<Record<string, object>>) => void);
}

export interface ProjectionLawOptions {
  /** Random histories per law; default 15. */
  readonly runs?: number;
}

/**
 * The spec of a projection: given recorded events, then documents; and the laws every definition keeps: any split into
 * batches gives the same documents, redelivery changes nothing, unknown events change nothing, other streams do not
 * matter, documents are JSON, events are not changed.
 */
export function describeProjection(
  projection: AnyProjection,
  cases: readonly ProjectionCase[],
  { runs = 15 }: ProjectionLawOptions = {},
): void {
  describe(projection.name, () => {
    for (const { it: title, given, then } of cases)
      it(title, () => {
        const events = typeof given === 'function' ? given(eventBuilder()).build() : given;
        const documents = foldPlainly(projection, events);
        if (typeof then === 'function') return then(documents);
        for (const [name, expected] of Object.entries(then)) {
          const key = keyOf(name);
          if (expected === null) expect(documents).not.toHaveProperty([key]);
          else {
            expect(Object.keys(documents)).toContain(key);
            expect(documents[key]).toMatchObject(expected);
          }
        }
      });

    describe('as every projection', () => {
      const histories = arbitraryHistory(projection);

      it('gives the same documents however the log is cut into batches', async () => {
        await fc.assert(
          fc.asyncProperty(
            histories,
            fc.infiniteStream(fc.integer({ min: 1, max: 12 })),
            async (events, sizes) => {
              const deliveries: Delivery[] = [];
              for (let from = 0; from < events.length;) {
                const size = sizes.next().value as number;
                const batch = events.slice(from, (from += size));
                deliveries.push({ events: batch, through: batch.at(-1)!.position, more: size % 2 === 0 });
              }
              deliveries.push({ events: [], through: events.at(-1)!.position + 1n });
              await expectLive(projection, events, deliveries);
            },
          ),
          { numRuns: runs },
        );
      });

      it('gives the same documents when events come one to four times and shuffled', async () => {
        await fc.assert(
          fc.asyncProperty(histories, fc.infiniteStream(fc.nat({ max: 999 })), async (events, random) => {
            const next = (below: number): number => (random.next().value as number) % below;
            const repeated = events.flatMap((event) => Array.from({ length: 1 + next(4) }, () => event));
            for (let i = repeated.length - 1; i > 0; i--) {
              const j = next(i + 1);
              [repeated[i], repeated[j]] = [repeated[j]!, repeated[i]!];
            }
            const through = events.at(-1)!.position;
            const again = repeated.slice(0, next(repeated.length) + 1);
            const received = repeated.length + again.length;
            const status = await expectLive(projection, events, [
              { events: repeated, through },
              { events: again, through: through + 1n },
            ]);
            expect(status.received).toBe(received);
            expect(status.duplicate).toBe(received - events.length);
          }),
          { numRuns: runs },
        );
      });

      it('is not changed by events of unknown types', () => {
        fc.assert(
          fc.property(histories, fc.array(fc.nat({ max: 39 })), (events, places) => {
            const unknown = events.flatMap((event, i) =>
              places.includes(i) ? [event, { ...event, type: 'SomethingNobodyKnows', data: {} }] : [event],
            );
            expect(foldPlainly(projection, unknown)).toEqual(foldPlainly(projection, events));
          }),
          { numRuns: runs },
        );
      });

      it('folds each stream alone, in its order', () => {
        fc.assert(
          fc.property(histories, (events) => {
            const streams = new Map<string, RecordedEvent[]>();
            for (const event of events)
              streams.set(event.streamId, [...(streams.get(event.streamId) ?? []), event]);
            const alone = [...streams.values()].reverse().flat();
            expect(foldPlainly(projection, alone)).toEqual(foldPlainly(projection, events));
          }),
          { numRuns: runs },
        );
      });

      if (projection.begins)
        it('begins only documents that nothing has changed before', () => {
          fc.assert(
            fc.property(histories, (events) => {
              const seen = new Set<string>();
              for (const event of events.filter((one) => wants(projection, one))) {
                const keys = projection.keys(event as never);
                if (projection.begins!(event as never))
                  for (const key of keys) expect(seen).not.toContain(key);
                for (const key of keys) seen.add(key);
              }
            }),
            { numRuns: runs },
          );
        });

      it('makes JSON documents of their owners and leaves events as they are', () => {
        fc.assert(
          fc.property(histories, (events) => {
            const before = structuredClone(events);
            const documents = foldPlainly(projection, deeplyFrozen(events));
            expect(events).toEqual(before);
            expect(JSON.parse(JSON.stringify(documents))).toEqual(documents);
            const owners = new Set(events.map((e) => e.streamId.slice(e.streamId.indexOf('-') + 1)));
            for (const [key, document] of Object.entries(documents)) {
              expect(owners).toContain(ownerOfKey(key));
              for (const valueOf of Object.values(projection.indexes ?? {})) {
                const value = (valueOf as (document: object) => unknown)(document);
                expect(value === null || typeof value === 'string' || Number.isFinite(value)).toBe(true);
              }
            }
          }),
          { numRuns: runs },
        );
      });
    });
  });
}

/** The plainest fold there is: one event after the other, documents in an object. */
export function foldPlainly(
  projection: AnyProjection,
  events: readonly RecordedEvent[],
): Record<string, object> {
  const documents: Record<string, object> = {};
  for (const event of events) {
    if (!wants(projection, event)) continue;
    for (const key of projection.keys(event as never)) {
      const next = projection.evolve(documents[key] ?? projection.initial(key), event as never, key) as
        object | null;
      if (next === null) delete documents[key];
      else documents[key] = next;
    }
  }
  return JSON.parse(JSON.stringify(documents)) as Record<string, object>;
}

async function expectLive(
  projection: AnyProjection,
  events: readonly RecordedEvent[],
  deliveries: readonly Delivery[],
) {
  const history = new RecordedLog(events);
  const feed = new ScriptedFeed(deliveries);
  const live = await liveDocuments(projection, { feed, history }, deliveries.at(-1)!.through);
  expect(live.documents).toEqual(foldPlainly(projection, events));
  const { received, applied, duplicate, parked } = live.status;
  expect(received).toBe(applied + duplicate + parked);
  expect(parked).toBe(0);
  return live.status;
}

const keyOf = (name: string): string => {
  const slash = name.indexOf('/');
  return slash < 0 ? testCustomerId(name) : `${testCustomerId(name.slice(0, slash))}${name.slice(slash)}`;
};

function deeplyFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deeplyFrozen);
  }
  return value;
}
