import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  AggregateCommands, ReadSide, type AggregateOutcome, type AggregateWrite, type ReadAnswer, type ReadRequest,
} from '@rapport/platform'; // prettier-ignore

/** What became of a write; a dry run may show what it would touch. */
export type PreviewedOutcome = AggregateOutcome & { readonly preview?: ReadAnswer };

/** Any write on a product, a campaign …: the decider of its category tells them apart. */
export class CarryOutOnAggregate extends Command<PreviewedOutcome> {
  constructor(
    readonly write: AggregateWrite,
    /** What a dry run shows beside its answer. */
    readonly preview?: ReadRequest,
  ) {
    super();
  }
}

@CommandHandler(CarryOutOnAggregate)
export class CarryOutOnAggregateHandler implements ICommandHandler<CarryOutOnAggregate> {
  constructor(
    @Inject(AggregateCommands) private readonly commands: AggregateCommands,
    @Inject(ReadSide) private readonly readSide: ReadSide,
  ) {}

  async execute({ write, preview }: CarryOutOnAggregate): Promise<PreviewedOutcome> {
    const outcome = await this.commands.carryOut(write);
    if (outcome.kind !== 'possible' || preview === undefined) return outcome;
    return { ...outcome, preview: await this.readSide.ask(preview) };
  }
}
