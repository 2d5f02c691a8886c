import { Inject } from '@nestjs/common';
import {
  Command,
  CommandHandler,
  Query,
  QueryHandler,
  type ICommandHandler,
  type IQueryHandler,
} from '@nestjs/cqrs';
import { Models, type FitOrder, type FitsAsked, type ScoringRun, type ShownRun } from '@rapport/platform';

export class FitModel extends Command<{ readonly run: ShownRun; readonly replayed: boolean }> {
  constructor(readonly order: FitOrder) {
    super();
  }
}

@CommandHandler(FitModel)
export class FitModelHandler implements ICommandHandler<FitModel> {
  constructor(@Inject(Models) private readonly models: Models) {}

  execute({ order }: FitModel): Promise<{ readonly run: ShownRun; readonly replayed: boolean }> {
    return this.models.fit(order);
  }
}

export class ScoreCustomers extends Command<ScoringRun> {
  constructor(readonly asOf: string | undefined) {
    super();
  }
}

@CommandHandler(ScoreCustomers)
export class ScoreCustomersHandler implements ICommandHandler<ScoreCustomers> {
  constructor(@Inject(Models) private readonly models: Models) {}

  execute({ asOf }: ScoreCustomers): Promise<ScoringRun> {
    return this.models.score(asOf);
  }
}

/** The fits of one model, newest first; of all models the latest one each. */
export class ShowFits extends Query<readonly ShownRun[]> {
  constructor(
    readonly asked: FitsAsked,
    readonly model?: string,
  ) {
    super();
  }
}

@QueryHandler(ShowFits)
export class ShowFitsHandler implements IQueryHandler<ShowFits> {
  constructor(@Inject(Models) private readonly models: Models) {}

  async execute({ asked, model }: ShowFits): Promise<readonly ShownRun[]> {
    return model === undefined ? this.models.latest(asked) : this.models.fitsOf(model, asked);
  }
}
