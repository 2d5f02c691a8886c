import type { Customer360 } from '@rapport/projections';
import type { Principal } from '../access/principal.js';
import { askActive } from '../read-side/projection-readers.js';
import type { ReadAnswer } from '../read-side/read-request.js';
import { canonicalJson } from './request-hash.js';
import type { ReadSide } from '../read-side/read-side.js';
import type { ReadModelStore } from '@rapport/read-model';
import type { Clock } from '@rapport/runtime';
import { isoOf } from '@rapport/contracts';
import type { SignedCursors } from '../signed-cursor.js';
import { parseReference, type CustomerReferences } from './customer-references.js';

export interface FindRequest {
  /** An exact identifier: `email:ada@example.com`, `shop/customerNo:42`. */
  readonly identifier?: string;
  /** Words of the name, or how they begin. */
  readonly name?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly principal: Principal;
}

export interface FindCustomersParts {
  readonly references: CustomerReferences;
  readonly readModels: ReadModelStore;
  readonly readSide: ReadSide;
  readonly cursors: SignedCursors;
  readonly clock: Clock;
  /** Does the log know the customer? */
  readonly isKnown: (customerId: string) => Promise<boolean>;
  /** Who goes on for a merged customer; undefined for one that was not merged. */
  readonly survivorOf: (customerId: string) => Promise<string | undefined>;
}

/** Finds customers by exact identifier or by words of their name, through keyed hashes; erased ones are not found. */
export class FindCustomers {
  constructor(private readonly parts: FindCustomersParts) {}

  /** Throws INVALID_VALUE, BAD_CURSOR, UNAVAILABLE. */
  async find(request: FindRequest): Promise<ReadAnswer> {
    const { readModels, readSide, clock } = this.parts;
    const { ids, next } = await this.idsOf(request);
    const found = await askActive(readModels, 'customer-360', (reader) =>
      Promise.all(
        ids.map(async (found) => {
          const own = (await reader.get(found))?.document as Customer360 | undefined;
          // Who was merged is found as the survivor.
          const customerId = own ? found : ((await this.parts.survivorOf(found)) ?? found);
          const document = own ?? ((await reader.get(customerId))?.document as Customer360 | undefined);
          return {
            customerId,
            displayName: document?.details.displayName?.value ?? null,
            stage: document?.stage ?? null,
            groupCode: document?.groupCode ?? null,
            erased: document?.erased ?? false,
          };
        }),
      ),
    );
    const { data, version, generation, position } = found;
    const rows = data.filter(
      ({ customerId }, i) => data.findIndex((row) => row.customerId === customerId) === i,
    );
    const { data: shown, meta } = await readSide.revealFor(request.principal, { rows });
    return {
      data: shown,
      meta: { projection: 'customer-360', version, generation, position: position.toString(), asOf: isoOf(clock.nowMs()), ...(next ? { next } : {}), ...meta }, // prettier-ignore
    };
  }

  private async idsOf(request: FindRequest): Promise<{ ids: readonly string[]; next?: string }> {
    const { references, cursors } = this.parts;
    const scope = canonicalJson(['find', request.identifier ?? null, request.name ?? null]);
    const after = request.cursor === undefined ? undefined : cursors.open<string>(scope, request.cursor);
    if (request.identifier !== undefined) {
      const parsed = parseReference(request.identifier, request.principal.subject);
      const all =
        'customerId' in parsed
          ? (await this.parts.isKnown(parsed.customerId)) ? [parsed.customerId] : []
          : await references.customersWith(parsed.identifier);
      const from = after === undefined ? 0 : all.indexOf(after) + 1;
      const ids = all.slice(from, from + request.limit);
      return from + ids.length < all.length ? { ids, next: cursors.sign(scope, ids.at(-1)) } : { ids };
    }
    const found = await references.customersNamed(request.name!, {
      limit: request.limit + 1,
      ...(after === undefined ? {} : { afterCustomerId: after }),
    });
    const ids = found.slice(0, request.limit);
    return found.length > ids.length ? { ids, next: cursors.sign(scope, ids.at(-1)) } : { ids };
  } // prettier-ignore
}
