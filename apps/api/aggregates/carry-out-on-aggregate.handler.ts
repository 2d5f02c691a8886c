import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { AggregateCommands, type AggregateOutcome, type AggregateWrite } from '@rapport/platform';

/** Any write on a product, a campaign …: the decider of its category tells them apart. */
export class CarryOutOnAggregate extends Command<AggregateOutcome> {
  constructor(readonly write: AggregateWrite) {
    super();
  }
}

@CommandHandler(CarryOutOnAggregate)
export class CarryOutOnAggregateHandler implements ICommandHandler<CarryOutOnAggregate> {
  constructor(@Inject(AggregateCommands) private readonly commands: AggregateCommands) {}

  execute({ write }: CarryOutOnAggregate): Promise<AggregateOutcome> {
    return this.commands.carryOut(write);
  }
}
