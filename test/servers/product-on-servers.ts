import { readProjectorConfig, readRelayConfig, createLogger, openWholeLogStores, projectionDependencies, readRuleBook, type WholeLogStores } from '@rapport/platform'; // prettier-ignore
import { verifyReadModels, type AnyProjection } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import { ApiUnderTest, type Answer } from '../../apps/api/specs/api-under-test.js';
import { startProjector, type RunningProjector } from '../../apps/projector/projector.application.js';
import { startRelay, type RunningRelay } from '../../apps/relay/relay.application.js';
import { eventually } from '../support/server-folder.js';
import { launchServers, type Servers } from './launch-servers.js';

export const PARTITIONS = 4;

/** The product with its parts apart, in one process, on servers of its own: the topic is a copy of one log from its beginning. */
export class ProductOnServers {
  readonly projections: readonly AnyProjection[] = projectionsWith(
    projectionDependencies(readRuleBook(undefined)),
  );

  private constructor(
    private readonly servers: Servers,
    readonly environment: Readonly<Record<string, string>>,
    private readonly relay: RunningRelay,
    private readonly projector: RunningProjector,
    /** May be stopped and replaced. */
    public api: ApiUnderTest,
  ) {}

  static async start(database: string): Promise<ProductOnServers> {
    const servers = await launchServers({ own: true });
    const environment = {
      ...servers.environment,
      MONGODB_DATABASE: database,
      RAPPORT_STORE: 'servers',
      RAPPORT_PARTITIONS: String(PARTITIONS),
      RAPPORT_TOPIC_REPLICAS: '1',
      RAPPORT_PORT: '0',
    };
    const logger = createLogger('silent');
    const relay = await startRelay(readRelayConfig(environment), logger);
    const projector = await startProjector(readProjectorConfig(environment), logger);
    return new ProductOnServers(servers, environment, relay, projector, await ApiUnderTest.start(environment)); // prettier-ignore
  }

  async dispose(): Promise<void> {
    await this.api.stop();
    await this.projector.stop();
    await this.relay.stop();
    await this.servers.dispose();
  }

  /** Asks until it is answered: the first generation is filled while the first reads come. */
  async read(url: string): Promise<Answer> {
    return eventually(`GET ${url}`, async () => {
      const answer = await this.api.get(url);
      if (answer.status === 400 || answer.status === 422) throw new Error(JSON.stringify(answer.body));
      return answer.status === 200 ? answer : undefined;
    });
  }

  async withStores<Done>(work: (stores: WholeLogStores) => Promise<Done>): Promise<Done> {
    const stores = await openWholeLogStores({
      kind: 'servers',
      eventStoreDbUrl: this.environment['EVENTSTOREDB_URL']!,
      mongoDbUrl: this.environment['MONGODB_URL']!,
      mongoDbDatabase: this.environment['MONGODB_DATABASE']!,
      partitions: PARTITIONS,
    });
    try {
      return await work(stores);
    } finally {
      await stores.close();
    }
  }

  /** Waits until every read model is complete, and expects each to be what the log makes it. */
  expectClean(timeoutMs?: number): Promise<void> {
    return this.withStores(async ({ history, readModels }) => {
      const { position } = await history.head();
      await eventually(
        'every read model is complete',
        async () => {
          const states = await Promise.all(this.projections.map(({ name }) => readModels.activeCollection(name))); // prettier-ignore
          return states.every(({ checkpoints }) => checkpoints[0] && checkpoints[0].through >= position)
            ? true
            : undefined;
        },
        timeoutMs,
      );
      const report = await verifyReadModels({ projections: this.projections, history, store: readModels });
      expect(report.differences).toEqual([]);
      expect(report.isClean).toBe(true);
    });
  }
}
