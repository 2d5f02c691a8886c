import type {
  CustomerAbsorbed,
  CustomerHeldForMerge,
  CustomerSealed,
  CustomerUnsealed,
  DataOf,
  MembersReleased,
  MergeHoldReleased,
} from '@rapport/contracts';

type Step<Type extends string, Fields> = { readonly type: Type } & Readonly<Fields>;

/** Steps of a merge on the stream of a customer; sent by the process that carries merges out, by nobody else. */
export type IdentityStep =
  | Step<'HoldForMerge', DataOf<typeof CustomerHeldForMerge>>
  | Step<'SealCustomer', DataOf<typeof CustomerSealed>>
  | Step<
      'AbsorbCustomers',
      { mergeId: string; members: readonly Readonly<Omit<DataOf<typeof CustomerAbsorbed>, 'mergeId'>>[] }
    >
  | Step<'ReleaseMergeHold', DataOf<typeof MergeHoldReleased>>
  | Step<'ReleaseMembers', DataOf<typeof MembersReleased>>
  | Step<'UnsealCustomer', Omit<DataOf<typeof CustomerUnsealed>, 'from'>>;
