import { contractOf, customerStreamId, eventIdFor, isoOf } from '@rapport/contracts';
import type { EventToAppend } from '@rapport/event-store';
import type { SeededRandom } from '../../apps/cli/demo/seeded-random.js';
import type { ServerClient } from '../../apps/cli/connection/server-client.js';
import { until } from './condition.js';
import { LOSS_NOTICED, type Deployment, type ProjectorPage } from './deployment.js';
import type { Driver } from './driver.js';
import type { Outage } from './checks/alive-again.js';
import type { MonotonicReader } from './monotonic-reader.js';
import type { SupervisedRole } from './supervised-role.js';
import { readTopic, writeAgain } from './topic-copy.js';

/** What a nemesis may reach for. */
export interface UnderAttack {
  readonly deployment: Deployment;
  readonly driver: Driver;
  readonly reader: MonotonicReader;
  readonly client: ServerClient;
  readonly random: SeededRandom;
  readonly zombieMs: number;
  readonly outages: Outage[];
  /** Streams damaged on purpose, with the revision of the damage. */
  readonly poisoned: Map<string, bigint>;
}

/** Something bad. Resolves with the evidence that it happened, rejects when it did not. */
export type Nemesis = (target: UnderAttack) => Promise<string>;

const NOT_READY_WITHIN_MS = 60_000;
const RECOVERS_WITHIN_MS = 90_000;
const NOTICED_WITHIN_MS = 12_000;
const DUPLICATES = 300;
const CANARIES = 20;
const CANARY_STEP = 1_000_000;
const LOSS_ATTEMPTS = 15;
const NEWER_VERSION = 99;

const kill = async (role: SupervisedRole): Promise<string> => {
  await role.kill();
  return role.name;
};
export const killApi: Nemesis = ({ deployment }) => kill(deployment.api);
export const killRelay: Nemesis = ({ deployment }) => kill(deployment.relay);
export const killProjector: Nemesis = ({ deployment, random }) => kill(random.pick(deployment.projectors));

/** The broker goes, in order or at once, until relay and projectors say that they are not ready, and comes back. */
const kafkaOutage =
  (how: 'stop' | 'kill'): Nemesis =>
  async (target) => {
    const { deployment, random } = target;
    await deployment.kafka[how]();
    await saysNotReady(target, 'Kafka', [deployment.relay, random.pick(deployment.projectors)]);
    await deployment.kafka.restart();
    return how;
  };
export const stopKafka = kafkaOutage('stop');
export const killKafka = kafkaOutage('kill');

/** The document server goes until everybody says that they are not ready, and comes back with all it acknowledged. */
const documentsOutage =
  (how: 'stop' | 'kill'): Nemesis =>
  async (target) => {
    const { deployment, random } = target;
    await deployment.documents[how]();
    const needIt = [deployment.api, deployment.relay, random.pick(deployment.projectors)];
    await saysNotReady(target, 'the document server', needIt);
    await deployment.documents.restart();
    return how;
  };
export const stopDocuments = documentsOutage('stop');
export const killDocuments = documentsOutage('kill');

async function saysNotReady(
  { deployment, outages }: UnderAttack,
  component: string,
  roles: readonly SupervisedRole[],
): Promise<void> {
  await Promise.all(
    roles.map(async (role) => {
      const notReadyAfterMs = await until(
        `${role.name} to say that it is not ready without ${component}`,
        async () => !(await deployment.isReady(role)),
        NOT_READY_WITHIN_MS,
      ).catch(() => undefined);
      outages.push({
        component,
        role: role.name,
        ...(notReadyAfterMs === undefined ? {} : { notReadyAfterMs }),
      });
    }),
  );
}

/**
 * The document server runs without syncing and is killed: its last acknowledged writes are gone, those of the projectors
 * among them. Nobody new registers meanwhile: on such a server a customer's data key could be lost, and no log brings a
 * key back. Repeated until the server did lose something and a projector noticed.
 */
export const loseAcknowledgedWrites: Nemesis = async ({ deployment, driver, reader, random }) => {
  const canary = deployment.mongo.collection<{ _id: number }>('e2e_canary');
  await driver.hold();
  await canary.deleteMany({});
  const attempts: string[] = [];
  for (let attempt = 1; attempt <= LOSS_ATTEMPTS; attempt++) {
    await deployment.documents.stop();
    await deployment.documents.restart({ syncOnCommit: false });
    await untilEverybodyReads(deployment);
    const noticedBefore = deployment.countOf(LOSS_NOTICED);
    const first = attempt * CANARY_STEP;
    let acknowledged = 0;
    const writing = (async () => {
      for (; ; acknowledged++) {
        await canary.insertOne({ _id: first + acknowledged });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })().catch(() => undefined);
    const wanted = random.integer(CANARIES, 2 * CANARIES);
    await until('the canary to be written', () => acknowledged >= wanted, RECOVERS_WITHIN_MS);
    await progressJustStored(deployment);
    await deployment.documents.kill();
    reader.epoch++;
    await writing;
    await deployment.documents.restart({ syncOnCommit: true });
    const kept = await canary.countDocuments({ _id: { $gte: first, $lt: first + CANARY_STEP } });
    const lost = `${acknowledged - kept} of ${acknowledged} canary writes`;
    attempts.push(lost);
    if (kept === acknowledged) continue;
    // Progress may not be among them, and a commit that was under way is simply repeated: then there is nothing to notice.
    const isNoticed = await until(
      'a projector to notice',
      () => deployment.countOf(LOSS_NOTICED) > noticedBefore,
      NOTICED_WITHIN_MS,
    ).then(
      () => true,
      () => false,
    );
    if (!isNoticed) continue;
    const noticed = deployment.countOf(LOSS_NOTICED) - noticedBefore;
    return `${lost} lost and progress with them, noticed for ${noticed} read models; kill ${attempt}`;
  }
  throw new Error(`no projector noticed lost progress: ${attempts.join('; ')}`);
};

/** Somebody has just stored the progress of a commit, and stores no more for a moment: the commit was answered. */
async function progressJustStored(deployment: Deployment): Promise<void> {
  const deadlineMs = performance.now() + RECOVERS_WITHIN_MS;
  let isMoving = false;
  for (let before = await progressOf(deployment); ;) {
    const now = await progressOf(deployment);
    if (now === before && isMoving) return;
    isMoving ||= now !== before;
    before = now;
    if (performance.now() > deadlineMs) throw new Error('no projector stored any progress');
  }
}

/** Of all read models in all partitions together: it only ever grows, unless writes are lost. */
async function progressOf({ readModels }: Deployment): Promise<bigint> {
  const states = await readModels.generations();
  return states.flatMap(({ checkpoints }) => checkpoints).reduce((sum, { through }) => sum + through, 0n);
}

/** Everybody has partitions and is at work on them. */
const untilEverybodyReads = (deployment: Deployment): Promise<number> =>
  until(
    'the projectors to be at work',
    async () => {
      const ready = await Promise.all(deployment.projectors.map((role) => deployment.isReady(role)));
      return ready.every(Boolean);
    },
    RECOVERS_WITHIN_MS,
  );

/** A projector sleeps until others have its partitions, and wakes up believing they are its own. */
export const zombieProjector: Nemesis = async ({ deployment, random, zombieMs }) => {
  const zombie = random.pick(deployment.projectors);
  const others = deployment.projectors.filter((projector) => projector !== zombie);
  await until(
    'every projector to have partitions',
    async () => (await assignments(deployment, [zombie])).length > 0,
    RECOVERS_WITHIN_MS,
  );
  const startedMs = performance.now();
  await zombie.suspend();
  try {
    await until(
      'the others to take over the partitions of the zombie',
      async () => new Set(await assignments(deployment, others)).size === deployment.partitions,
      RECOVERS_WITHIN_MS,
    );
    const tookOverMs = performance.now() - startedMs;
    await until('the zombie to sleep on', () => performance.now() - startedMs >= zombieMs, zombieMs * 2);
    return `${zombie.name} asleep ${Math.round((performance.now() - startedMs) / 1_000)} s, taken over after ${Math.round(tookOverMs / 1_000)} s`;
  } finally {
    await zombie.resume();
  }
};

/** Partitions that projectors say they have. */
export async function assignments(
  deployment: Deployment,
  projectors: readonly SupervisedRole[],
): Promise<readonly number[]> {
  const pages = await Promise.all(projectors.map((role) => deployment.page<ProjectorPage>(role)));
  return pages.flatMap((page) => (page?.ready ? page.assigned : []));
}

/** Records of the topic are written once more, to the partitions they are in. */
export const duplicateDeliveries: Nemesis = async ({ deployment, random }) => {
  const records = await readTopic(deployment.brokers);
  const again = Array.from({ length: DUPLICATES }, () => random.pick(records));
  const dropped = async (): Promise<number> => {
    const pages = await Promise.all(deployment.projectors.map((p) => deployment.page<ProjectorPage>(p)));
    return pages.reduce((sum, page) => sum + (page?.duplicates ?? 0), 0);
  };
  const before = await dropped();
  await writeAgain(deployment.brokers, again);
  await until(
    `the projectors to drop ${DUPLICATES} duplicates`,
    async () => (await dropped()) - before >= DUPLICATES,
    RECOVERS_WITHIN_MS,
  );
  return `${DUPLICATES} records written again and dropped`;
};

/** The relay begins again with a checkpoint from before everything. */
export const relayCheckpointSetBack: Nemesis = async ({ deployment }) => {
  const { relay, mongo } = deployment;
  await relay.kill(async () => {
    const { modifiedCount } = await mongo
      .collection<{ _id: string }>('relay_checkpoints')
      .updateOne({ _id: 'relay' }, { $set: { checkpoint: 'start', position: 0n, ordinal: 0n } });
    if (modifiedCount !== 1) throw new Error('there was no checkpoint to set back');
  });
  const skipped = async (): Promise<number> =>
    (await deployment.page<{ skipped: number }>(relay))?.skipped ?? 0;
  await until('the relay to skip what the topic has', async () => (await skipped()) > 0, RECOVERS_WITHIN_MS);
  return `${await skipped()} events read again`;
};

/** An event with broken data stands in the log, with sound ones behind it. */
export const poisonEvent: Nemesis = (target) => damage(target, 'PurchaseRecorded', { orderId: 'poison' }, 1);

/** An event of a later release stands in the log, with sound ones behind it. */
export const newerSchemaVersion: Nemesis = (target) =>
  damage(target, 'TouchPointRecorded', contractOf('TouchPointRecorded')!.example, NEWER_VERSION);

async function damage(
  { deployment, client, poisoned }: UnderAttack,
  type: string,
  data: Readonly<Record<string, unknown>>,
  schemaVersion: number,
): Promise<string> {
  const number = `DAMAGED-${poisoned.size + 1}`;
  const common = { customer: `customerNo:${number}`, sourceSystem: 'e2e', channel: 'external' };
  const occurredAt = isoOf(Date.parse('2024-06-01T12:00:00Z'));
  let customerId: string | undefined;
  await until(
    'the customer to be registered',
    async () => {
      const { results } = await client
        .send([
          {
            ...common,
            command: 'RecordTouchPoint',
            sourceEventId: 'first',
            occurredAt,
            direction: 'in',
            kind: 'call',
          },
        ])
        .catch(() => ({ results: [] }));
      customerId = results[0]?.customerId;
      if (results[0]?.status === 'invalid') throw new Error(JSON.stringify(results[0].problem));
      return customerId !== undefined;
    },
    RECOVERS_WITHIN_MS,
  );
  const streamId = customerStreamId(customerId!);
  const revision = BigInt((await deployment.log.readStream(streamId)).length);
  const eventOf = (
    index: number,
    of: { type: string; data: Readonly<Record<string, unknown>>; schemaVersion: number },
  ): EventToAppend => {
    const commandKey = `e2e:${index}`;
    const eventId = eventIdFor(streamId, commandKey, of.type, 0);
    return {
      eventId,
      ...of,
      metadata: {
        customerId: customerId!,
        occurredAt,
        sourceSystem: 'e2e',
        channel: 'external',
        actor: { kind: 'system', id: 'e2e' },
        correlationId: eventId,
        causationId: eventId,
        commandKey,
      },
    };
  };
  const { example, version } = contractOf('TouchPointRecorded')!;
  const sound = { type: 'TouchPointRecorded', data: example, schemaVersion: version };
  const answer = await deployment.log.append({
    streamId,
    expectedRevision: revision - 1n,
    events: [eventOf(0, { type, data, schemaVersion }), eventOf(1, sound), eventOf(2, sound)],
  });
  if (answer.kind !== 'appended') throw new Error(`the event was not appended: ${answer.kind}`);
  poisoned.set(streamId, revision);
  return `${type} v${schemaVersion} at ${revision}`;
}
