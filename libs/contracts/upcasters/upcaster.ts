/**
 * Turns data of one released schema version into the next. Pure and total; consumers only ever see the latest.
 * One file per step: `customer-registered.v1-to-v2.upcaster.ts`, with the stored v1 JSON in `test/fixtures/events`.
 */
export interface Upcaster {
  readonly from: number;
  readonly upcast: (data: Readonly<Record<string, unknown>>) => Record<string, unknown>;
}
