import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { epochMsOf, isUuid, RapportError } from '@rapport/contracts';
import type { ExplainedDecision, PublishedRuleBook, ShownRuleBook } from '@rapport/platform';
import { READ } from '../customer/customer.access.js';
import { RequiresAccess } from '../http/access.decorator.js';
import type { ApiRequest } from '../http/api-request.js';
import { refuseQuery } from '../http/checked-body.js';
import { isEdgeInstant } from '../http/edge-rules.js';
import { ProblemAnswers } from '../http/openapi.decorators.js';
import { invalid } from '../http/problem.js';
import { ExplainDecision, ShowRuleBook, ShowRuleBooks } from './rules.handlers.js';

interface Answer<Data> {
  readonly data: Data;
  readonly meta: object;
}

@ApiTags('rule books')
@ApiBearerAuth()
@Controller('v1')
export class RulesController {
  constructor(@Inject(QueryBus) private readonly queries: QueryBus) {}

  @Get('rule-books')
  @RequiresAccess(READ)
  @ApiQuery({ name: 'asOf', required: false, description: 'which one decides at this business time (ISO-8601); default now', schema: { type: 'string', format: 'date-time' } }) // prettier-ignore
  @ApiOperation({ operationId: 'showRuleBooks', summary: 'Every rule book, and which one decides' })
  @ProblemAnswers(422)
  async list(@Req() request: ApiRequest): Promise<Answer<readonly ShownRuleBook[]>> {
    const { asOf, ...others } = request.query as Record<string, unknown>;
    refuseQuery({ ...request, query: others } as ApiRequest);
    if (asOf !== undefined && !(typeof asOf === 'string' && isEdgeInstant(asOf)))
      throw invalid('The query string is not allowed.', [{ pointer: 'query/asOf', code: 'IS_INSTANT', message: 'must be an ISO-8601 instant with a zone, in the years 1900 to 2100' }]); // prettier-ignore
    const asOfMs = typeof asOf === 'string' ? epochMsOf(asOf) : undefined;
    return { data: await this.queries.execute(new ShowRuleBooks(asOfMs)), meta: {} };
  }

  @Get('rule-books/:version')
  @RequiresAccess(READ)
  @ApiOperation({ operationId: 'showRuleBook', summary: 'The rules of one version' })
  @ProblemAnswers(404, 422)
  async one(@Param('version') version: string, @Req() request: ApiRequest): Promise<Answer<PublishedRuleBook>> {
    refuseQuery(request);
    return { data: await this.queries.execute(new ShowRuleBook(version)), meta: {} };
  } // prettier-ignore

  @Get('customers/:ref/decisions/:eventId')
  @RequiresAccess(READ)
  @ApiOperation({
    operationId: 'explainDecision',
    summary:
      'Why a stage moved or an offer was held back: the rules of the version that decided, answered as then',
  })
  @ProblemAnswers(404, 422)
  async decision(
    @Param('ref') reference: string,
    @Param('eventId') eventId: string,
    @Req() request: ApiRequest,
  ): Promise<Answer<ExplainedDecision>> {
    refuseQuery(request);
    if (!isUuid(eventId)) throw new RapportError('NOT_FOUND', 'The customer has no such decision.');
    const data = await this.queries.execute(new ExplainDecision(request.principal!, reference, eventId));
    return { data, meta: { ruleBookVersion: data.ruleBookVersion } };
  }
}
