import { loadavg } from 'node:os';
import { verifyReadModels } from '@rapport/projection-engine';
import { SeededRandom } from '../../apps/cli/demo/seeded-random.js';
import { Acknowledgements } from '../chaos/acknowledgements.js';
import { acknowledgedIsDurable } from './checks/acknowledged-is-durable.js';
import { aliveAgain, type Healing, type Outage } from './checks/alive-again.js';
import { blastRadius } from './checks/blast-radius.js';
import type { CheckResult } from './checks/check-result.js';
import { documentsNeverGoBack } from './checks/documents-never-go-back.js';
import { legalLog } from './checks/legal-log.js';
import { modelsAreTheFold } from './checks/models-are-the-fold.js';
import { noEffectTwice } from './checks/no-effect-twice.js';
import { nothingSkipped, type Counts } from './checks/nothing-skipped.js';
import { sameDocuments, type Documents } from './checks/same-documents.js';
import { topicIsTheLog } from './checks/topic-is-the-log.js';
import { until } from './condition.js';
import { wantedStrikes, type FaultRunSize, type NemesisName } from './e2e-size.config.js';
import { Deployment, type ProjectorPage } from './deployment.js';
import { defineProducts, Driver, lives, type DriverCounts } from './driver.js';
import { documentsOfEmbeddedRun } from './embedded-run.js';
import { MonotonicReader } from './monotonic-reader.js';
import * as nemeses from './nemeses.js';
import type { Nemesis, UnderAttack } from './nemeses.js';
import type { RoleExit } from './supervised-role.js';
import { readTopic } from './topic-copy.js';
import { Trickle } from './trickle.js';

/** One strike of a nemesis. Without evidence it did not fire. */
export interface Strike {
  readonly nemesis: NemesisName;
  readonly tookMs: number;
  readonly evidence?: string;
  readonly failure?: string;
}

export interface FaultRunReport {
  readonly strikes: readonly Strike[];
  readonly checks: readonly CheckResult[];
  readonly customers: number;
  readonly commands: number;
  readonly acknowledged: number;
  /** Commands that rules refused, by code. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Error lines of the processes, the last of each kind. */
  readonly errors: readonly string[];
  readonly events: number;
  readonly repeatsInTopic: number;
  readonly driver: DriverCounts;
  readonly looks: number;
  readonly outages: readonly Outage[];
  readonly caughtUpAfterMs: number | undefined;
  /** Processes that ended by themselves and were started again. */
  readonly exits: readonly RoleExit[];
  readonly loadSeconds: number;
  readonly totalSeconds: number;
  /** Load average of the machine at the beginning and at the end. */
  readonly machineLoad: readonly [number, number];
}

const LIVE_WITHIN_MS = 60_000;
const AT_REST_WITHIN_MS = 15_000;
const LOAD_WITHIN_MS = 60_000;
const TRICKLE_CUSTOMERS = 24;
const TRICKLE_EVERY_MS = 150;

const NEMESES: Readonly<Record<NemesisName, Nemesis>> = {
  'poison event': nemeses.poisonEvent,
  'newer schema version': nemeses.newerSchemaVersion,
  'kill -9 api': nemeses.killApi,
  'kill -9 relay': nemeses.killRelay,
  'kill -9 projector': nemeses.killProjector,
  'Kafka stopped': nemeses.stopKafka,
  'Kafka killed': nemeses.killKafka,
  'document server stopped': nemeses.stopDocuments,
  'document server killed': nemeses.killDocuments,
  'acknowledged writes lost': nemeses.loseAcknowledgedWrites,
  'zombie projector': nemeses.zombieProjector,
  'duplicate deliveries': nemeses.duplicateDeliveries,
  'relay checkpoint set back': nemeses.relayCheckpointSetBack,
};

/**
 * Drives the product over HTTP while everything around it breaks, one nemesis after the other, each under load of its
 * own; heals, waits until nothing lags, and checks what was acknowledged, the log, the topic and every document.
 */
export async function runUnderFaults(
  options: FaultRunSize,
  print: (line: string) => void = () => undefined,
): Promise<FaultRunReport> {
  const startedMs = performance.now();
  const loadBefore = loadavg()[0]!;
  const random = new SeededRandom(options.seed, 3_000_017);
  const deployment = await Deployment.start({ name: 'e2e', projectors: options.projectors, print });
  const reading = new AbortController();
  const writing = new AbortController();
  try {
    const record = new Acknowledgements();
    const client = deployment.folder.client();
    const driver = new Driver({ ...options, client, record });
    const acknowledgedCustomers = followCustomers(record);
    const reader = new MonotonicReader({
      readModels: deployment.readModels,
      head: async () => (await deployment.log.head()).position,
      projection: 'customer-360',
      keys: acknowledgedCustomers,
      random: new SeededRandom(options.seed, 4_000_037),
    });
    print(
      `${seconds(startedMs)} everything runs: ${driver.total} commands for ${options.customers} customers`,
    );
    const trickle = new Trickle({
      customers: TRICKLE_CUSTOMERS,
      everyMs: TRICKLE_EVERY_MS,
      send: (batch) => driver.sendUntilAnswered(batch),
    });
    await defineProducts(client);
    await trickle.register();
    await until(
      'every read model to be filled for the first time',
      async () => (await deployment.behind()) === 0,
      LIVE_WITHIN_MS * 2,
    );
    const driving = driver.run();
    driving.catch(() => undefined);
    const trickling = trickle.run(writing.signal);
    trickling.catch(() => undefined);
    const reads = reader.run(reading.signal);

    const order = strikesInOrder(options, random);
    const outages: Outage[] = [];
    const poisoned = new Map<string, bigint>();
    const load = Math.floor(driver.total / (order.length + 1));
    const target: UnderAttack = {
      deployment, driver, reader, client, random, outages, poisoned, zombieMs: options.zombieMs,
    }; // prettier-ignore
    const strikes: Strike[] = [];
    for (const name of order) {
      // Somewhere within its share of the load, not at the end of an answer.
      const share = Math.floor(load * (0.2 + 0.5 * random.uniform()));
      driver.allow(load);
      const from = driver.settled;
      await until(
        `the driver to send before ${name}`,
        () => {
          driver.assertWell();
          return driver.settled - from >= share || driver.settled >= driver.total;
        },
        LOAD_WITHIN_MS * 2,
      );
      const strike = await strikeOf(name, target);
      strikes.push(strike);
      print(
        `${seconds(startedMs)} ${name}: ${strike.evidence ?? `DID NOT FIRE: ${strike.failure}`} (${Math.round(strike.tookMs)} ms; ${driver.settled} of ${driver.total})`,
      );
    }
    driver.allow(driver.total);
    await driving;
    writing.abort();
    await trickling;
    print(`${seconds(startedMs)} everything was sent and answered`);

    const healing = await heal(deployment);
    const loadSeconds = Math.round((performance.now() - startedMs) / 1_000);
    print(`${seconds(startedMs)} caught up after ${Math.round(healing.caughtUpAfterMs ?? NaN)} ms`);
    reading.abort();
    await reads;
    const processes = await countsAtRest(deployment);

    const log = await deployment.events();
    const parked = await deployment.readModels.parkedSequences();
    const topic = topicIsTheLog(await readTopic(deployment.brokers), log);
    const report = await verifyReadModels({
      projections: deployment.projections,
      history: deployment.log,
      store: deployment.wholeLog,
    });
    print(`${seconds(startedMs)} checked; the same commands go to an embedded server`);
    const onServers = await documentsOnServers(deployment, new Set([...poisoned.keys()].map(ownerOf)));
    const embedded = await documentsOfEmbeddedRun(
      [...lives(options), ...trickle.lives],
      deployment.projections.map(({ name }) => name),
    );
    const checks: CheckResult[] = [
      acknowledgedIsDurable(record.entries(), log),
      noEffectTwice(log, record.contradictions),
      legalLog(log, poisoned),
      topic,
      modelsAreTheFold(report),
      documentsNeverGoBack(reader.observations),
      aliveAgain(outages, healing),
      blastRadius(parked, poisoned),
      nothingSkipped({ processes, parked, projections: deployment.projections, log }),
      sameDocuments(onServers, embedded),
    ];
    await client.close();
    return {
      strikes,
      checks,
      customers: new Set(log.map(({ streamId }) => streamId)).size,
      commands: driver.total + trickle.lives.flat().length,
      acknowledged: record.acceptedCount,
      refusals: record.refusals(),
      errors: [...deployment.errors.values()],
      events: log.length,
      repeatsInTopic: topic.repeats,
      driver: driver.counts,
      looks: reader.observations.length,
      outages,
      caughtUpAfterMs: healing.caughtUpAfterMs,
      exits: deployment.unexpectedExits,
      loadSeconds,
      totalSeconds: Math.round((performance.now() - startedMs) / 1_000),
      machineLoad: [loadBefore, loadavg()[0]!],
    };
  } finally {
    reading.abort();
    writing.abort();
    await deployment.stop();
  }
}

const seconds = (sinceMs: number): string =>
  `${((performance.now() - sinceMs) / 1_000).toFixed(0).padStart(4)} s`;

const ownerOf = (streamId: string): string => streamId.slice(streamId.indexOf('-') + 1);

/** Customers of the record, looked up again only when there are more answers. */
function followCustomers(record: Acknowledgements): () => readonly string[] {
  let counted = 0;
  let customers: readonly string[] = [];
  return () => {
    if (record.acceptedCount !== counted) {
      counted = record.acceptedCount;
      customers = [...new Set([...record.entries()].map(([, { customerId }]) => customerId))];
    }
    return customers;
  };
}

/** Every strike of the plan in a seeded order, the damaged events first: everything else then happens around them. */
function strikesInOrder(options: FaultRunSize, random: SeededRandom): readonly NemesisName[] {
  const all = [...wantedStrikes(options)].flatMap(([name, times]) => Array<NemesisName>(times).fill(name));
  const damage = all.filter((name) => DAMAGE.has(name));
  const rest = all.filter((name) => !DAMAGE.has(name));
  for (let i = rest.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [rest[i], rest[j]] = [rest[j]!, rest[i]!];
  }
  return [...damage, ...rest];
}
const DAMAGE: ReadonlySet<NemesisName> = new Set(['poison event', 'newer schema version']);

async function strikeOf(nemesis: NemesisName, target: UnderAttack): Promise<Strike> {
  const startedMs = performance.now();
  try {
    const evidence = await NEMESES[nemesis](target);
    return { nemesis, evidence, tookMs: performance.now() - startedMs };
  } catch (error) {
    return { nemesis, failure: (error as Error).message, tookMs: performance.now() - startedMs };
  }
}

/** Waits until every role is ready and every partition of every read model is complete to the end of the log. */
async function heal(deployment: Deployment): Promise<Healing> {
  const caughtUpAfterMs = await until(
    'nothing to lag and everybody to be ready',
    async () => {
      const ready = await Promise.all(deployment.roles.map((role) => deployment.isReady(role)));
      return ready.every(Boolean) && (await deployment.behind().catch(() => 1)) === 0;
    },
    LIVE_WITHIN_MS,
  ).catch(() => undefined);
  const ready = await Promise.all(
    deployment.roles.map(async (role) => [role.name, await deployment.isReady(role)] as const),
  );
  return {
    limitMs: LIVE_WITHIN_MS,
    ready: Object.fromEntries(ready),
    ...(caughtUpAfterMs === undefined ? { lagging: await whoLags(deployment) } : { caughtUpAfterMs }),
  };
}

/** What is behind where, and what those who should bring it say of themselves. */
async function whoLags(deployment: Deployment): Promise<readonly string[]> {
  const lagging = await deployment.lagging().catch(() => []);
  const pages = await Promise.all(
    [deployment.relay, ...deployment.projectors].map(async (role) => {
      const { projections, ...page } = (await deployment.page<ProjectorPage>(role)) ?? { projections: [] };
      return `${role.name}: ${JSON.stringify(page)}`;
    }),
  );
  const names = lagging.map(({ projection, partitions }) => `${projection} (${partitions.join(', ')})`);
  return [`read models and their partitions behind: ${names.join('; ')}`, ...pages];
}

/** Counters of every projector once they stand still. */
async function countsAtRest(deployment: Deployment): Promise<Readonly<Record<string, readonly Counts[]>>> {
  let last = '';
  let counts: Record<string, readonly Counts[]> = {};
  await until(
    'the counters of the projectors to stand still',
    async () => {
      counts = {};
      for (const projector of deployment.projectors)
        counts[projector.name] = (await deployment.page<ProjectorPage>(projector))?.projections ?? [];
      const now = JSON.stringify(counts, (_key, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      const isStill = now === last;
      last = now;
      return isStill;
    },
    AT_REST_WITHIN_MS,
  ).catch(() => undefined);
  return counts;
}

async function documentsOnServers(
  deployment: Deployment,
  without: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Documents>> {
  const found = new Map<string, Documents>();
  for (const { name } of deployment.projections) {
    const documents = new Map<string, object>();
    const { collection } = await deployment.readModels.activeCollection(name);
    for await (const page of deployment.readModels.scan(collection))
      for (const { key, document } of page)
        if (!without.has(key.split('/')[0]!)) documents.set(key, document);
    found.set(name, documents);
  }
  return found;
}
