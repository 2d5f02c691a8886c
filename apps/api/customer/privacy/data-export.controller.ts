import { Inject, type Provider, type Type } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { CustomerExports, type Runtime } from '@rapport/platform';
import type { ApiReply, ApiRequest } from '../../http/api-request.js';
import { asCommandController, declareCommandRoute } from '../../http/command-controller.js';
import { CommandController } from '../customer-command.controllers.js';
import { DATA_EXPORT } from './privacy.routes.js';

/** `POST /v1/customers/{ref}/data-exports`: records that the data is handed out, and hands it out. */
export class DataExportController extends CommandController {
  constructor(
    bus: CommandBus,
    private readonly exports: CustomerExports,
  ) {
    super(bus);
  }

  async exportCustomerData(request: ApiRequest, reply: ApiReply): Promise<object> {
    const recorded = await this.carryOut(DATA_EXPORT, request.body, request, reply);
    const { customerId } = recorded as { readonly customerId: string };
    return { ...recorded, export: await this.exports.of(customerId, request.principal!) };
  }
}

export function dataExportController(): Type {
  declareCommandRoute(DataExportController, 'exportCustomerData', `:ref/${DATA_EXPORT.path}`, DATA_EXPORT, [
    `#/components/schemas/${DATA_EXPORT.command}Body`,
  ]);
  Inject(CustomerExports)(DataExportController, undefined as unknown as string, 1);
  return asCommandController(DataExportController, 'v1/customers', 'privacy');
}

export const dataExportProvider = (runtime: Runtime): Provider => ({
  provide: CustomerExports,
  useValue: runtime.exports,
});
