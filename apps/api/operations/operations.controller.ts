import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Type } from '@sinclair/typebox';
import { schema } from '@rapport/contracts';
import { Operations, Processes, type Access, type ShownProcess, type ShownProjection, type ShownRebuild } from '@rapport/platform'; // prettier-ignore
import { RequiresAccess } from '../http/access.decorator.js';
import type { ApiRequest } from '../http/api-request.js';
import { checkedBody, refuseQuery } from '../http/checked-body.js';
import { dtoFrom } from '../http/dto-from-schema.js';
import { ProblemAnswers } from '../http/openapi.decorators.js';
import {
  CancelRebuild,
  DropPrevious,
  RetryParked,
  RollBack,
  ShowProjections,
  StartRebuild,
} from './operations.handlers.js';

const OPERATE: Access = { roles: ['operations'], scope: 'operations' };
/** How far the read models are behind is no secret to those who read them. */
const WATCH: Access = { roles: ['operations', 'analyst', 'steward'], scope: 'operations' };

export class RetryBody extends dtoFrom(
  schema.object({
    projection: schema.code('projection whose parked events are folded again'),
    owner: Type.Optional(schema.text('only of this customer', 100)),
  }),
) {}

interface Answer<Data> {
  readonly data: Data;
  readonly meta: object;
}

@ApiTags('operations')
@ApiBearerAuth()
@Controller('v1/operations')
export class OperationsController {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(Operations) private readonly operations: Operations,
    @Inject(Processes) private readonly processes: Processes,
  ) {}

  @Get('projections')
  @RequiresAccess(WATCH)
  @ApiOperation({ operationId: 'showProjections', summary: 'Where every read model stands' })
  @ProblemAnswers(422)
  async projections(@Req() request: ApiRequest): Promise<Answer<readonly ShownProjection[]>> {
    refuseQuery(request);
    return { data: await this.queries.execute(new ShowProjections()), meta: {} };
  }

  @Get('projections/:name')
  @RequiresAccess(WATCH)
  @ApiOperation({ operationId: 'showProjection', summary: 'Where one read model stands' })
  @ProblemAnswers(404, 422)
  async projection(
    @Param('name') name: string,
    @Req() request: ApiRequest,
  ): Promise<Answer<ShownProjection>> {
    refuseQuery(request);
    const [projection] = await this.queries.execute(new ShowProjections(name));
    return { data: projection!, meta: {} };
  }

  @Post('projections/:name/rebuilds')
  @HttpCode(202)
  @RequiresAccess(OPERATE)
  @ApiOperation({
    operationId: 'startRebuild',
    summary: 'Rebuild a read model beside the running one, then swap',
  })
  @ProblemAnswers(404, 409)
  async startRebuild(@Param('name') name: string, @Req() request: ApiRequest): Promise<Answer<ShownRebuild>> {
    return {
      data: await this.commands.execute(new StartRebuild(name, request.principal!.subject)),
      meta: {},
    };
  }

  @Get('projections/:name/rebuilds/current')
  @RequiresAccess(OPERATE)
  @ApiOperation({ operationId: 'showRebuild', summary: 'How far the rebuild is, or how the last one ended' })
  @ProblemAnswers(404, 422)
  rebuild(@Param('name') name: string, @Req() request: ApiRequest): Answer<ShownRebuild> {
    refuseQuery(request);
    return { data: this.operations.currentRebuild(name), meta: {} };
  }

  @Delete('projections/:name/rebuilds/current')
  @HttpCode(200)
  @RequiresAccess(OPERATE)
  @ApiOperation({ operationId: 'cancelRebuild', summary: 'Cancel a running rebuild; readers notice nothing' })
  @ProblemAnswers(404)
  async cancelRebuild(@Param('name') name: string): Promise<Answer<ShownRebuild>> {
    return { data: await this.commands.execute(new CancelRebuild(name)), meta: {} };
  }

  @Post('projections/:name/rollbacks')
  @HttpCode(200)
  @RequiresAccess(OPERATE)
  @ApiOperation({ operationId: 'rollBack', summary: 'Read the generation before the last rebuild again' })
  @ProblemAnswers(404, 409)
  async rollBack(@Param('name') name: string, @Req() request: ApiRequest): Promise<Answer<ShownProjection>> {
    return { data: await this.commands.execute(new RollBack(name, request.principal!.subject)), meta: {} };
  }

  @Delete('projections/:name/generations/previous')
  @HttpCode(200)
  @RequiresAccess(OPERATE)
  @ApiOperation({
    operationId: 'dropPrevious',
    summary: 'Remove the generations kept for a rollback: frees their space, and there is no way back',
  })
  @ProblemAnswers(404, 409)
  async dropPrevious(
    @Param('name') name: string,
    @Req() request: ApiRequest,
  ): Promise<Answer<ShownProjection>> {
    return {
      data: await this.commands.execute(new DropPrevious(name, request.principal!.subject)),
      meta: {},
    };
  }

  @Get('parked')
  @RequiresAccess(OPERATE)
  @ApiOperation({
    operationId: 'showParked',
    summary: 'Customers whose events wait because one could not be folded: references, no payloads',
  })
  @ProblemAnswers(422)
  async parked(@Req() request: ApiRequest): Promise<Answer<readonly object[]>> {
    refuseQuery(request);
    return { data: await this.operations.parked(), meta: {} };
  }

  @Post('parked/retries')
  @HttpCode(200)
  @RequiresAccess(OPERATE)
  @ApiBody({ schema: { $ref: '#/components/schemas/RetryBody' } })
  @ApiOperation({ operationId: 'retryParked', summary: 'Fold parked events again, in order' })
  @ProblemAnswers(400, 404, 413, 415, 422, 503)
  async retry(@Body() body: unknown): Promise<Answer<readonly object[]>> {
    const { projection, owner } = checkedBody(RetryBody, body);
    return { data: await this.commands.execute(new RetryParked(projection, owner)), meta: {} };
  }

  @Get('processes')
  @RequiresAccess(WATCH)
  @ApiOperation({
    operationId: 'showProcesses',
    summary: 'Where every process stands: whether it acts, how far it has come, what it did, its last error',
  })
  @ProblemAnswers(422)
  async processList(@Req() request: ApiRequest): Promise<Answer<readonly ShownProcess[]>> {
    refuseQuery(request);
    return { data: await this.processes.list(), meta: {} };
  }

  @Get('processes/:name')
  @RequiresAccess(WATCH)
  @ApiOperation({
    operationId: 'showProcess',
    summary: 'Where one process stands, and the customers it gave up on: references, no payloads',
  })
  @ProblemAnswers(404, 422)
  async process(@Param('name') name: string, @Req() request: ApiRequest): Promise<Answer<ShownProcess>> {
    refuseQuery(request);
    return { data: await this.processes.one(name), meta: {} };
  }

  @Post('processes/:name/retries')
  @HttpCode(200)
  @RequiresAccess(OPERATE)
  @ApiOperation({
    operationId: 'retryProcess',
    summary: 'Let a process try again what it gave up on; answers how many customers',
  })
  @ProblemAnswers(404)
  async retryProcess(@Param('name') name: string): Promise<Answer<{ readonly retried: number }>> {
    return { data: { retried: await this.processes.retry(name) }, meta: {} };
  }
}
