import type { References } from '@rapport/contracts';
import {
  campaignReferenceOf, productReferenceOf, referencesNamedBy, type CampaignState, type CustomerRequest, type NamedReferences,
  type ProductState,
} from '@rapport/domain'; // prettier-ignore
import type { EventStore } from '@rapport/event-store';
import type { AggregateReader } from '../aggregates/aggregate-reader.js';
import { touchReferenceOf } from './touch-reference.js';

/**
 * Reads what a command on a customer names outside their state; undefined for the many that name nothing, at once where all
 * of it is in memory.
 */
export type ReadReferences = (
  command: CustomerRequest,
  customerId: string,
) => References | Promise<References> | undefined;

export const readReferencesFrom =
  (reader: AggregateReader, events: Pick<EventStore, 'readStream'>): ReadReferences =>
  (command, customerId) => {
    const named = referencesNamedBy(command);
    const [touch] = named.touches;
    if (touch !== undefined) return correctedTouch(events, customerId, touch);
    if (named.products.length === 0 && named.campaigns.length === 0) return undefined;
    return fromMemory(reader, named, customerId) ?? fromStreams(reader, named, customerId);
  };

/** A correction names one touch and nothing else. */
async function correctedTouch(
  events: Pick<EventStore, 'readStream'>,
  customerId: string,
  eventId: string,
): Promise<References> {
  const touch = await touchReferenceOf(events, customerId, eventId);
  return { touches: new Map(touch === undefined ? [] : [[eventId, touch] as const]) };
}

/** What is named, by category and id. */
const instancesIn = ({ products, campaigns }: NamedReferences) => [
  ...products.map((id) => ['product', id] as const),
  ...campaigns.map((id) => ['campaign', id] as const),
];

function fromMemory(
  reader: AggregateReader,
  named: NamedReferences,
  customerId: string,
): References | undefined {
  const states = new Map<string, unknown>();
  for (const [category, id] of instancesIn(named)) {
    const known = reader.inMemory(category, id);
    if (!known) return undefined;
    states.set(`${category}-${id}`, known.state);
  }
  return referencesOf(named, customerId, states);
}

async function fromStreams(
  reader: AggregateReader,
  named: NamedReferences,
  customerId: string,
): Promise<References> {
  const states = new Map<string, unknown>();
  await Promise.all(
    instancesIn(named).map(async ([category, id]) =>
      states.set(`${category}-${id}`, await reader.stateOf(category, id)),
    ),
  );
  return referencesOf(named, customerId, states);
}

/** What is known of what is named, by its id; what is not known is left out. */
function referencesOf(
  named: NamedReferences,
  customerId: string,
  states: ReadonlyMap<string, unknown>,
): References {
  const products = new Map<string, NonNullable<ReturnType<typeof productReferenceOf>>>();
  for (const id of named.products) {
    const reference = productReferenceOf(id, states.get(`product-${id}`) as ProductState | undefined);
    if (reference) products.set(id, reference);
  }
  const campaigns = new Map<string, NonNullable<ReturnType<typeof campaignReferenceOf>>>();
  for (const id of named.campaigns) {
    const state = states.get(`campaign-${id}`) as CampaignState | undefined;
    const reference = campaignReferenceOf(id, state, customerId);
    if (reference) campaigns.set(id, reference);
  }
  return { products, campaigns };
}
