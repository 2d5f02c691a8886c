import type { Refusal } from '@rapport/contracts';
import type { CustomerCommandType } from '@rapport/domain';
import type { WriteEnvelope } from '../writes/write-envelope.js';

/** What a caller asks to be recorded about one customer; checked for shape already. */
export interface CustomerWrite extends WriteEnvelope {
  readonly command: CustomerCommandType;
  /** Fields of the command. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Customer id or identifier (`email:ada@example.com`, `shop/customerNo:42`); absent for a registration. */
  readonly reference?: string;
  /** Field that names a new thing within the customer: derived from the command key when `fields` lacks it. */
  readonly ownId?: string;
}

/** Whom a write concerns that names its customer, before the rest of it is checked. */
export interface NamedCustomer extends Pick<WriteEnvelope, 'principal'> {
  readonly reference: string;
  readonly sourceSystem: string | undefined;
}

/** What became of a write. */
export type WriteOutcome =
  | {
      readonly kind: 'recorded';
      readonly customerId: string;
      readonly eventIds: readonly string[];
      /** Revision of the customer after it. */
      readonly revision: bigint;
      /** Read-your-writes token: `<partition>:<position>`. */
      readonly token: string;
      /** True when the same write had been carried out before: nothing was recorded now. */
      readonly replayed: boolean;
    }
  | {
      readonly kind: 'possible';
      readonly customerId: string;
      /** Types of the events that would be recorded. */
      readonly eventTypes: readonly string[];
    }
  | {
      readonly kind: 'refused';
      readonly customerId: string;
      readonly refusal: Refusal;
      /** Events a refusal leaves behind: OfferSuppressed, and reviews that fell due. */
      readonly eventIds: readonly string[];
      readonly token?: string;
      readonly replayed: boolean;
    };
