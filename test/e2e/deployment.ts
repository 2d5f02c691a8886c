import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMongoConnection, type MongoConnection } from '@rapport/connections';
import type { RecordedEvent } from '@rapport/contracts';
import { murmur2Partitioning } from '@rapport/event-feed';
import { openEventStoreDbEventStore, type EventStoreDbEventStore } from '@rapport/event-store';
import { asOnePartition, type AnyProjection, type ProjectionStatus } from '@rapport/projection-engine';
import { projectionDependencies, readRuleBook } from '@rapport/platform';
import { projectionsWith } from '@rapport/projections';
import { openMongoReadModels, type MongoReadModelStore } from '@rapport/read-model';
import { systemClock } from '@rapport/runtime';
import { launchServers, type Servers } from '../servers/launch-servers.js';
import type { RunningServer } from '../servers/running-server.js';
import { startRoleProcess } from '../support/role-process.js';
import { ServerFolder } from '../support/server-folder.js';
import { SupervisedRole, type RoleExit } from './supervised-role.js';

export interface DeploymentOptions {
  readonly name: string;
  readonly projectors: number;
  readonly partitions?: number;
  readonly print?: (line: string) => void;
}

/** What the page of a projector says. */
export interface ProjectorPage {
  readonly ready: boolean;
  readonly reason?: string;
  readonly assigned: readonly number[];
  readonly duplicates: number;
  readonly gaps: number;
  readonly projections: readonly Pick<
    ProjectionStatus,
    'projection' | 'received' | 'applied' | 'duplicate' | 'parked'
  >[];
}

const ASK_TIMEOUT_MS = 3_000;

/**
 * The product with its parts apart, on servers of its own: API, relay and projectors as processes that are started again
 * when they end. The document server keeps what it acknowledged unless a test asks otherwise.
 */
export class Deployment {
  readonly api: SupervisedRole;
  readonly relay: SupervisedRole;
  readonly projectors: SupervisedRole[] = [];
  readonly log: EventStoreDbEventStore;
  readonly readModels: MongoReadModelStore;
  readonly projections: readonly AnyProjection[] = projectionsWith(
    projectionDependencies(readRuleBook(undefined)),
  );
  readonly partitions: number;
  readonly logFile: string;
  /** The last error line of each kind that the processes logged, by role and message. */
  readonly errors = new Map<string, string>();
  private readonly lines = new Map<string, number>();
  private readonly environment: Readonly<Record<string, string>>;

  private constructor(
    private readonly servers: Servers,
    readonly folder: ServerFolder,
    readonly mongo: MongoConnection,
    log: EventStoreDbEventStore,
    readonly database: string,
    options: DeploymentOptions,
  ) {
    this.log = log;
    this.readModels = openMongoReadModels(mongo);
    this.partitions = options.partitions ?? murmur2Partitioning().partitions;
    this.logFile = join(folder.root, 'processes.log');
    this.environment = {
      ...servers.environment,
      MONGODB_DATABASE: database,
      RAPPORT_PARTITIONS: String(this.partitions),
      RAPPORT_TOPIC_REPLICAS: '1',
    };
    folder.onOutput = (text) => this.note('api', text);
    this.relay = this.role('relay', 'relay');
    this.api = new SupervisedRole('api', async () => {
      const process = await folder.start({ ...this.environment, RAPPORT_STORE: 'servers' });
      return { child: process.child, url: process.address.url };
    });
    for (let n = 0; n < options.projectors; n++) this.addProjector();
  }

  /** Resolves when every process listens and is ready. */
  static async start(options: DeploymentOptions): Promise<Deployment> {
    const servers = await launchServers({
      own: true,
      native: { mongodb: { syncOnCommit: true } },
      ...(options.print ? { print: options.print } : {}),
    });
    try {
      const { EVENTSTOREDB_URL, MONGODB_URL } = servers.environment;
      const database = `e2e_${randomUUID().replaceAll('-', '')}`;
      const mongo = await openMongoConnection({ url: MONGODB_URL!, database });
      const log = await openEventStoreDbEventStore({
        connectionString: EVENTSTOREDB_URL!,
        clock: systemClock,
      });
      const folder = new ServerFolder(options.name);
      const deployment = new Deployment(servers, folder, mongo, log, database, options);
      await Promise.all(deployment.roles.map((role) => role.up()));
      return deployment;
    } catch (error) {
      await servers.dispose();
      throw error;
    }
  }

  get kafka(): RunningServer {
    return this.servers.kafka!;
  }
  get documents(): RunningServer {
    return this.servers.mongodb!;
  }
  get brokers(): readonly string[] {
    return this.kafka.address.split(',');
  }
  get eventStoreUrl(): string {
    return this.servers.environment.EVENTSTOREDB_URL!;
  }
  get roles(): readonly SupervisedRole[] {
    return [this.api, this.relay, ...this.projectors];
  }
  /** Read models with the whole log as one partition. */
  get wholeLog() {
    return asOnePartition(this.readModels, this.partitions);
  }
  /** Ends of processes that nothing here caused. */
  get unexpectedExits(): readonly RoleExit[] {
    return this.roles.flatMap(({ exits }) => exits);
  }

  addProjector(): SupervisedRole {
    const projector = this.role(`projector-${this.projectors.length + 1}`, 'projector');
    this.projectors.push(projector);
    return projector;
  }

  /** How often a line with these words was printed by any process. */
  countOf(words: string): number {
    return this.lines.get(words) ?? 0;
  }

  /** The page of a role for its operators, whether ready or not; undefined while it does not answer. */
  async page<T>(role: SupervisedRole): Promise<T | undefined> {
    if (!role.url) return undefined;
    try {
      const answer = await fetch(`${role.url}/health/ready`, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
      return (await answer.json()) as T;
    } catch {
      return undefined;
    }
  }

  /** A process that is gone or deaf is not ready. */
  async isReady(role: SupervisedRole): Promise<boolean> {
    if (!role.url) return false;
    try {
      return (await fetch(`${role.url}/health/ready`, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) })).ok;
    } catch {
      return false;
    }
  }

  /** Every event of the log. */
  async events(): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const page of this.log.readAll()) events.push(...page.events);
    return events;
  }

  /** How many partitions of how many projections are behind the head of the log. */
  async behind(): Promise<number> {
    return (await this.lagging()).reduce((sum, { partitions }) => sum + partitions.length, 0);
  }

  /** The projections with partitions behind the head of the log, and which. */
  async lagging(): Promise<
    readonly { readonly projection: string; readonly partitions: readonly number[] }[]
  > {
    const { position } = await this.log.head();
    const states = await this.readModels.generations();
    const lagging = [];
    for (const { name } of this.projections) {
      const active = states.find(({ projection, status }) => projection === name && status === 'active');
      const checkpoints = active?.checkpoints ?? [];
      const reached = new Set(
        checkpoints.filter(({ through }) => through >= position).map(({ partition }) => partition),
      );
      const partitions = Array.from({ length: this.partitions }, (_, n) => n).filter((n) => !reached.has(n));
      if (partitions.length > 0) lagging.push({ projection: name, partitions });
    }
    return lagging;
  }

  async stop(): Promise<void> {
    await Promise.all(this.roles.map((role) => role.stop().catch(() => undefined)));
    await Promise.allSettled([this.log.close(), this.mongo.close()]);
    await this.servers.dispose();
    await this.folder.remove();
  }

  private role(name: string, kind: 'relay' | 'projector'): SupervisedRole {
    return new SupervisedRole(name, () =>
      startRoleProcess(kind, {
        environment: this.environment,
        onOutput: (text) => this.note(name, text),
      }),
    );
  }

  private note(role: string, text: string): void {
    if (text === '') return;
    for (const words of WATCHED_LINES)
      this.lines.set(words, this.countOf(words) + text.split(words).length - 1);
    for (const [line, message] of text.matchAll(/\{"level":[56]0,[^\n]*"msg":"([^"]*)"[^\n]*/g))
      this.errors.set(`${role}: ${message}`, line);
    appendFileSync(this.logFile, `${text.trimEnd().replace(/^/gm, `${role} `)}\n`);
  }
}

/** Lines of the processes that tests count. */
export const LOSS_NOTICED = 'the document server lost writes it had acknowledged';
export const PARKED_LINE = 'an event could not be folded';
const WATCHED_LINES = [LOSS_NOTICED, PARKED_LINE];
