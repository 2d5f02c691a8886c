import { parentPort, workerData } from 'node:worker_threads';
import { RapportError } from '@rapport/contracts';
import { projectionsWith } from '@rapport/projections';
import { projectionDependencies, readRuleBook } from '../rules/relationship-rules.js';
import { RuleBooks } from '../rules/rule-books.js';
import { openWholeLogStores } from '../stores.js';
import { doAnalystJob, type AnalystParts } from './analyst-jobs.js';
import type { AnalystRequest, AnalystResponse, AnalystSettings } from './analyst-thread.adapter.js';

const settings = workerData as AnalystSettings;
const { history, readModels } = await openWholeLogStores(settings.stores);
const books = await RuleBooks.open(readRuleBook(settings.ruleBookFile), history);
const parts: AnalystParts = {
  projections: projectionsWith(projectionDependencies(() => books.rules)),
  events: history,
  readModels,
};

/** One job after the other: each wants the whole core. */
let queue: Promise<void> = Promise.resolve();
parentPort!.on('message', ({ id, job }: AnalystRequest) => {
  queue = queue.then(async () => {
    let response: AnalystResponse;
    try {
      await books.load();
      response = { id, answer: await doAnalystJob(parts, job) };
    } catch (error) {
      response = {
        id,
        error:
          error instanceof RapportError
            ? { code: error.code, detail: error.detail }
            : { code: 'INTERNAL', detail: String((error as Error).message) },
      };
    }
    parentPort!.postMessage(response);
  });
});
