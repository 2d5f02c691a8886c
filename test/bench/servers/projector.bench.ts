import { randomUUID } from 'node:crypto';
import { openMongoConnection } from '@rapport/connections';
import { loadDefaultRuleBook } from '@rapport/domain';
import { murmur2Partitioning, openKafkaEventFeed, type EventFeed } from '@rapport/event-feed';
import { openEventStoreDbEventStore, untilItSucceeds, upcastToLatest } from '@rapport/event-store';
import { projectionDependencies } from '@rapport/platform';
import { LiveRunner } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import { openMongoReadModels } from '@rapport/read-model';
import { systemClock, systemRandom, systemScheduler } from '@rapport/runtime';
import { MongoClient } from 'mongodb';
import { atLeast, observed, type Figure } from '../figure.js';
import { startChild } from './bench-child.js';
import { createTopic, PARTITIONS } from './bench-topic.js';
import type { DocumentsRunOrder, DocumentsRunResult } from './documents-run.js';
import { noteRate } from './measured-rates.js';
import { ROLE_SETTINGS } from './role-settings.js';
import type { ProjectorRunOrder, ProjectorRunSaid } from './projector-run.js';
import type { RelayRunOrder, RelayRunResult } from './relay-run.js';
import { makeLog, median, openServerBed, progress, type ServerBed } from './server-bed.js';

const EVENTS = 20_000;
const CUSTOMERS = 2_500;
const ROUNDS = 3;
/** Documents of one round of the bare loop: what our store writes at once. */
const BATCH = 1_000;
const PROCESSES = [2, 4];

/**
 * Our projector, all read models, beside a bare find + bulk-write loop with the same driver over the same documents and
 * indexes; then the same topic shared by 2 and 4 processes. The topic is filled before; every run has a database and a
 * consumer group of its own and starts when its members have their partitions.
 */
export async function projectorBench(): Promise<readonly Figure[]> {
  const bed = await openServerBed();
  try {
    await makeLog(bed.eventStoreDbUrl, { events: EVENTS, customers: CUSTOMERS });
    const topic = await filledTopic(bed);
    const ours: Run[] = [];
    const bare: DocumentsRunResult[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const run = await projectorRun(bed, topic, 1);
      ours.push(run);
      const to = name('bare');
      const order: DocumentsRunOrder = { mongoUrl: bed.mongoUrl, from: run.database, to, batch: BATCH };
      const loop = await startChild<DocumentsRunResult>('documents-run', order).says();
      bare.push(loop);
      progress(`bare loop: ${Math.round(loop.documentsPerSecond)} documents/s`);
      await drop(bed, [run.database, to]);
    }
    const one = median(ours.map(({ eventsPerSecond }) => eventsPerSecond));
    const documents = median(ours.map(({ documentsPerSecond }) => documentsPerSecond));
    const { bytes, documents: stored } = bare[0]!;
    noteRate('projectorDocumentsPerSecond', documents, 'documents/s');
    noteRate('projectorEventsPerSecond', one, 'events/s');
    noteRate('mongoDbBytesPerEvent', bytes / EVENTS, 'bytes/event');
    noteRate('mongoDbDocumentsPerEvent', stored / EVENTS, 'documents/event');
    const figures = [
      atLeast('projector, all read models, documents written', documents, 'documents/s', { name: 'bare find + bulk write', value: median(bare.map((b) => b.documentsPerSecond)) }, 0.7),
      observed('projector, 1 process', one, 'events/s'),
    ]; // prettier-ignore
    for (const processes of PROCESSES) {
      const run = await projectorRun(bed, topic, processes);
      await drop(bed, [run.database]);
      noteRate(`projector${processes}ProcessesEventsPerSecond`, run.eventsPerSecond, 'events/s');
      figures.push(
        atLeast(`projector, ${processes} processes, one document server, 2 cores in all`, run.eventsPerSecond, 'events/s', { name: '1 process', value: one }, 0),
      ); // prettier-ignore
    }
    return [
      ...figures,
      observed('documents stored for each event', stored / EVENTS, 'documents'),
      observed('documents in MongoDB, as BSON', bytes / EVENTS, 'bytes/event'),
    ];
  } finally {
    await bed.dispose();
  }
}

interface Run {
  readonly database: string;
  readonly documentsPerSecond: number;
  readonly eventsPerSecond: number;
}

interface FilledTopic {
  readonly topic: string;
  readonly ends: readonly string[];
}

const name = (what: string): string => `${what}_${randomUUID().replaceAll('-', '')}`;

async function filledTopic({ eventStoreDbUrl, brokers, mongoUrl }: ServerBed): Promise<FilledTopic> {
  const topic = name('topic');
  await createTopic(brokers, topic);
  const order: RelayRunOrder = { mode: 'relay', eventStoreDbUrl, brokers, mongoUrl, database: topic, topic, partitions: PARTITIONS, events: EVENTS }; // prettier-ignore
  await startChild<RelayRunResult>('relay-run', order).says();
  const feed = await feedOf({ eventStoreDbUrl, brokers }, topic);
  // The first groups of a young broker wait for their coordinator.
  const ends = await untilItSucceeds(
    () =>
      Promise.all(
        Array.from({ length: PARTITIONS }, async (_, partition) =>
          String((await feed.head(partition)).through),
        ),
      ),
    { scheduler: systemScheduler, random: systemRandom, signal: new AbortController().signal },
  );
  await feed.close();
  return { topic, ends };
}

async function feedOf(
  { eventStoreDbUrl, brokers }: Pick<ServerBed, 'eventStoreDbUrl' | 'brokers'>,
  topic: string,
): Promise<EventFeed> {
  const history = await openEventStoreDbEventStore({ connectionString: eventStoreDbUrl, clock: systemClock });
  return openKafkaEventFeed({
    brokers,
    clientId: 'bench',
    group: name('bench'),
    topic,
    partitioning: murmur2Partitioning(PARTITIONS),
    history,
    upcast: upcastToLatest,
  });
}

/** So many members of one group, from nothing to the end of the topic. */
async function projectorRun(bed: ServerBed, { topic, ends }: FilledTopic, processes: number): Promise<Run> {
  const { eventStoreDbUrl, brokers, mongoUrl } = bed;
  const database = name('projector');
  await createGenerations(bed, topic, database);
  const order: ProjectorRunOrder = { eventStoreDbUrl, brokers, mongoUrl, database, topic, group: name('group'), partitions: PARTITIONS, ends }; // prettier-ignore
  const members = Array.from({ length: processes }, () =>
    startChild<ProjectorRunSaid>('projector-run', order, ROLE_SETTINGS.projector),
  );
  const assigned = members.map(() => 0);
  const share = PARTITIONS / processes;
  await Promise.all(
    members.map(async (member, i) => {
      while (assigned.some((partitions) => partitions !== share)) {
        const said = await member.says();
        if (said.kind === 'assigned') assigned[i] = said.partitions;
        if (assigned[i] === share && assigned.every((partitions) => partitions === share)) break;
        if (assigned[i] === share) break;
      }
    }),
  );
  for (const member of members) member.tell('go');
  const results = await Promise.all(
    members.map(async (member) => {
      for (;;) {
        const said = await member.says();
        if (said.kind === 'done') return said;
      }
    }),
  );
  const startedMs = Math.min(...results.map((result) => result.startedMs));
  const seconds = (Math.max(...results.map(({ atMs }) => atMs)) - startedMs) / 1_000;
  const documents = results.reduce((sum, result) => sum + result.documents, 0);
  progress(`${processes} projectors: ${documents} documents in ${seconds.toFixed(1)} s`);
  return { database, documentsPerSecond: documents / seconds, eventsPerSecond: EVENTS / seconds };
}

/** The collections and their indexes, made before the clock starts: a member would wait for another that makes them. */
async function createGenerations(bed: ServerBed, topic: string, database: string): Promise<void> {
  const connection = await openMongoConnection({ url: bed.mongoUrl, database });
  const history = await openEventStoreDbEventStore({
    connectionString: bed.eventStoreDbUrl,
    clock: systemClock,
  });
  const abort = new AbortController();
  const projections = projectionsWith(projectionDependencies(loadDefaultRuleBook()));
  const feed = await feedOf(bed, topic);
  const runner: LiveRunner = new LiveRunner({
    projections,
    // Nothing is consumed: hosting the projections is all that happens.
    feed: Object.assign(Object.create(feed) as EventFeed, { assigned: async () => undefined }),
    history,
    store: openMongoReadModels(connection),
    clock: systemClock,
    scheduler: systemScheduler,
    random: systemRandom,
    onProgress: (statuses) => {
      if (statuses.length === projections.length) abort.abort();
    },
  });
  await runner.run(abort.signal);
  await feed.close();
  await Promise.all([connection.close(), history.close()]);
}

async function drop({ mongoUrl }: ServerBed, databases: readonly string[]): Promise<void> {
  const client = new MongoClient(mongoUrl);
  for (const database of databases) await client.db(database).dropDatabase();
  await client.close();
}
