import { Controller, HttpCode, Inject, Post, Req, Res, type Type } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { RequiresAccess } from './access.decorator.js';
import { paramsOf, type CommandRoute } from './command-route.js';
import { DryRunAnswer, WriteContract } from './openapi.decorators.js';

/** Makes a method of a controller the handler of a write: route, access and documentation. */
export function declareCommandRoute(
  controller: Type,
  method: string,
  path: string,
  route: CommandRoute<string>,
  bodies: readonly string[],
): void {
  const { prototype } = controller as { prototype: object };
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method)!;
  Req()(prototype, method, 0);
  Res({ passthrough: true })(prototype, method, 1);
  const inPath = paramsOf(path);
  const decorators = [
    Post(path),
    HttpCode(201),
    RequiresAccess(route.access),
    WriteContract(),
    DryRunAnswer(),
    ...inPath.map((name) =>
      name === 'ref'
        ? ApiParam({ name, description: 'customer id or identifier (email:ada@example.com)', schema: { type: 'string' } })
        : ApiParam({ name, schema: { type: 'string' } }),
    ),
    ApiOperation({ operationId: method, summary: route.summary, description: `Command ${route.command}.${route.guarded ? ' The rules may refuse it; the answer then has the way out.' : ''}` }),
    ApiBody({ required: true, schema: bodies.length === 1 ? { $ref: bodies[0]! } : { oneOf: bodies.map(($ref) => ({ $ref })) } }),
  ];
  for (const decorate of decorators) decorate(prototype, method, descriptor);
} // prettier-ignore

/** Makes a class whose constructor takes the command bus a controller under a path. */
export function asCommandController(controller: Type, path: string, area: string): Type {
  Inject(CommandBus)(controller, undefined as unknown as string, 0);
  ApiTags(area)(controller);
  Controller(path)(controller);
  return controller;
}
