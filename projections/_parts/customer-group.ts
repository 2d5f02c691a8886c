import type { DataOf, CustomerGrouped, CustomerRegistered } from '@rapport/contracts';

/** What customers are grouped by (S4); null = not known. */
export interface CustomerGroup {
  groupCode: string | null;
  activityType: string | null;
  regionCode: string | null;
  /** ISO 3166. */
  country: string | null;
}

export const noGroup = (): CustomerGroup => ({
  groupCode: null,
  activityType: null,
  regionCode: null,
  country: null,
});

/** What the registration says: nothing is known of a region yet. */
export function groupAsRegistered(document: CustomerGroup, data: DataOf<typeof CustomerRegistered>): void {
  document.groupCode = data.groupCode ?? null;
  document.activityType = data.activityType ?? null;
  document.country = data.country ?? null;
}

/** A grouping that leaves out activity or region leaves them as they are. */
export function groupAnew(document: CustomerGroup, data: DataOf<typeof CustomerGrouped>): void {
  document.groupCode = data.groupCode;
  document.activityType = data.activityType ?? document.activityType;
  document.regionCode = data.regionCode ?? document.regionCode;
}

/** The groups of merged customers: what is known of the first that knows it. */
export const joinedGroup = (...documents: readonly Readonly<CustomerGroup>[]): CustomerGroup =>
  documents.reduce<CustomerGroup>(
    (a, b) => ({
      groupCode: a.groupCode ?? b.groupCode,
      activityType: a.activityType ?? b.activityType,
      regionCode: a.regionCode ?? b.regionCode,
      country: a.country ?? b.country,
    }),
    noGroup(),
  );
