/**
 * The peer of the HTTP bench: an ordinary Nest route on Fastify that validates the same DTO with Nest's ValidationPipe and
 * answers. Prints its port.
 */
import 'reflect-metadata';
import { Body, Controller, Module, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { PurchaseRecorded } from '@rapport/contracts';
import { bodyDto, fieldsOf } from '../../apps/api/http/command-route.js';

const Purchase = bodyDto({
  path: 'purchases',
  command: 'RecordPurchase',
  fields: fieldsOf(PurchaseRecorded),
  ownId: 'orderId',
  access: { roles: ['service'], scope: 'customers:write' },
  summary: '',
});

@Controller('v1/customers')
class BareController {
  @Post(':ref/purchases')
  record(
    @Body(new ValidationPipe({ expectedType: Purchase, whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true })) // prettier-ignore
    body: {
      readonly orderId?: string;
    },
  ): object {
    return { orderId: body.orderId ?? null, recorded: true };
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

const app = await NestFactory.create<NestFastifyApplication>(BareModule, new FastifyAdapter(), {
  logger: false,
});
await app.listen(0, '127.0.0.1');
process.stdout.write(`${await app.getUrl()}\n`);
