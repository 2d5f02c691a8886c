import fc from 'fast-check';
import { contractOf, customerStreamId, eventIdFor, type RecordedEvent } from '@rapport/contracts';
import { loadDefaultRuleBook } from '@rapport/domain';
import { projectionDependencies } from '@rapport/platform';
import { compileProjection, foldAllAsOf, foldOwner, type AnyProjection } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import { openMemoryReadModels } from '@rapport/read-model';
import { arbitraryHistory, liveDocuments, RecordedLog, ScriptedFeed, testCustomerId } from '@rapport/testing';

const projections = projectionsWith(projectionDependencies(loadDefaultRuleBook()));
const [ada, bob, cyd] = ['ada', 'bob', 'cyd'].map(testCustomerId) as [string, string, string];

type Documents = Record<string, object>;
type Step =
  | { readonly merge: string; readonly survivor: string; readonly member: string }
  | { readonly unmerge: string; readonly survivor: string; readonly member: string }
  | RecordedEvent;

/** What a log would hold after these steps: facts about a merged customer stand in the stream of the survivor. */
function logOf(steps: readonly Step[], { merges = true } = {}): RecordedEvent[] {
  const revisions = new Map<string, number>();
  const into = new Map<string, string>();
  const log: RecordedEvent[] = [];
  let at = '2026-01-05T09:00:00.000Z';
  const append = (id: string, type: string, data: object, from?: RecordedEvent): number => {
    const streamId = customerStreamId(id);
    const revision = (revisions.get(streamId) ?? -1) + 1;
    revisions.set(streamId, revision);
    const eventId = from?.eventId ?? eventIdFor(streamId, type, JSON.stringify(data), revision);
    const metadata = { ...from?.metadata, occurredAt: from?.metadata.occurredAt ?? at, recordedAt: at, sourceSystem: 'test', channel: 'web', actor: { kind: 'system', id: 'test' }, correlationId: 'c', causationId: 'c', commandKey: `k:${revision}`, customerId: id } as RecordedEvent['metadata']; // prettier-ignore
    log.push({ eventId, type, schemaVersion: contractOf(type)!.version, streamId, revision: BigInt(revision), position: BigInt(log.length + 1), data, metadata }); // prettier-ignore
    return revision;
  };
  const currentOf = (id: string): string => (into.has(id) ? currentOf(into.get(id)!) : id);
  for (const step of steps) {
    if ('eventId' in step) {
      at = step.metadata.recordedAt;
      append(currentOf(step.streamId.slice('customer-'.length)), step.type, step.data as object, step);
      continue;
    }
    const { survivor, member } = step;
    if ('merge' in step) {
      into.set(member, survivor);
      if (!merges) continue;
      const mergeId = step.merge;
      append(survivor, 'CustomerHeldForMerge', { mergeId });
      const atRevision = append(member, 'CustomerSealed', { mergeId, into: survivor });
      append(survivor, 'CustomerAbsorbed', { mergeId, member, atRevision });
    } else {
      into.delete(member);
      if (!merges) continue;
      append(survivor, 'MembersReleased', { mergeId: step.unmerge });
      append(member, 'CustomerUnsealed', { mergeId: step.unmerge, from: survivor });
    }
  }
  return log;
}

/** Documents as stored, but for positions: the steps of merges have some of their own. */
const json = (documents: Documents): Documents =>
  JSON.parse(JSON.stringify(documents, (name, value: unknown) => (name === 'position' ? 0 : value))) as Documents; // prettier-ignore

async function live(projection: AnyProjection, log: readonly RecordedEvent[], sizes: () => number) {
  const deliveries = [];
  for (let from = 0; from < log.length;) {
    const events = log.slice(from, (from += sizes()));
    deliveries.push({ events, through: events.at(-1)!.position });
  }
  const through = BigInt(log.length + 1);
  deliveries.push({ events: [], through });
  const run = await liveDocuments(projection, { feed: new ScriptedFeed(deliveries), history: new RecordedLog(log) }, through); // prettier-ignore
  expect(run.status.parked).toBe(0);
  return json(run.documents);
}

async function rebuilt(projection: AnyProjection, log: readonly RecordedEvent[]): Promise<Documents> {
  const scratch = openMemoryReadModels();
  const [state] = await foldAllAsOf({ projections: [projection], history: new RecordedLog(log), at: {}, scratch }); // prettier-ignore
  const documents: Documents = {};
  for await (const page of scratch.scan(state!.collection))
    for (const { key, document } of page) documents[key] = document;
  return json(documents);
}

/** One event after the other, nothing of the engine but who owns a key. */
async function byOwner(projection: AnyProjection, log: readonly RecordedEvent[]): Promise<Documents> {
  const documents: Documents = {};
  for (const id of [ada, bob, cyd]) {
    const folded = await foldOwner(compileProjection(projection), new RecordedLog(log), customerStreamId(id));
    for (const [key, { document }] of folded.documents) if (document) documents[key] = document;
  }
  return json(documents);
}

const ofCustomers = projections.filter(
  ({ events }) => events === '*' || events.some((type: string) => contractOf(type)?.category === 'customer'),
);
/** Facts about three customers in five parts, between which they are merged and unmerged. */
const told = (projection: AnyProjection) =>
  fc.tuple(...Array.from({ length: 5 }, () => arbitraryHistory(projection, 12))).map(
    (parts) =>
      parts.map((events, part) =>
        events
          .filter(({ streamId }) => streamId.startsWith('customer-'))
          .map((event) => ({ ...event, eventId: eventIdFor(event.streamId, event.eventId, event.type, part) })),
      ), // prettier-ignore
  );
const ab = { survivor: ada, member: bob };
const ca = { survivor: cyd, member: ada };

describe.each(ofCustomers.map((projection) => [projection.name, projection] as const))(
  'Merged customers in %s',
  (_, projection) => {
    it('are the same live, in whatever batches and however often delivered, and rebuilt', async () => {
      await fc.assert(
        fc.asyncProperty(told(projection), fc.infiniteStream(fc.integer({ min: 1, max: 9 })), async ([a, b, c, d, e], random) => {
          const log = logOf([...a!, { merge: 'm-1', ...ab }, ...b!, { merge: 'm-2', ...ca }, ...c!, { unmerge: 'm-2', ...ca }, ...d!, { merge: 'm-3', ...ca }, ...e!]);
          const expected = await rebuilt(projection, log);
          const next = (): number => random.next().value as number;
          expect(await live(projection, log, next)).toEqual(expected);
          expect(await byOwner(projection, log)).toEqual(expected);
          const repeated = log.flatMap((event) => Array.from({ length: 1 + (next() % 4) }, () => event));
          for (let i = repeated.length - 1; i > 0; i--) {
            const j = (next() * 31 + next()) % (i + 1);
            [repeated[i], repeated[j]] = [repeated[j]!, repeated[i]!];
          }
          const through = BigInt(log.length);
          const run = await liveDocuments(projection, { feed: new ScriptedFeed([{ events: repeated, through }, { events: [], through: through + 1n }]), history: new RecordedLog(log) }, through + 1n);
          expect(json(run.documents)).toEqual(expected);
          // Nobody but survivors is found.
          expect(Object.keys(expected).filter((key) => !key.startsWith(cyd))).toEqual([]);
        }),
        { numRuns: 8 },
      );
    }); // prettier-ignore

    it('are as if they had never been merged once that is taken back, but for what was recorded meanwhile', async () => {
      await fc.assert(
        fc.asyncProperty(told(projection), async ([a, b, c, d, e]) => {
          const steps: Step[] = [...a!, { merge: 'm-1', ...ab }, ...b!, { merge: 'm-2', ...ca }, ...c!, { unmerge: 'm-2', ...ca }, ...d!, { unmerge: 'm-1', ...ab }, ...e!];
          expect(await rebuilt(projection, logOf(steps))).toEqual(await rebuilt(projection, logOf(steps, { merges: false })));
        }),
        { numRuns: 8 },
      );
    }); // prettier-ignore
  },
);
