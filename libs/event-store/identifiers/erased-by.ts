import type { IdentifierChanges } from '../event-store.port.js';

/** Customers whose rows a change removes for good. */
export const erasedBy = ({ removeAllOf, removeAllOfMembers = [] }: IdentifierChanges): readonly string[] =>
  removeAllOf === undefined ? removeAllOfMembers : [removeAllOf, ...removeAllOfMembers];
