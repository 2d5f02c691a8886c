import type { ActivityPlanned, DataOf } from '@rapport/contracts';

export type ActivityKind = DataOf<typeof ActivityPlanned>['kind'];
export type ActivityStatus = 'planned' | 'done' | 'cancelled';

/** One planned activity and what became of it. Key: `<customerId>/<activityId>`. */
export interface AgendaRow {
  status: ActivityStatus;
  kind: ActivityKind;
  /** Who is to do it. */
  ownerId: string;
  /** Epoch ms. */
  dueAtMs: number;
  plannedAtMs: number;
  /** Times it was moved or handed over. */
  rescheduled: number;
  /** What it is about: a token; null = not said. */
  subject: string | null;
  opportunityId: string | null;
  caseId: string | null;
  /** Done or cancelled, epoch ms. */
  closedAtMs: number | null;
  /** How it ended, or why it was cancelled. */
  outcome: string | null;
  /** Touch point it brought. */
  touchEventId: string | null;
}

/** An activity as it is answered. */
export interface AgendaEntry {
  readonly customerId: string;
  readonly activityId: string;
  readonly status: ActivityStatus;
  readonly kind: ActivityKind;
  readonly ownerId: string;
  /** ISO-8601 UTC. */
  readonly dueAt: string;
  /** Planned, and its time has passed. */
  readonly overdue: boolean;
  /** Hours from its time to now, one decimal; 0 unless overdue. */
  readonly overdueHours: number;
  readonly rescheduled: number;
  /** Personal. */
  readonly subject: string | null;
  readonly opportunityId: string | null;
  readonly caseId: string | null;
  readonly closedAt: string | null;
  readonly outcome: string | null;
  readonly touchEventId: string | null;
}

/** What one person has to do and has done. */
export interface OwnerLoad {
  readonly ownerId: string;
  /** Planned and not yet due today. */
  readonly later: number;
  /** Planned, due before the end of the day and not overdue. */
  readonly dueToday: number;
  readonly overdue: number;
  readonly done: number;
  /** Done by the time they were due. */
  readonly doneInTime: number;
  /** 0 to 1; null when nothing was done. */
  readonly doneInTimeShare: number | null;
  readonly cancelled: number;
}
