import { customerStreamId } from '@rapport/contracts';
import type { DataOf, CustomerAbsorbed, MembersReleased } from '@rapport/contracts';
import type { CustomerRequest } from '../customer.commands.js';
import type { CustomerState } from '../customer.state.js';
import { survivorFor } from './identity.decider.js';
import { joinStates } from './join-states.js';

/** How the streams of merged customers become one, for whoever loads, folds and appends (`StreamJoining`). */
export const customerJoining = {
  changeOf: (event: { readonly type: string; readonly data: unknown }) => {
    switch (event.type) {
      case 'CustomerAbsorbed': {
        const { mergeId, member, atRevision } = event.data as DataOf<typeof CustomerAbsorbed>;
        return {
          kind: 'joined',
          joinId: mergeId,
          streamId: customerStreamId(member),
          beforeRevision: BigInt(atRevision),
        } as const;
      }
      case 'MembersReleased':
        return {
          kind: 'parted',
          joinId: (event.data as DataOf<typeof MembersReleased>).mergeId,
        } as const;
      default:
        return undefined;
    }
  },
  join: joinStates,
  movedTo: (state: CustomerState, request: CustomerRequest) => {
    const survivor = survivorFor(state, request);
    return survivor && { streamId: customerStreamId(survivor.into), joinId: survivor.mergeId };
  },
  formerly: ({ identity }: CustomerState): readonly string[] =>
    identity.formerSurvivors.length === 0 ? [] : identity.formerSurvivors.map(customerStreamId),
} as const;
