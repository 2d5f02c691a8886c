import { type Type } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { RapportError } from '@rapport/contracts';
import type { AggregateWrite, ReadRequest } from '@rapport/platform';
import type { ApiReply, ApiRequest } from '../http/api-request.js';
import { bodyDto, type CommandRoute } from '../http/command-route.js';
import type { DtoClass } from '../http/dto-from-schema.js';
import { asCommandController, declareCommandRoute } from '../http/command-controller.js';
import { refusalError } from '../http/problem.js';
import { idempotencyKeyOf, ifMatchOf } from '../http/read-write-key.js';
import { writeOf } from '../http/write-request.js';
import { AGGREGATE_AREAS, type AggregateArea, type AggregateRoute } from './aggregate.routes.js';
import { CarryOutOnAggregate, type PreviewedOutcome } from './carry-out-on-aggregate.handler.js';

/** Body class of every write by schema name, for the OpenAPI document. */
export const AGGREGATE_BODY_CLASSES: ReadonlyMap<string, DtoClass> = new Map(
  AGGREGATE_AREAS.flatMap(({ routes }) => routes).map((route) => [`${route.command}Body`, bodyDto(route)]),
);

/** A controller for each kind of aggregate, with one method for each route. */
export const aggregateCommandControllers = (): Type[] => AGGREGATE_AREAS.map(areaController);

function areaController({ category, collection, area, routes }: AggregateArea): Type {
  class AggregateController {
    constructor(readonly bus: CommandBus) {}
  }
  for (const route of routes) {
    const name = `${route.command[0]!.toLowerCase()}${route.command.slice(1)}`;
    Object.defineProperty(AggregateController.prototype, name, {
      value: async function (this: AggregateController, request: ApiRequest, reply: ApiReply) {
        const write = aggregateWriteOf(category, route, request);
        return answer(await this.bus.execute(new CarryOutOnAggregate(write, previewOf(route, write))), reply);
      },
      writable: true,
      configurable: true,
      enumerable: false,
    });
    declareCommandRoute(AggregateController, name, route.path, route, [
      `#/components/schemas/${route.command}Body`,
    ]);
  }
  return asCommandController(AggregateController, `v1/${collection}`, area);
}

function aggregateWriteOf(
  category: string,
  route: CommandRoute<string>,
  request: ApiRequest,
): AggregateWrite {
  if (request.body === undefined) throw new RapportError('MALFORMED_JSON', 'The body is empty.');
  const dto = AGGREGATE_BODY_CLASSES.get(`${route.command}Body`)!;
  const write = writeOf(route, dto, request.body, request.params, {
    principal: request.principal!,
    correlationId: request.id,
    idempotencyKey: idempotencyKeyOf(request),
    ifRevision: ifMatchOf(request),
  });
  return { ...write, category };
}

/** Where a dry run finds what the write would touch. */
function previewOf({ preview }: AggregateRoute, write: AggregateWrite): ReadRequest | undefined {
  if (preview === undefined || write.dryRun !== true) return undefined;
  const { projection, query, paramsOf } = preview;
  return { projection, query, params: paramsOf(write.fields), principal: write.principal };
}

function answer(outcome: PreviewedOutcome, reply: ApiReply): object {
  const named = { [outcome.idField]: outcome.id };
  switch (outcome.kind) {
    case 'recorded': {
      const { eventIds, revision, token, replayed } = outcome;
      reply.code(201).header('etag', `"${revision}"`).header('rapport-token', token);
      return { ...named, eventIds, revision: revision.toString(), token, replayed };
    }
    case 'possible':
      reply.code(200);
      return {
        ...named,
        dryRun: true,
        eventTypes: outcome.eventTypes,
        ...(outcome.preview ? { preview: outcome.preview } : {}),
      };
    case 'refused':
      throw refusalError(outcome.refusal, { ...named, ...(outcome.replayed ? { replayed: true } : {}) });
  }
}
