import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { customerDecider, businessClockMs, type CustomerRequest, type CustomerState, type RuleBook } from '@rapport/domain'; // prettier-ignore
import {
  completeErasures, createCommandHandler, createEventCodec, createIdentifierHasher, openSqliteEventStore, openSqliteKeyStore,
} from '@rapport/event-store'; // prettier-ignore
import { openStoreEventFeed } from '@rapport/event-feed';
import { LiveRunner, type ProjectionStatus, type ValueTerms } from '@rapport/projection-engine';
import { projectionsWith } from '@rapport/projections';
import { openSqliteReadModels } from '@rapport/read-model';
import { systemClock, systemScheduler, type Clock, type Scheduler } from '@rapport/runtime';
import { AccessTokens, readTokenSecret } from './access/access-tokens.js';
import { AnalystThread } from './analyst/analyst-thread.adapter.js';
import type { Config } from './config.js';
import { CustomerCommands } from './customers/customer-commands.js';
import { CustomerReferences } from './customers/customer-references.js';
import { FindCustomers } from './customers/find-customers.js';
import { requestHashWith } from './customers/request-hash.js';
import { ModelRuns } from './models/model-runs.js';
import { Models } from './models/models.js';
import type { Logger } from './observability/logger.js';
import { Metrics } from './observability/metrics.js';
import { projectionDependencies, readRuleBook } from './relationship-rules.js';
import { ReadSide } from './read-side/read-side.js';
import { SignedCursors } from './signed-cursor.js';

export interface EmbeddedRuntimeOptions {
  /** Compiled root of the product, `dist`: threads start from there. */
  readonly distDir: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly scheduler?: Scheduler;
}

export async function openEmbeddedRuntime(config: Config, options: EmbeddedRuntimeOptions) {
  const { clock = systemClock, scheduler = systemScheduler, distDir } = options;
  const folder = resolve(config.dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ruleBook = readRuleBook(config.ruleBookFile);
  const projections = projectionsWith(projectionDependencies(ruleBook));
  let wake = (): void => undefined;
  const events = openSqliteEventStore({ folder, clock, onCommitted: () => wake() });
  const keys = openSqliteKeyStore({ folder, masterKeyFile: config.masterKeyFile });
  await completeErasures(events, keys);
  const codec = createEventCodec({ keys });
  const hasher = await createIdentifierHasher(keys);
  const references = new CustomerReferences(events, hasher);
  const requestHash = requestHashWith(await keys.hashingKey('request'));
  const handler = createCommandHandler<CustomerState, CustomerRequest, RuleBook>({
    store: events, commandIndex: events, snapshots: events, keys, codec, hasher, clock, scheduler, decider: customerDecider,
    ruleBookFor: () => ruleBook, businessClockMs,
  }); // prettier-ignore
  let statuses = (): readonly ProjectionStatus[] => [];
  const metrics = new Metrics(
    () => statuses(),
    () => true,
  );
  const customers = new CustomerCommands({
    handler,
    references,
    clock,
    requestHash,
    onOutcome: (...o) => metrics.onOutcome(...o),
  });
  const readModels = openSqliteReadModels(folder);
  const feed = openStoreEventFeed(events, { scheduler });
  wake = () => feed.wake();
  const live = new LiveRunner({ projections, feed, history: events, store: openSqliteReadModels(folder), clock, scheduler, random: () => 0.5 }); // prettier-ignore
  statuses = () => live.status();
  const stopLive = new AbortController();
  const liveDone = live.run(stopLive.signal);
  const runs = new ModelRuns(events, events);
  await runs.load();
  const cursors = new SignedCursors(await keys.hashingKey('cursor'));
  const valueTerms: ValueTerms = { horizonDays: config.valueHorizonDays, annualDiscountRate: config.valueAnnualDiscount, margin: config.valueMargin }; // prettier-ignore
  const analyst = new AnalystThread(join(distDir, 'libs/platform/analyst/analyst.worker.js'), { dataDir: folder, ...(config.ruleBookFile === undefined ? {} : { ruleBookFile: config.ruleBookFile }) }); // prettier-ignore
  const waitFor = (projection: string, position: bigint, timeoutMs: number) => live.waitFor(position, timeoutMs, { projections: [projection] }); // prettier-ignore
  const readSide = new ReadSide({
    projections, readModels, events, codec, references, models: runs, cursors, clock, valueTerms, waitFor,
    askAllAsOf: (question) => analyst.do({ kind: 'ask', question }),
  }); // prettier-ignore
  const models = new Models({ runs, clock, valueTerms, requestHash, doJob: (job) => analyst.do(job), catchUp: async (p) => waitFor(p, (await events.head()).position, 60_000) }); // prettier-ignore
  const find = new FindCustomers({ references, readModels, readSide, cursors, clock });
  const tokens = new AccessTokens(readTokenSecret(folder), clock);
  return {
    folder, clock, scheduler, events, readModels, customers, readSide, models, find, tokens, projections, codec, live, metrics, health: () => ({ ready: true }),
    stop: async () => {
      stopLive.abort();
      await liveDone;
      await analyst.stop();
      await readModels.close();
      await events.close();
      await keys.close();
    },
  }; // prettier-ignore
}
export type EmbeddedRuntime = Awaited<ReturnType<typeof openEmbeddedRuntime>>;
