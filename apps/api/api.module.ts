import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { AggregateCommands, CustomerCommands, FindCustomers, MatchCandidates, MergePreviews, Merges, Models, Operations, Processes, ReadSide, Rules, type Runtime, type Logger } from '@rapport/platform'; // prettier-ignore
import { aggregateCommandControllers } from './aggregates/aggregate-command.controllers.js';
import { CarryOutOnAggregateHandler } from './aggregates/carry-out-on-aggregate.handler.js';
import { RecordBatchController } from './batch/record-batch.controller.js';
import { RecordBatchHandler } from './batch/record-batch.handler.js';
import { CarryOutCommandHandler } from './customer/carry-out-command.handler.js';
import { customerCommandControllers } from './customer/customer-command.controllers.js';
import { dataExportController, dataExportProvider } from './customer/privacy/data-export.controller.js';
import { ApiDocument, DocsController } from './docs/docs.controller.js';
import { HealthController } from './health/health.controller.js';
import { AccessGuard } from './http/access.guard.js';
import { IdentityController } from './identity/identity.controller.js';
import {
  DecideIdentityHandler,
  FindMatchCandidatesHandler,
  PreviewIdentityHandler,
} from './identity/identity.handlers.js';
import { ModelsController } from './models/models.controller.js';
import { FitModelHandler, ScoreCustomersHandler, ShowFitsHandler } from './models/models.handlers.js';
import { OperationsController } from './operations/operations.controller.js';
import { OPERATIONS_HANDLERS } from './operations/operations.handlers.js';
import { AskHandler, FindHandler } from './reads/ask.handler.js';
import { readControllers } from './reads/read.controllers.js';
import { RulesController } from './rules/rules.controller.js';
import { RULES_HANDLERS } from './rules/rules.handlers.js';
import { LOGGER, RUNTIME } from './tokens.js';

/** The API over one runtime: controllers and handlers; everything they use comes from the runtime. */
@Module({})
export class ApiModule {
  static over(runtime: Runtime, logger: Logger): DynamicModule {
    return {
      module: ApiModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        ...customerCommandControllers(),
        dataExportController(),
        ...aggregateCommandControllers(),
        RecordBatchController,
        ...readControllers(runtime.readSide.all()),
        ModelsController,
        IdentityController,
        OperationsController,
        RulesController,
        HealthController,
        DocsController,
      ],
      providers: [
        { provide: RUNTIME, useValue: runtime },
        { provide: LOGGER, useValue: logger },
        { provide: CustomerCommands, useValue: runtime.customers },
        { provide: AggregateCommands, useValue: runtime.aggregates },
        { provide: ReadSide, useValue: runtime.readSide },
        dataExportProvider(runtime),
        { provide: FindCustomers, useValue: runtime.find },
        { provide: Merges, useValue: runtime.merges },
        { provide: MatchCandidates, useValue: runtime.matchCandidates },
        { provide: MergePreviews, useValue: runtime.mergePreviews },
        { provide: Models, useValue: runtime.models },
        { provide: Operations, useValue: runtime.operations },
        { provide: Rules, useValue: runtime.rules },
        { provide: Processes, useValue: runtime.processes },
        { provide: APP_GUARD, useClass: AccessGuard },
        ApiDocument,
        CarryOutCommandHandler,
        CarryOutOnAggregateHandler,
        RecordBatchHandler,
        AskHandler,
        FindHandler,
        DecideIdentityHandler,
        PreviewIdentityHandler,
        FindMatchCandidatesHandler,
        FitModelHandler,
        ScoreCustomersHandler,
        ShowFitsHandler,
        ...OPERATIONS_HANDLERS,
        ...RULES_HANDLERS,
      ],
    };
  }
}
