/** What is known of one customer. Key: `<customerId>`. Say the unit of every field. */
export interface TemplateNameDocument {
  /** Purchases so far. */
  purchases: number;
  /** Latest purchase by business time, epoch ms; null = none yet. */
  lastPurchaseMs: number | null;
}

/** What the query answers. */
export interface TemplateNameAnswer {
  readonly customerId: string;
  readonly purchases: number;
  /** Whole days from the latest purchase to the day asked for; null without a purchase. */
  readonly daysSinceLastPurchase: number | null;
}
