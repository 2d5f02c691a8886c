/** One hand-over of a portfolio. Key: `<managerId>/<handOverId>`. */
export interface PortfolioHandOversDocument {
  managerId: string;
  handOverId: string;
  toManagerId: string;
  /** yyyy-mm-dd. */
  fromDate: string;
  reasonCode: string;
  /** Business time, epoch ms. */
  startedAtMs: number;
  /** null = customers are still being assigned. */
  completedAtMs: number | null;
  customersMoved: number | null;
  customersLeft: number | null;
}

export interface PortfolioHandOverRow {
  readonly managerId: string;
  readonly handOverId: string;
  readonly toManagerId: string;
  readonly fromDate: string;
  readonly reasonCode: string;
  readonly status: 'running' | 'completed';
  /** ISO-8601 UTC. */
  readonly startedAt: string;
  readonly completedAt: string | null;
  /** Figures of the end; while it runs `account-portfolio/hand-over` tells how far it is. */
  readonly customersMoved: number | null;
  readonly customersLeft: number | null;
}
