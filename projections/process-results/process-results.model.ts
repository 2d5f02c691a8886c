/** What one process did for one customer, and what came of it. Key: `<customerId>/<process>`. */
export interface ProcessResultsDocument {
  process: ProcessName | null;
  /** Activities planned, repairs and win-backs started. */
  acted: number;
  /** Planned activities that wait: id and due time (epoch ms); the oldest go beyond the cap. */
  open: { activityId: string; dueAtMs: number }[];
  doneInTime: number;
  doneLate: number;
  cancelled: number;
  /** Repair or win-back that runs. */
  running: string | null;
  /** Repairs that recovered, win-backs that were won; and those that were not. */
  succeeded: number;
  failed: number;
}

export type ProcessName = keyof typeof PROCESS_METRICS;

/**
 * The one figure each process is judged by: of what it planned, what was done by its time; or of what it started and was
 * concluded, what succeeded.
 */
export const PROCESS_METRICS = {
  welcome: { name: 'welcomedInTime', of: 'planned' },
  'enquiry-follow-up': { name: 'followedUpInTime', of: 'planned' },
  'problem-management': { name: 'recovered', of: 'started' },
  'win-back': { name: 'wonBack', of: 'started' },
} as const;

/** What came of one process, with its metric. */
export interface ProcessResult {
  readonly process: ProcessName;
  /** Customers it acted for. */
  readonly customers: number;
  readonly acted: number;
  readonly doneInTime: number;
  readonly doneLate: number;
  readonly cancelled: number;
  /** Planned activities that wait, and customers of whom one is overdue at `asOf`. */
  readonly open: number;
  readonly customersOverdue: number;
  /** Repairs or win-backs that run. */
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly metric: {
    readonly name: string;
    /** 0 to 1; null while nothing is decided. */
    readonly value: number | null;
    /** Cases the value rests on. */
    readonly of: number;
  };
}
