import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiBody, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Type } from '@sinclair/typebox';
import { RapportError, schema } from '@rapport/contracts';
import type { Access, ScoringRun, ShownRun } from '@rapport/platform';
import { READ_FIGURES } from '../customer/customer.access.js';
import { RequiresAccess } from '../http/access.decorator.js';
import type { ApiReply, ApiRequest } from '../http/api-request.js';
import { dtoFrom } from '../http/dto-from-schema.js';
import { ProblemAnswers, ReadContract } from '../http/openapi.decorators.js';
import { checkedBody } from '../http/checked-body.js';
import { idempotencyKeyOf } from '../http/read-write-key.js';
import { readRequestOf, type ReadShape } from '../reads/read-parameters.js';
import { FitModel, ScoreCustomers, ShowFits } from './models.handlers.js';

const RUN_MODELS: Access = { roles: ['analyst', 'steward'], scope: 'models:run' };

export class FitBody extends dtoFrom(
  schema.object({
    cutoff: Type.Optional(schema.instant('facts up to the end of this day are used; default now')),
    timeUnit: Type.Optional(schema.oneOf(['day', 'week'], 'unit of time of the parameters; default week')),
  }),
) {}

export class ScoringBody extends dtoFrom(
  schema.object({ asOf: Type.Optional(schema.instant('instant the scores are for; default now')) }),
) {}

/** Fits take the general parameters of a read, and no others. */
const FITS: ReadShape = { projection: 'models', query: 'fits', params: schema.object({}), paged: false };

@ApiTags('models')
@ApiBearerAuth()
@Controller('v1')
export class ModelsController {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
  ) {}

  @Get('models')
  @RequiresAccess(READ_FIGURES)
  @ReadContract()
  @ApiOperation({ operationId: 'showModels', summary: 'The latest fit of each value model' })
  async latest(@Req() request: ApiRequest): Promise<{ data: readonly ShownRun[]; meta: object }> {
    return { data: await this.queries.execute(new ShowFits(readRequestOf(request, FITS))), meta: {} };
  }

  @Get('models/:name')
  @RequiresAccess(READ_FIGURES)
  @ReadContract()
  @ApiOperation({ operationId: 'showFits', summary: 'The fits of one value model, newest first' })
  async ofModel(@Param('name') name: string, @Req() request: ApiRequest): Promise<{ data: readonly ShownRun[]; meta: object }> {
    return { data: await this.queries.execute(new ShowFits(readRequestOf(request, FITS), name)), meta: {} };
  } // prettier-ignore

  @Post('models/:name/fits')
  @HttpCode(201)
  @RequiresAccess(RUN_MODELS)
  @ApiHeader({ name: 'Idempotency-Key', required: true })
  @ApiBody({ schema: { $ref: '#/components/schemas/FitBody' } })
  @ApiOperation({ operationId: 'fitModel', summary: 'Fit a value model on the purchases up to a cut-off' })
  @ProblemAnswers(400, 404, 409, 413, 415, 422, 503)
  async fit(
    @Param('name') model: string,
    @Body() body: unknown,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) reply: ApiReply,
  ): Promise<object> {
    const { cutoff, timeUnit } = checkedBody(FitBody, body);
    const idempotencyKey = idempotencyKeyOf(request);
    if (idempotencyKey === undefined)
      throw new RapportError('MISSING_IDEMPOTENCY_KEY', 'No Idempotency-Key was sent.');
    const { run, replayed } = await this.commands.execute(
      new FitModel({ model, cutoff, timeUnit, idempotencyKey, principal: request.principal!, correlationId: request.id }), // prettier-ignore
    );
    if (replayed) reply.code(200);
    return { data: run, meta: { replayed } };
  }

  @Post('scoring-runs')
  @HttpCode(201)
  @RequiresAccess(RUN_MODELS)
  @ApiBody({ schema: { $ref: '#/components/schemas/ScoringBody' } })
  @ApiOperation({
    operationId: 'scoreCustomers',
    summary: 'Score every customer for the list of customers at risk',
  })
  @ProblemAnswers(400, 413, 415, 422, 503)
  async score(@Body() body: unknown): Promise<{ data: ScoringRun; meta: object }> {
    const { asOf } = checkedBody(ScoringBody, body);
    return { data: await this.commands.execute(new ScoreCustomers(asOf)), meta: {} };
  }
}
