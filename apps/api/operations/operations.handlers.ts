import { Inject } from '@nestjs/common';
import {
  Command,
  CommandHandler,
  Query,
  QueryHandler,
  type ICommandHandler,
  type IQueryHandler,
} from '@nestjs/cqrs';
import { Operations, type ShownProjection, type ShownRebuild } from '@rapport/platform';

export class ShowProjections extends Query<readonly ShownProjection[]> {
  constructor(readonly name?: string) {
    super();
  }
}

@QueryHandler(ShowProjections)
export class ShowProjectionsHandler implements IQueryHandler<ShowProjections> {
  constructor(@Inject(Operations) private readonly operations: Operations) {}

  async execute({ name }: ShowProjections): Promise<readonly ShownProjection[]> {
    return name === undefined
      ? this.operations.projectionsStatus()
      : [await this.operations.projectionStatus(name)];
  }
}

export class StartRebuild extends Command<ShownRebuild> {
  constructor(
    readonly name: string,
    readonly subject: string,
  ) {
    super();
  }
}

@CommandHandler(StartRebuild)
export class StartRebuildHandler implements ICommandHandler<StartRebuild> {
  constructor(@Inject(Operations) private readonly operations: Operations) {}

  execute({ name, subject }: StartRebuild): Promise<ShownRebuild> {
    return this.operations.startRebuild(name, subject);
  }
}

export class CancelRebuild extends Command<ShownRebuild> {
  constructor(readonly name: string) {
    super();
  }
}

@CommandHandler(CancelRebuild)
export class CancelRebuildHandler implements ICommandHandler<CancelRebuild> {
  constructor(@Inject(Operations) private readonly operations: Operations) {}

  execute({ name }: CancelRebuild): Promise<ShownRebuild> {
    return this.operations.cancelRebuild(name);
  }
}

export class RollBack extends Command<ShownProjection> {
  constructor(
    readonly name: string,
    readonly subject: string,
  ) {
    super();
  }
}

@CommandHandler(RollBack)
export class RollBackHandler implements ICommandHandler<RollBack> {
  constructor(@Inject(Operations) private readonly operations: Operations) {}

  execute({ name, subject }: RollBack): Promise<ShownProjection> {
    return this.operations.rollBack(name, subject);
  }
}

export class DropPrevious extends Command<ShownProjection> {
  constructor(
    readonly name: string,
    readonly subject: string,
  ) {
    super();
  }
}

@CommandHandler(DropPrevious)
export class DropPreviousHandler implements ICommandHandler<DropPrevious> {
  constructor(@Inject(Operations) private readonly operations: Operations) {}

  execute({ name, subject }: DropPrevious): Promise<ShownProjection> {
    return this.operations.dropPrevious(name, subject);
  }
}

export class RetryParked extends Command<readonly object[]> {
  constructor(
    readonly projection: string,
    readonly owner: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(RetryParked)
export class RetryParkedHandler implements ICommandHandler<RetryParked> {
  constructor(@Inject(Operations) private readonly operations: Operations) {}

  execute({ projection, owner }: RetryParked): Promise<readonly object[]> {
    return this.operations.retryParked(projection, owner);
  }
}

export const OPERATIONS_HANDLERS = [
  ShowProjectionsHandler,
  StartRebuildHandler,
  CancelRebuildHandler,
  RollBackHandler,
  DropPreviousHandler,
  RetryParkedHandler,
];
