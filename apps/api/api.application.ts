import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Runtime, Logger } from '@rapport/platform';
import { ApiModule } from './api.module.js';
import { ApiDocument } from './docs/docs.controller.js';
import { configureServer, createAdapter, logRequests, type ServerLimits } from './http/api-server.js';
import { KnownRoutes } from './http/known-routes.js';
import { describeApi } from './http/openapi.js';
import { ProblemFilter } from './http/problem.filter.js';

export interface Api {
  readonly app: NestFastifyApplication;
  readonly routes: KnownRoutes;
}

/** The API over a runtime, ready to listen or to be asked in process. `projectDir` is where its packages are found. */
export async function createApi(
  runtime: Runtime,
  logger: Logger,
  version: string,
  projectDir?: string,
  limits?: ServerLimits,
): Promise<Api> {
  const routes = new KnownRoutes();
  const problems = new ProblemFilter(routes, logger);
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.over(runtime, logger),
    createAdapter(() => problems, limits),
    // Nest's own console lines would say nothing an operator needs; errors come through the filter.
    { bodyParser: false, logger: false, abortOnError: false },
  );
  app.useGlobalFilters(problems);
  configureServer(app, routes, runtime.tokens);
  if (logger.isLevelEnabled('debug')) logRequests(app, logger);
  Object.assign(app.get(ApiDocument), { document: describeApi(app, version), projectDir });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return { app, routes };
}
