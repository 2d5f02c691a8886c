import { customerStreamId, isoOf, type CustomerAbsorbed, type DataOf, type RecordedEvent, type Refusal } from '@rapport/contracts'; // prettier-ignore
import type { EventStore } from '@rapport/event-store';
import { foldStreamAsOf, type AnyProjection } from '@rapport/projection-engine';
import type { Customer360 } from '@rapport/projections';
import type { ReadSide } from '../read-side/read-side.js';
import type { WriteEnvelope } from '../writes/write-envelope.js';
import { survivorsOf, type Merges } from './merges.js';

export interface MergePreviewParts {
  readonly events: Pick<EventStore, 'readStream'>;
  readonly projections: readonly AnyProjection[];
  readonly merges: Merges;
  readonly readSide: Pick<ReadSide, 'revealFor'>;
}

/** What a customer brings into a merge, in counts. */
interface Brought {
  readonly customerId: string;
  readonly events: number;
  readonly touches: number;
  readonly openCases: number;
  readonly contracts: number;
  readonly defaults: number;
  readonly stage: string;
  /** By currency, minor units. */
  readonly purchasedMinor: Readonly<Record<string, number>>;
}

/** Facts shown of an unmerge; `count` says how many there are. */
const FACTS_SHOWN = 200;
/** Steps of merges are no facts about the customer. */
const STEPS: ReadonlySet<string> = new Set(['CustomerHeldForMerge', 'CustomerAbsorbed', 'MembersReleased', 'MergeHoldReleased', 'CustomerSealed', 'CustomerUnsealed']); // prettier-ignore

/**
 * What a person says about their own data. It binds whoever it is about: recorded while merged, it stays with the survivor,
 * and has to be said again for a member whom it was about.
 */
const RIGHTS: ReadonlySet<string> = new Set([
  'ConsentGranted', 'ConsentDenied', 'ConsentRevoked', 'ErasureRequested', 'ErasureRequestClosed', 'ProcessingRestricted',
  'RestrictionLifted', 'IdentifierAdded', 'IdentifierRemoved',
]); // prettier-ignore

/** Shows what a merge or an unmerge would do, before anybody decides; records nothing. */
export class MergePreviews {
  constructor(private readonly parts: MergePreviewParts) {}

  /**
   * What would be joined, which single values differ and whose would count, and why it would be refused, if it would.
   * Throws CUSTOMER_NOT_FOUND, INVALID_VALUE, UNAVAILABLE.
   */
  async ofMerge(write: WriteEnvelope & { readonly survivor: string; readonly members: readonly string[] }) {
    const outcome = await this.parts.merges.merge({ ...write, matchRule: 'manual', dryRun: true });
    const refusal: Refusal | null = outcome.kind === 'refused' ? outcome.refusal : null;
    const memberIds = outcome.kind === 'refused' ? await this.parts.merges.idsOf(write.members, write) : outcome.memberIds; // prettier-ignore
    const ids = [outcome.customerId, ...memberIds.filter((id) => id !== outcome.customerId)];
    const customers = await Promise.all(ids.map((id) => this.brought(id)));
    const documents = customers.map(({ document }) => document);
    const { data, meta } = await this.parts.readSide.revealFor(write.principal, {
      survivorId: outcome.customerId,
      memberIds: ids.slice(1),
      possible: refusal === null,
      refusal,
      joined: customers.map(({ brought }) => brought),
      conflicts: conflictsOf(ids, documents),
    });
    return { data, meta };
  }

  /**
   * Who would be customers of their own again, what was recorded since and would stay with the survivor, and what of it
   * has to be recorded anew for a member whom it was about. Throws as `ofMerge`.
   */
  async ofUnmerge(write: WriteEnvelope & { readonly survivor: string }) {
    const [survivorId] = await this.parts.merges.idsOf([write.survivor], write);
    const outcome = await this.parts.merges.unmerge({ ...write, survivor: survivorId!, reasonCode: 'preview', dryRun: true }); // prettier-ignore
    const refusal: Refusal | null = outcome.kind === 'refused' ? outcome.refusal : null;
    const { merges } = await this.parts.merges.clusterOf(survivorId!);
    const latest = merges.at(-1);
    const events = await this.parts.events.readStream(customerStreamId(survivorId!));
    const from = events.findIndex(({ type, data }) => type === 'CustomerAbsorbed' && (data as DataOf<typeof CustomerAbsorbed>).mergeId === latest?.mergeId); // prettier-ignore
    const since = from < 0 ? [] : events.slice(from).filter(({ type }) => !STEPS.has(type));
    return {
      data: {
        survivorId,
        mergeId: latest?.mergeId ?? null,
        memberIds: latest?.mergedIds ?? [],
        possible: refusal === null,
        refusal,
        staysWithSurvivor: { count: since.length, latest: since.slice(-FACTS_SHOWN).reverse().map(referenceOf) },
        sayAgainIfAboutMember: since.filter(({ type }) => RIGHTS.has(type)).slice(-FACTS_SHOWN).reverse().map(referenceOf),
      },
      meta: {},
    };
  } // prettier-ignore

  private async brought(
    customerId: string,
  ): Promise<{ brought: Brought; document: Customer360 | undefined }> {
    // What is part of the survivor already has no document of its own.
    const streamId = customerStreamId(
      (await survivorsOf(this.parts.events, customerId)).at(-1) ?? customerId,
    );
    const projection = this.parts.projections.find(({ name }) => name === 'customer-360')!;
    const [folded, events] = await Promise.all([
      foldStreamAsOf<Customer360>(projection, this.parts.events, streamId),
      this.parts.events.readStream(streamId),
    ]);
    const document = folded.documents[0]?.document;
    const contacts = Object.values(document?.contactsByChannel ?? {});
    return {
      document,
      brought: {
        customerId,
        events: events.length,
        touches: contacts.reduce((sum, [count]) => sum + count, 0),
        openCases: (document?.cases ?? []).filter(({ status }) => !SETTLED.has(status)).length,
        contracts: document?.contracts.length ?? 0,
        defaults: document?.defaults.length ?? 0,
        stage: document?.stage ?? 'contact',
        purchasedMinor: Object.fromEntries(Object.entries(document?.money ?? {}).map(([currency, { purchasedMinor }]) => [currency, purchasedMinor])), // prettier-ignore
      },
    };
  }
}

const SETTLED: ReadonlySet<string> = new Set(['resolved', 'accepted', 'closed']);

/** Single values that differ, with who says what and which counts unless somebody chooses: the latest. */
function conflictsOf(ids: readonly string[], documents: readonly (Customer360 | undefined)[]) {
  const fields = [...new Set(documents.flatMap((document) => Object.keys(document?.details ?? {})))].sort();
  return fields.flatMap((field) => {
    const values = documents.flatMap((document, i) => {
      const detail = document?.details[field as keyof Customer360['details']];
      return detail ? [{ customerId: ids[i]!, value: detail.value, since: isoOf(detail.atMs), atMs: detail.atMs }] : []; // prettier-ignore
    });
    if (values.length < 2) return [];
    const latest = values.reduce((a, b) => (b.atMs > a.atMs ? b : a));
    return [{ field, values: values.map(({ atMs: _atMs, ...shown }) => shown), unlessChosen: latest.customerId }]; // prettier-ignore
  });
}

const referenceOf = ({ eventId, type, metadata }: RecordedEvent) => ({
  eventId,
  type,
  occurredAt: metadata.occurredAt,
});
