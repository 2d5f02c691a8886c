/** Where a command writes and what it may know about its surroundings; specs hand in one that records. */
export interface Terminal {
  /** Result: standard output, one line. */
  out(line: string): void;
  /** Remarks, progress and reasons: standard error, one line. */
  err(line: string): void;
  /** Standard error as it is, for progress bars; undefined when it is not a terminal. */
  readonly barStream: NodeJS.WritableStream | undefined;
  /** Columns of the screen; 100 when unknown. */
  readonly columns: number;
  /** True when standard output shows colours. */
  readonly colours: boolean;
}
