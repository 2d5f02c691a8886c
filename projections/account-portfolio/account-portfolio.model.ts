import type { DataOf, Money, Stage } from '@rapport/contracts';
import type { AccountManagerAssigned, StrategicAccountDesignated } from '@rapport/contracts';
import type { CustomerGroup } from '../_parts/customer-group.js';

/** Who answers for one customer, and what groups the customer is counted in. Key: `<customerId>`. */
export interface AccountPortfolioDocument extends CustomerGroup {
  managerId: string | null;
  /** yyyy-mm-dd; null without a manager. */
  fromDate: string | null;
  basis: DataOf<typeof AccountManagerAssigned>['basis'] | null;
  /** Hand-over that brought the customer to the manager. */
  handOverId: string | null;
  /** Managers the customer had before. */
  managersBefore: number;
  stage: Stage;
  /** 1-4; null = unclassified or not looked at. */
  customerClass: number | null;
  /** 1-6; null = never assessed. */
  needLevel: number | null;
  strategic: DataOf<typeof StrategicAccountDesignated>['standing'] | null;
  /** Purchases less refunds so far, minor units by currency. */
  netMinor: Record<string, number>;
  erased: boolean;
}

/** What portfolios can be split by (S4, S7, S8, S10). */
export const DIMENSIONS = ['groupCode', 'activityType', 'regionCode', 'country', 'stage', 'customerClass', 'needLevel', 'strategic'] as const; // prettier-ignore
export type Dimension = (typeof DIMENSIONS)[number];

export interface PortfolioFigures {
  readonly customers: number;
  /** Purchases less refunds of these customers so far, one sum a currency. */
  readonly net: readonly Money[];
}

export interface ManagerPortfolio extends PortfolioFigures {
  /** null = customers without an account manager. */
  readonly managerId: string | null;
  /** By the dimension asked for; empty when none was. `null` = not known of these customers. */
  readonly groups: readonly (PortfolioFigures & { readonly value: string | number | null })[];
}

export interface PortfoliosAnswer extends PortfolioFigures {
  readonly by: Dimension | null;
  /** Most customers first. */
  readonly managers: readonly ManagerPortfolio[];
}

export interface PortfolioMember {
  readonly customerId: string;
  readonly managerId: string | null;
  readonly fromDate: string | null;
  readonly basis: string | null;
  readonly groupCode: string | null;
  readonly activityType: string | null;
  readonly regionCode: string | null;
  readonly country: string | null;
  readonly stage: Stage;
  readonly customerClass: number | null;
  readonly needLevel: number | null;
  readonly strategic: string | null;
  readonly net: readonly Money[];
  readonly erased: boolean;
}
