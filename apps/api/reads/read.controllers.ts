import { Controller, Get, Inject, Req, type Type } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { schema } from '@rapport/contracts';
import type { Access, AnyQuery, KnownQuery, ReadAnswer } from '@rapport/platform';
import { Type as Schema, type TObject, type TProperties } from '@sinclair/typebox';
import { FIND_PEOPLE, READ, READ_FIGURES } from '../customer/customer.access.js';
import { RequiresAccess } from '../http/access.decorator.js';
import type { ApiRequest } from '../http/api-request.js';
import { paramsOf } from '../http/command-route.js';
import { invalid } from '../http/problem.js';
import { PagedContract, ProblemAnswers, ReadContract } from '../http/openapi.decorators.js';
import { Ask, Find } from './ask.handler.js';
import { readRequestOf, type ReadShape } from './read-parameters.js';
import { READ_ROUTES, type ReadRoute } from './read.routes.js';

const isPaged = (query: AnyQuery): boolean => query.scope === 'list' || query.paged === true;

abstract class AskController {
  constructor(readonly bus: QueryBus) {}

  protected ask(shape: ReadShape, request: ApiRequest, beside?: ReadRoute['beside']): Promise<ReadAnswer> {
    return this.bus.execute(new Ask(readRequestOf(request, shape), beside));
  }
}

/**
 * Controllers of every named query of the registry: at an address of its own where `READ_ROUTES` gives one, and at
 * `/v1/read-models/<projection>/<query>`.
 */
export function readControllers(known: readonly KnownQuery[]): Type[] {
  const queryOf = (projection: string, name: string): AnyQuery => {
    const found = known.find((one) => one.projection === projection && one.query.name === name);
    if (!found) throw new Error(`no query ${projection}/${name}`);
    return found.query;
  };
  const areas = [...new Set(READ_ROUTES.map(({ area }) => area))];
  const controllers = areas.map((area) => {
    class ReadController extends AskController {}
    for (const route of READ_ROUTES.filter((one) => one.area === area)) {
      const query = queryOf(route.projection, route.query);
      const inPath = paramsOf(route.path).map((name) => (name === 'ref' ? 'customerId' : name));
      declareRead(ReadController, route.path, { projection: route.projection, query: route.query, params: query.params as TObject, inPath, paged: isPaged(query) }, query, route.access, route.beside); // prettier-ignore
    }
    return asController(ReadController, area);
  });
  class ReadModelsController extends AskController {}
  for (const { projection, query } of known)
    declareRead(ReadModelsController, `read-models/${projection}/${query.name}`, { projection, query: query.name, params: query.params as TObject, paged: isPaged(query) }, query, accessOf(projection, query)); // prettier-ignore
  return [...controllers, asController(ReadModelsController, 'read models'), asController(FindController, 'customers')];
} // prettier-ignore

/** What one customer is and did may be read as the customer may; scores, lists and totals are figures. */
const accessOf = (projection: string, query: AnyQuery): Access =>
  query.scope === 'customer' && (projection === 'customer-360' || projection === 'contact-history') ? READ : READ_FIGURES; // prettier-ignore

function declareRead(controller: Type, path: string, shape: ReadShape, query: AnyQuery, access: Access, beside?: ReadRoute['beside']): void {
  const name = path.replace(/[^A-Za-z]+(.)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? '');
  const { prototype } = controller as { prototype: object };
  Object.defineProperty(prototype, name, {
    value: function (this: { ask(shape: ReadShape, request: ApiRequest, beside?: ReadRoute['beside']): Promise<ReadAnswer> }, request: ApiRequest) {
      return this.ask(shape, request, beside);
    },
    writable: true,
    configurable: true,
  });
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
  Req()(prototype, name, 0);
  const required = new Set((shape.params.required as string[] | undefined) ?? []);
  const decorators = [
    Get(path),
    RequiresAccess(access),
    ReadContract(),
    ...(shape.paged ? [PagedContract()] : []),
    ...paramsOf(path).map((name) => ApiParam({ name, ...(name === 'ref' ? { description: 'customer id or identifier (email:ada@example.com)' } : {}), schema: { type: 'string' } })),
    ...Object.entries(shape.params.properties as TProperties)
      .filter(([parameter]) => !shape.inPath?.includes(parameter))
      .map(([parameter, { description, ...schema }]) => ApiQuery({ name: parameter, required: required.has(parameter), description: description ?? '', schema: schema as object })),
    ApiOperation({ operationId: name, summary: query.question }),
  ];
  for (const decorate of decorators) decorate(prototype, name, descriptor);
} // prettier-ignore

function asController(controller: Type, area: string): Type {
  Inject(QueryBus)(controller, undefined as unknown as string, 0);
  ApiTags(area)(controller);
  Controller('v1')(controller);
  return controller;
}

class FindController {
  constructor(private readonly bus: QueryBus) {}

  @Get('customers')
  @RequiresAccess(FIND_PEOPLE)
  @ApiBearerAuth()
  @ApiResponse({ status: 200, description: 'the answer and how fresh it is', content: { 'application/json': { schema: { $ref: '#/components/schemas/Read' } } } }) // prettier-ignore
  @ProblemAnswers(422, 503)
  @PagedContract()
  @ApiOperation({
    operationId: 'findCustomers',
    summary: 'Which customers have this identifier, or this name?',
  })
  @ApiQuery({ name: 'after', required: false, description: 'token of a write: waits at most 2 s until it is seen (also as header Rapport-Token)', schema: { type: 'string' } }) // prettier-ignore
  @ApiQuery({ name: 'identifier', required: false, description: 'exact identifier: email:ada@example.com, shop/customerNo:42', schema: { type: 'string' } }) // prettier-ignore
  @ApiQuery({ name: 'name', required: false, description: 'words of the name, or how they begin (2 characters at least)', schema: { type: 'string' } }) // prettier-ignore
  find(@Req() request: ApiRequest): Promise<ReadAnswer> {
    const { find, after } = findRequestOf(request);
    return this.bus.execute(new Find(find, after));
  }
}

function findRequestOf(request: ApiRequest) {
  const { params, limit, cursor, principal, asOfMs, knownAt, after } = readRequestOf(request, FIND);
  // Who bears an identifier is kept as it is now; to ignore the question would be a wrong answer to it.
  if (asOfMs !== undefined || knownAt !== undefined)
    throw invalid('Customers are found by what they are called now; ask the customer found as of another day.', [
      { pointer: `query/${asOfMs === undefined ? 'knownAt' : 'asOf'}`, code: 'UNKNOWN_PROPERTY', message: 'is not known here' },
    ]); // prettier-ignore
  const { identifier, name } = params as { identifier?: string; name?: string };
  if ((identifier === undefined) === (name === undefined))
    throw invalid('Say what to look for: identifier or name, one of them.', [{ pointer: 'query/identifier', code: 'ONE_OF', message: 'either identifier or name' }]); // prettier-ignore
  return { find: { identifier, name, limit: limit ?? 50, cursor, principal }, after };
}

const FIND: ReadShape = {
  projection: 'customer-360',
  query: 'find',
  params: findParams(),
  paged: true,
};

function findParams(): TObject {
  return schema.object({
    identifier: Schema.Optional(schema.text('exact identifier', 400)),
    name: Schema.Optional(schema.text('words of the name', 200)),
  });
}
