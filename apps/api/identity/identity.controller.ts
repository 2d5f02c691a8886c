import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Type, type Static, type TObject } from '@sinclair/typebox';
import { CustomersMerged, MatchProposed, RapportError, schema } from '@rapport/contracts';
import type { Access, IdentityOutcome, Merges, WriteEnvelope } from '@rapport/platform';
import { READ } from '../customer/customer.access.js';
import { RequiresAccess } from '../http/access.decorator.js';
import type { ApiReply, ApiRequest } from '../http/api-request.js';
import { checkedBody, refuseQuery } from '../http/checked-body.js';
import { CUSTOMER_REFERENCE } from '../http/command-route.js';
import { dtoFrom, type DtoClass } from '../http/dto-from-schema.js';
import { DryRunAnswer, ProblemAnswers, WriteContract } from '../http/openapi.decorators.js';
import { invalid, refusalError } from '../http/problem.js';
import { idempotencyKeyOf } from '../http/read-write-key.js';
import { readRequestOf, type ReadShape } from '../reads/read-parameters.js';
import { DecideIdentity, FindMatchCandidates, PreviewIdentity, type Preview } from './identity.handlers.js';

/** Saying who is who: stewards, and systems that know it. */
const DECIDE: Access = { roles: ['service', 'steward'], scope: 'customers:write' };

/** Looking for duplicates tells who shares what: not for everybody. */
const LOOK: Access = { roles: ['service', 'steward'], scope: 'customers:read' };

const { code, object } = schema;
const { properties: merged } = CustomersMerged.schema;
const { properties: proposed } = MatchProposed.schema;
const dryRun = Type.Optional(Type.Boolean({ description: 'true: decide and answer, record nothing' }));
const two = Type.Array(CUSTOMER_REFERENCE, { minItems: 2, maxItems: 2, description: 'the two customers' });

const MergeShape = object({
  dryRun,
  survivor: CUSTOMER_REFERENCE,
  members: Type.Array(CUSTOMER_REFERENCE, { minItems: 1, maxItems: 20, description: 'customers the survivor takes in' }),
  matchRule: Type.Optional(merged.matchRule),
  fieldChoices: Type.Optional(
    Type.Array(
      object({ field: merged.fieldChoices.items.properties.field, from: CUSTOMER_REFERENCE }),
      { maxItems: 20, description: 'whose value of a field counts; a field not named: the latest' },
    ),
  ),
  reasonCode: Type.Optional(code('why')),
}); // prettier-ignore
const UnmergeShape = object({
  dryRun,
  survivor: CUSTOMER_REFERENCE,
  mergeId: Type.Optional(code('the merge meant; default the latest')),
  reasonCode: code('why'),
});
const ProposalShape = object({ customers: two, rules: proposed.rules, scorePct: proposed.scorePct });
const RejectionShape = object({ customers: two, reasonCode: code('why they are two') });

export class MergeCustomersBody extends dtoFrom(MergeShape) {}
export class UnmergeCustomersBody extends dtoFrom(UnmergeShape) {}
export class ProposeMatchBody extends dtoFrom(ProposalShape) {}
export class RejectMatchBody extends dtoFrom(RejectionShape) {}

const CANDIDATES: ReadShape = { projection: 'identity', query: 'candidates', params: object({}), paged: true }; // prettier-ignore
/** Where each command about who is who is sent. */
export const IDENTITY_PATHS = {
  MergeCustomers: '/v1/identity/merges',
  UnmergeCustomers: '/v1/identity/unmerges',
  ProposeMatch: '/v1/identity/match-proposals',
  RejectMatch: '/v1/identity/match-rejections',
} as const;

const bodyOf = (name: string) => ApiBody({ schema: { $ref: `#/components/schemas/${name}` } });

@ApiTags('identity')
@ApiBearerAuth()
@Controller('v1')
export class IdentityController {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
  ) {}

  @Post('identity/merges')
  @HttpCode(201)
  @RequiresAccess(DECIDE)
  @WriteContract()
  @DryRunAnswer()
  @bodyOf('MergeCustomersBody')
  @ApiOperation({ operationId: 'mergeCustomers', summary: 'Merge customers that are one; the survivor goes on for all of them' })
  merge(@Body() body: unknown, @Req() request: ApiRequest, @Res({ passthrough: true }) reply: ApiReply) {
    return this.decide(MergeCustomersBody, MergeShape, body, request, reply, (merges, asked, envelope) =>
      merges.merge({ ...envelope, ...asked, matchRule: asked.matchRule ?? 'manual' }));
  }

  @Post('identity/unmerges')
  @HttpCode(201)
  @RequiresAccess(DECIDE)
  @WriteContract()
  @DryRunAnswer()
  @bodyOf('UnmergeCustomersBody')
  @ApiOperation({ operationId: 'unmergeCustomers', summary: 'Take the latest merge of a survivor back' })
  unmerge(@Body() body: unknown, @Req() request: ApiRequest, @Res({ passthrough: true }) reply: ApiReply) {
    return this.decide(UnmergeCustomersBody, UnmergeShape, body, request, reply, (merges, asked, envelope) =>
      merges.unmerge({ ...envelope, ...asked }));
  }

  @Post('identity/match-proposals')
  @HttpCode(201)
  @RequiresAccess(DECIDE)
  @WriteContract()
  @bodyOf('ProposeMatchBody')
  @ApiOperation({ operationId: 'proposeMatch', summary: 'Put two customers that may be one into the queue' })
  propose(@Body() body: unknown, @Req() request: ApiRequest, @Res({ passthrough: true }) reply: ApiReply) {
    return this.decide(ProposeMatchBody, ProposalShape, body, request, reply, (merges, { customers, ...asked }, envelope) =>
      merges.propose({ ...envelope, ...asked, customers: customers as [string, string] }));
  }

  @Post('identity/match-rejections')
  @HttpCode(201)
  @RequiresAccess(DECIDE)
  @WriteContract()
  @bodyOf('RejectMatchBody')
  @ApiOperation({ operationId: 'rejectMatch', summary: 'Say that two customers are two' })
  reject(@Body() body: unknown, @Req() request: ApiRequest, @Res({ passthrough: true }) reply: ApiReply) {
    return this.decide(RejectMatchBody, RejectionShape, body, request, reply, (merges, { customers, ...asked }, envelope) =>
      merges.reject({ ...envelope, ...asked, customers: customers as [string, string] }));
  }

  @Get('identity/candidates')
  @RequiresAccess(LOOK)
  @ApiQuery({ name: 'limit', required: false, description: 'things in common looked at, 1-200; default 50', schema: { type: 'integer', minimum: 1, maximum: 200 } })
  @ApiQuery({ name: 'cursor', required: false, description: 'next of the page before', schema: { type: 'string' } })
  @ApiOperation({ operationId: 'findMatchCandidates', summary: 'Customers that may be one, why and how strongly, the strongest first; nobody has decided on them' })
  @ProblemAnswers(422, 503)
  async candidates(@Req() request: ApiRequest): Promise<Preview> {
    const { limit, cursor, principal } = readRequestOf(request, CANDIDATES);
    const { rows, leftOut, next } = await this.queries.execute(new FindMatchCandidates({ limit: limit ?? 50, ...(cursor === undefined ? {} : { cursor }), principal }));
    return { data: { rows, leftOut }, meta: next === undefined ? {} : { next } };
  }

  @Get('customers/:ref/merge-preview')
  @RequiresAccess(READ)
  @ApiQuery({ name: 'members', required: true, description: 'customers that would be taken in, by id or identifier, separated by commas', schema: { type: 'string' } })
  @ApiOperation({ operationId: 'previewMerge', summary: 'What merging other customers into this one would do' })
  @ProblemAnswers(404, 422, 503)
  previewMerge(@Param('ref') survivor: string, @Req() request: ApiRequest): Promise<Preview> {
    const { members, ...others } = request.query as Record<string, unknown>;
    refuseQuery({ ...request, query: others } as ApiRequest);
    const named = typeof members === 'string' ? members.split(',').filter((one) => one !== '') : [];
    if (named.length === 0 || named.length > 20)
      throw invalid('Say who would be taken in.', [{ pointer: 'query/members', code: 'IS_REFERENCE', message: 'must name 1 to 20 customers, separated by commas' }]);
    return this.queries.execute(new PreviewIdentity({ survivor, ...envelopeOf(request) }, named));
  }

  @Get('customers/:ref/unmerge-preview')
  @RequiresAccess(READ)
  @ApiOperation({ operationId: 'previewUnmerge', summary: 'What taking the latest merge back would do, and what would stay' })
  @ProblemAnswers(404, 422, 503)
  previewUnmerge(@Param('ref') survivor: string, @Req() request: ApiRequest): Promise<Preview> {
    refuseQuery(request);
    return this.queries.execute(new PreviewIdentity({ survivor, ...envelopeOf(request) }));
  }

  private async decide<Shape extends TObject>(
    dto: DtoClass,
    _shape: Shape,
    body: unknown,
    request: ApiRequest,
    reply: ApiReply,
    ask: (merges: Merges, asked: Static<Shape>, envelope: WriteEnvelope) => Promise<IdentityOutcome>,
  ): Promise<object> {
    const asked = checkedBody(dto, body) as Static<Shape>;
    const idempotencyKey = idempotencyKeyOf(request);
    if (idempotencyKey === undefined)
      throw new RapportError('MISSING_IDEMPOTENCY_KEY', 'No Idempotency-Key was sent.');
    const envelope = { ...envelopeOf(request), idempotencyKey };
    return answer(await this.commands.execute(new DecideIdentity((merges) => ask(merges, asked, envelope))), reply);
  }
} // prettier-ignore

const envelopeOf = (request: ApiRequest) => ({
  principal: request.principal!,
  correlationId: request.id,
  idempotencyKey: 'preview',
});

function answer(outcome: IdentityOutcome, reply: ApiReply): object {
  switch (outcome.kind) {
    case 'recorded': {
      const { customerId, mergeId, memberIds, eventIds, tokens, replayed } = outcome;
      reply.header('rapport-token', tokens[0]!);
      return { customerId, ...(mergeId === undefined ? {} : { mergeId }), memberIds, eventIds, tokens, replayed };
    }
    case 'possible':
      reply.code(200);
      return { customerId: outcome.customerId, memberIds: outcome.memberIds, dryRun: true };
    case 'refused':
      throw refusalError(outcome.refusal, { customerId: outcome.customerId });
  }
} // prettier-ignore
