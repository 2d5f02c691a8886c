import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RapportError } from '@rapport/contracts';
import { RequiresAccess } from '../http/access.decorator.js';
import type { ApiRequest } from '../http/api-request.js';
import { ProblemAnswers } from '../http/openapi.decorators.js';
import { invalid } from '../http/problem.js';
import { RECORD_ANY } from '../customer/customer.access.js';
import { RecordBatch, type BatchAnswer } from './record-batch.handler.js';

const MOST_ITEMS = 1_000;

@ApiTags('batch')
@ApiBearerAuth()
@Controller('v1/batch')
export class RecordBatchController {
  constructor(@Inject(CommandBus) private readonly bus: CommandBus) {}

  @Post()
  @HttpCode(200)
  @RequiresAccess(RECORD_ANY)
  @ApiOperation({
    operationId: 'recordBatch',
    summary: 'Carry out up to 1,000 writes; each has its own result',
    description:
      'Items that name their customer alike are carried out in the order given, others side by side. Each item needs a sourceEventId or an idempotencyKey. At most 4 MiB, 64 KiB an item.',
  })
  @ApiBody({ required: true, schema: { type: 'object', required: ['items'], properties: { items: { type: 'array', maxItems: MOST_ITEMS, items: { type: 'object', required: ['command'], properties: { command: { type: 'string' }, customer: { type: 'string' }, sourceEventId: { type: 'string' }, idempotencyKey: { type: 'string' } } } } } } }) // prettier-ignore
  @ApiResponse({ status: 200, description: 'one result an item, in their order' })
  @ProblemAnswers(400, 413, 415, 422)
  record(@Body() body: unknown, @Req() request: ApiRequest): Promise<BatchAnswer> {
    return this.bus.execute(new RecordBatch(itemsOf(body), request.principal!, request.id));
  }
}

function itemsOf(body: unknown): readonly unknown[] {
  if (body === undefined) throw new RapportError('MALFORMED_JSON', 'The body is empty.');
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('A batch is an object with items.', [{ pointer: '', code: 'IS_OBJECT', message: 'must be a JSON object' }]); // prettier-ignore
  const unknown = Object.keys(body).filter((name) => name !== 'items');
  if (unknown.length > 0)
    throw invalid('A batch has items and nothing else.', unknown.slice(0, 50).map((name) => ({ pointer: `/${name.slice(0, 100)}`, code: 'UNKNOWN_PROPERTY', message: 'is not known' }))); // prettier-ignore
  const { items } = body as { items?: unknown };
  if (!Array.isArray(items) || items.length === 0 || items.length > MOST_ITEMS)
    throw invalid(`A batch has 1 to ${MOST_ITEMS} items.`, [{ pointer: '/items', code: 'ARRAY_SIZE', message: `must be an array of 1 to ${MOST_ITEMS} items` }]); // prettier-ignore
  return items;
}
