/** Customer an event belongs to: the owner of its stream, never what the metadata claims. */
export const ownerOf = (event: { readonly streamId: string }): string =>
  event.streamId.slice('customer-'.length);

/** The one document of the event's customer: `keys` of projections with one document a customer. */
export const ownerKeys = (event: { readonly streamId: string }): readonly string[] => [ownerOf(event)];
