import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  FindCustomers,
  ReadSide,
  type FindRequest,
  type ReadAnswer,
  type ReadRequest,
} from '@rapport/platform';

/** A named question to a read model. */
export class Ask extends Query<ReadAnswer> {
  constructor(readonly request: ReadRequest) {
    super();
  }
}

@QueryHandler(Ask)
export class AskHandler implements IQueryHandler<Ask> {
  constructor(@Inject(ReadSide) private readonly readSide: ReadSide) {}

  execute({ request }: Ask): Promise<ReadAnswer> {
    return this.readSide.ask(request);
  }
}

/** Which customers have this identifier, or this name? */
export class Find extends Query<ReadAnswer> {
  constructor(
    readonly request: FindRequest,
    /** Token of a write that the answer must have seen. */
    readonly after?: string,
  ) {
    super();
  }
}

@QueryHandler(Find)
export class FindHandler implements IQueryHandler<Find> {
  constructor(
    @Inject(FindCustomers) private readonly customers: FindCustomers,
    @Inject(ReadSide) private readonly readSide: ReadSide,
  ) {}

  async execute({ request, after }: Find): Promise<ReadAnswer> {
    await this.readSide.awaitWrite({ after, projection: 'customer-360' });
    return this.customers.find(request);
  }
}
