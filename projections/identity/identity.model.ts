import type { CustomersMerged, DataOf, MatchProposed } from '@rapport/contracts';

export type MergeStatus = 'merging' | 'merged' | 'abandoned' | 'unmerging' | 'unmerged';

export interface MergeOnFile {
  mergeId: string;
  survivorId: string;
  mergedIds: string[];
  matchRule: DataOf<typeof CustomersMerged>['matchRule'];
  status: MergeStatus;
  /** Business time of the decision, epoch ms. */
  decidedAtMs: number;
  /** When it was taken back or given up, epoch ms; null = it stands. */
  endedAtMs: number | null;
  /** Why it was taken back or given up. */
  endReasonCode: string | null;
}

export interface MatchOnFile {
  customerIds: string[];
  rules: DataOf<typeof MatchProposed>['rules'];
  scorePct: number;
  status: 'proposed' | 'rejected' | 'accepted';
  /** Epoch ms of the latest word. */
  atMs: number;
  reasonCode: string | null;
}

/** The merges of one survivor, or what was found of two customers. Key: the id of the stream `identity-<id>`. */
export interface IdentityDocument {
  /** Oldest first, the latest 100. */
  merges: MergeOnFile[];
  match: MatchOnFile | null;
}

export interface MergeRow extends Omit<MergeOnFile, 'decidedAtMs' | 'endedAtMs'> {
  readonly decidedAt: string;
  readonly endedAt: string | null;
}

export interface MatchRow extends Omit<MatchOnFile, 'atMs'> {
  readonly matchId: string;
  readonly at: string;
}
