import type {
  DataOf,
  ErasureRequestClosed,
  ErasureRequested,
  ProcessingRestricted,
} from '@rapport/contracts';

export interface OpenRequest {
  requestId: string;
  basis: DataOf<typeof ErasureRequested>['basis'];
  /** Epoch ms. */
  requestedAtMs: number;
  dueAtMs: number;
}

/** What one person asked for about their data. Key: `<customerId>`. */
export interface PrivacyDocument {
  /** Requests to be forgotten that are not answered yet, earliest due first; at most 10. */
  open: OpenRequest[];
  /** In force, one per scope. */
  restrictions: {
    scope: DataOf<typeof ProcessingRestricted>['scope'];
    basis: DataOf<typeof ProcessingRestricted>['basis'];
    sinceMs: number;
  }[];
  requests: number;
  /** Answered requests by how: by erasure, taken back, declined. */
  answered: Record<'erased' | DataOf<typeof ErasureRequestClosed>['outcome'], number>;
  /** Of the answered ones: after they were due. */
  answeredLate: number;
  exports: number;
  /** Epoch ms; null = none. */
  lastExportAtMs: number | null;
  erased: boolean;
}

export interface PrivacyAnswer {
  readonly customerId: string;
  readonly open: readonly {
    readonly requestId: string;
    readonly basis: string;
    /** ISO-8601 UTC. */
    readonly requestedAt: string;
    readonly dueAt: string;
    readonly overdue: boolean;
  }[];
  readonly restrictions: readonly {
    readonly scope: string;
    readonly basis: string;
    readonly since: string;
  }[];
  readonly exports: number;
  readonly lastExportAt: string | null;
  readonly erased: boolean;
}

export interface PrivacyFigures {
  /** People with an open request to be forgotten, and of these with one overdue at the day asked for. */
  readonly waiting: number;
  readonly overdue: number;
  readonly restricted: number;
  readonly requests: number;
  readonly erased: number;
  readonly withdrawn: number;
  readonly declined: number;
  readonly answeredLate: number;
  readonly exports: number;
}
