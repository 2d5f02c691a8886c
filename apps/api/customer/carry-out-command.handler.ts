import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CustomerCommands, type CustomerWrite, type WriteOutcome } from '@rapport/platform';

/** Any write on one customer: the decider tells them apart. */
export class CarryOutCommand extends Command<WriteOutcome> {
  constructor(readonly write: CustomerWrite) {
    super();
  }
}

@CommandHandler(CarryOutCommand)
export class CarryOutCommandHandler implements ICommandHandler<CarryOutCommand> {
  constructor(@Inject(CustomerCommands) private readonly commands: CustomerCommands) {}

  execute({ write }: CarryOutCommand): Promise<WriteOutcome> {
    return this.commands.carryOut(write);
  }
}
