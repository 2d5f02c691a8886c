import { Inject } from '@nestjs/common';
import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs'; // prettier-ignore
import {
  MatchCandidates,
  MergePreviews,
  Merges,
  type LeftOut,
  type MatchCandidate,
  type Principal,
  type IdentityOutcome,
  type WriteEnvelope,
} from '@rapport/platform';

type Ask = (merges: Merges) => Promise<IdentityOutcome>;

/** Merges, unmerges and matches: what is asked for is said by the controller's body. */
export class DecideIdentity extends Command<IdentityOutcome> {
  constructor(readonly ask: Ask) {
    super();
  }
}

@CommandHandler(DecideIdentity)
export class DecideIdentityHandler implements ICommandHandler<DecideIdentity> {
  constructor(@Inject(Merges) private readonly merges: Merges) {}

  execute({ ask }: DecideIdentity): Promise<IdentityOutcome> {
    return ask(this.merges);
  }
}

export interface Preview {
  readonly data: unknown;
  readonly meta: object;
}

/** With members: what merging them would do; without: what taking the latest merge back would do. */
export class PreviewIdentity extends Query<Preview> {
  constructor(
    readonly asked: WriteEnvelope & { readonly survivor: string },
    readonly members?: readonly string[],
  ) {
    super();
  }
}

@QueryHandler(PreviewIdentity)
export class PreviewIdentityHandler implements IQueryHandler<PreviewIdentity> {
  constructor(@Inject(MergePreviews) private readonly previews: MergePreviews) {}

  execute({ asked, members }: PreviewIdentity): Promise<Preview> {
    return members ? this.previews.ofMerge({ ...asked, members }) : this.previews.ofUnmerge(asked);
  }
}

export interface CandidatesPage {
  readonly rows: readonly MatchCandidate[];
  readonly leftOut: LeftOut;
  readonly next?: string;
}

/** Customers that may be one and were not decided on. */
export class FindMatchCandidates extends Query<CandidatesPage> {
  constructor(readonly asked: { readonly limit: number; readonly cursor?: string; readonly principal: Principal }) {
    super();
  }
} // prettier-ignore

@QueryHandler(FindMatchCandidates)
export class FindMatchCandidatesHandler implements IQueryHandler<FindMatchCandidates> {
  constructor(@Inject(MatchCandidates) private readonly candidates: MatchCandidates) {}

  execute({ asked }: FindMatchCandidates): Promise<CandidatesPage> {
    return this.candidates.find(asked);
  }
}
