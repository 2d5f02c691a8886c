import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { RapportError } from '@rapport/contracts';
import {
  FindCustomers,
  ReadSide,
  type FindRequest,
  type ReadAnswer,
  type ReadRequest,
} from '@rapport/platform';
import type { ReadRoute } from './read.routes.js';

const NOTHING_TO_SHOW: ReadonlySet<string> = new Set([
  'CUSTOMER_NOT_FOUND',
  'UNAVAILABLE',
  'UNKNOWN_PROJECTION',
]);

/** A named question to a read model. */
export class Ask extends Query<ReadAnswer> {
  constructor(
    readonly request: ReadRequest,
    /** Answers of other read models about the same customer, by the name they are shown under. */
    readonly beside: ReadRoute['beside'] = {},
  ) {
    super();
  }
}

@QueryHandler(Ask)
export class AskHandler implements IQueryHandler<Ask> {
  constructor(@Inject(ReadSide) private readonly readSide: ReadSide) {}

  async execute({ request, beside }: Ask): Promise<ReadAnswer> {
    const [answer, ...others] = await Promise.all([
      this.readSide.ask(request),
      ...Object.entries(beside ?? {}).map(async ([name, other]) => [name, await this.orNull({ ...request, ...other })] as const),
    ]); // prettier-ignore
    return others.length === 0
      ? answer
      : { ...answer, data: { ...(answer.data as object), ...Object.fromEntries(others) } };
  }

  /** What the other read model says; null while it says nothing: a customer is shown without it rather than not at all. */
  private async orNull(request: ReadRequest): Promise<unknown> {
    try {
      return (await this.readSide.ask(request)).data;
    } catch (error) {
      if (error instanceof RapportError && NOTHING_TO_SHOW.has(error.code)) return null;
      throw error;
    }
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
