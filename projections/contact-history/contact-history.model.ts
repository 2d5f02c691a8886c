import type { Actor, Channel } from '@rapport/contracts';
import type { TouchCategory, TouchDirection, TouchType } from '../_parts/touch-types.js';

/** A JSON value as it stands in an event. */
export type Detail =
  string | number | boolean | null | readonly Detail[] | { readonly [name: string]: Detail };

/** A correction of a touch: added to the row, never written over it. */
export interface TouchCorrection {
  eventId: string;
  /** Business time of the correction, epoch ms. */
  atMs: number;
  reason: string;
  /** Corrected fields. */
  changes: Record<string, Detail>;
}

/** One line of the contact history: what one event recorded. Key: `<customerId>/<eventId>`. */
export interface ContactHistoryRow {
  /** null only in a row of which nothing but a correction is known; such a row is never stored. */
  type: TouchType | null;
  /** Whose touch it is; the event id is the last part of the key. */
  customerId: string;
  /** Business time, epoch ms. */
  occurredAtMs: number;
  /** The sender's own order among events of the same instant; 0 when not given. */
  sourceSeq: number;
  /** When we came to know it, ISO-8601 UTC. */
  recordedAt: string;
  channel: Channel;
  actor: { kind: Actor['kind']; id: string };
  /** Who acted, as first recorded. */
  direction: TouchDirection;
  /** Behind the customer's business clock when it was recorded. */
  late?: true;
  /** What the event says, as first recorded; personal values are tokens, unopened. */
  details: Record<string, Detail>;
  /** In the order they were recorded; a later one wins field by field. */
  corrections?: TouchCorrection[];
}

/** A line as it is answered: corrections applied, the original beside it. */
export interface ContactHistoryEntry {
  readonly eventId: string;
  readonly type: TouchType;
  readonly category: TouchCategory;
  /** ISO-8601 UTC. */
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly sourceSeq: number;
  readonly channel: Channel;
  readonly actor: Actor;
  readonly selfService: boolean;
  readonly direction: TouchDirection;
  readonly late: boolean;
  /** What happened, corrections applied; personal fields are tokens until the edge opens them. */
  readonly details: Readonly<Record<string, Detail>>;
  /** Set when something was corrected: the fields as first recorded. */
  readonly original?: Readonly<Record<string, Detail>>;
  readonly corrections: readonly {
    readonly eventId: string;
    readonly at: string;
    readonly reason: string;
    readonly changes: Readonly<Record<string, Detail>>;
  }[];
}
