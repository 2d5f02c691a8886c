import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  Rules,
  type ExplainedDecision,
  type Principal,
  type PublishedRuleBook,
  type ShownRuleBook,
} from '@rapport/platform';

/** Which rule books are there, and which decides at an instant (epoch ms; default now)? */
export class ShowRuleBooks extends Query<readonly ShownRuleBook[]> {
  constructor(readonly asOfMs?: number) {
    super();
  }
}

@QueryHandler(ShowRuleBooks)
class ShowRuleBooksHandler implements IQueryHandler<ShowRuleBooks> {
  constructor(@Inject(Rules) private readonly rules: Rules) {}

  async execute({ asOfMs }: ShowRuleBooks): Promise<readonly ShownRuleBook[]> {
    return this.rules.list(asOfMs);
  }
}

/** What are the rules of a version? */
export class ShowRuleBook extends Query<PublishedRuleBook> {
  constructor(readonly version: string) {
    super();
  }
}

@QueryHandler(ShowRuleBook)
class ShowRuleBookHandler implements IQueryHandler<ShowRuleBook> {
  constructor(@Inject(Rules) private readonly rules: Rules) {}

  async execute({ version }: ShowRuleBook): Promise<PublishedRuleBook> {
    return this.rules.book(version);
  }
}

/** Why was this decided about the customer, and under which rules? */
export class ExplainDecision extends Query<ExplainedDecision> {
  constructor(
    readonly principal: Principal,
    readonly reference: string,
    readonly eventId: string,
  ) {
    super();
  }
}

@QueryHandler(ExplainDecision)
class ExplainDecisionHandler implements IQueryHandler<ExplainDecision> {
  constructor(@Inject(Rules) private readonly rules: Rules) {}

  execute({ principal, reference, eventId }: ExplainDecision): Promise<ExplainedDecision> {
    return this.rules.decision(principal, reference, eventId);
  }
}

export const RULES_HANDLERS = [ShowRuleBooksHandler, ShowRuleBookHandler, ExplainDecisionHandler];
