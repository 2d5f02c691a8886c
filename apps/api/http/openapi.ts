import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { ERROR_CATALOGUE } from '@rapport/contracts';
import type { TObject } from '@sinclair/typebox';
import { AGGREGATE_BODY_CLASSES } from '../aggregates/aggregate-command.controllers.js';
import { BODY_CLASSES } from '../customer/customer-command.controllers.js';
import { CONSENT_DECISIONS } from '../customer/consent/consent.routes.js';
import { MergeCustomersBody, ProposeMatchBody, RejectMatchBody, UnmergeCustomersBody } from '../identity/identity.controller.js'; // prettier-ignore
import { FitBody, ScoringBody } from '../models/models.controller.js';
import { RetryBody } from '../operations/operations.controller.js';
import { schemaOf } from './dto-from-schema.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** The API as OpenAPI 3.1; bodies are the JSON Schemas that they are checked by. */
export function describeApi(app: NestFastifyApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Rapport')
    .setDescription(
      'An event-sourced CRM backend: every customer touch point is an immutable event. A write needs an Idempotency-Key or a sourceEventId; a read takes asOf and knownAt.',
    )
    .setVersion(version)
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .build();
  const document = SwaggerModule.createDocument(app, config);
  const schemas: Record<string, unknown> = { ...ANSWERS };
  for (const [name, dto] of [...BODY_CLASSES, ...AGGREGATE_BODY_CLASSES]) schemas[name] = plain(schemaOf(dto));
  for (const [name, dto] of Object.entries({ FitBody, ScoringBody, RetryBody, MergeCustomersBody, UnmergeCustomersBody, ProposeMatchBody, RejectMatchBody })) schemas[name] = plain(schemaOf(dto));
  for (const [decision, route] of Object.entries(CONSENT_DECISIONS))
    schemas[`${route.command}Body`] = withDecision(schemas[`${route.command}Body`] as TObject, decision);
  document.components = { ...document.components, schemas: { ...document.components?.schemas, ...(schemas as Schemas) } };
  return document;
} // prettier-ignore

/** TypeBox adds symbols and our own hints; a document has neither. */
const plain = (schema: TObject): unknown =>
  JSON.parse(
    JSON.stringify(schema, function (this: Record<string, unknown>, key: string, value: unknown) {
      if (key === 'x-kind') return undefined;
      if (typeof value === 'object' && value !== null && 'x-kind' in value) {
        const kind = value['x-kind'];
        if (kind === 'instant') return { ...value, format: 'date-time' };
        if (kind === 'date') return { ...value, format: 'date' };
      }
      return value;
    }),
  );

const withDecision = (schema: TObject, decision: string): unknown => ({
  ...schema,
  properties: { decision: { const: decision }, ...schema.properties },
  required: ['decision', ...(schema.required ?? [])],
});

const string = { type: 'string' };
const ANSWERS = {
  Problem: {
    type: 'object',
    description: 'An answer that is not the wanted one (RFC 9457).',
    required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
    properties: {
      type: { ...string, description: '/problems/<code>' },
      title: string,
      status: { type: 'integer' },
      detail: string,
      instance: { ...string, description: 'id of the request' },
      code: { ...string, enum: Object.keys(ERROR_CATALOGUE) },
      remedy: { ...string, description: 'what the caller can do' },
      errors: {
        type: 'array',
        items: { type: 'object', properties: { pointer: string, code: string, message: string } },
      },
      wayOut: {
        type: 'array',
        description: 'facts that would make the same command succeed',
        items: { type: 'object', properties: { rule: string, sentence: string, fact: { type: 'object' }, earliestAt: string } }, // prettier-ignore
      },
      earliestAt: string,
      ruleBookVersion: string,
    },
  },
  Recorded: {
    type: 'object',
    required: ['eventIds', 'revision', 'token', 'replayed'],
    properties: {
      customerId: {
        ...string,
        format: 'uuid',
        description: 'or the id of the product, campaign … that was written',
      },
      eventIds: { type: 'array', items: { ...string, format: 'uuid' } },
      revision: { ...string, description: 'revision of the stream, also as ETag' },
      token: { ...string, description: 'hand it to a read as `after` to see this write' },
      replayed: { type: 'boolean', description: 'the same write had been carried out before' },
    },
  },
  Possible: {
    type: 'object',
    properties: {
      customerId: { ...string, format: 'uuid' },
      dryRun: { const: true },
      eventTypes: { type: 'array', items: string },
      preview: {
        ...{ type: 'object' },
        description: 'first page of what would be touched, where the route shows it',
      },
    },
  },
  Read: {
    type: 'object',
    required: ['data', 'meta'],
    properties: {
      data: {},
      meta: {
        type: 'object',
        properties: {
          projection: string,
          version: { type: 'integer' },
          generation: { type: 'integer' },
          position: { ...string, description: 'log position the answer is complete to' },
          asOf: { ...string, format: 'date-time' },
          knownAt: string,
          next: { ...string, description: 'cursor of the next page' },
        },
      },
    },
  },
};
