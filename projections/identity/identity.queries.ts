import { Type } from '@sinclair/typebox';
import { isoOf } from '@rapport/contracts';
import type { NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import type { IdentityDocument, MatchRow, MergeOnFile, MergeRow } from './identity.model.js';

const None = Type.Object({}, { additionalProperties: false });
const StatusParams = Type.Object(
  {
    status: Type.Optional(
      Type.Unsafe<'proposed' | 'rejected' | 'accepted'>({
        type: 'string',
        enum: ['proposed', 'rejected', 'accepted'],
        description: 'what was decided; default proposed: not decided yet',
      }),
    ),
  },
  { additionalProperties: false },
);

const rowOf = ({ decidedAtMs, endedAtMs, ...merge }: MergeOnFile): MergeRow => ({
  ...merge,
  decidedAt: isoOf(decidedAtMs),
  endedAt: endedAtMs === null ? null : isoOf(endedAtMs),
});

interface SurvivorRow {
  readonly survivorId: string;
  readonly merges: readonly MergeRow[];
}
const survivorRow = ({ key, document }: { key: string; document: IdentityDocument }): SurvivorRow => ({
  survivorId: key,
  merges: document.merges.map(rowOf),
});

/** Which customers were merged into whom, the survivor decided on last first? */
export const merges: NamedQuery<IdentityDocument, typeof None, Page<SurvivorRow>> = {
  name: 'merges',
  question: 'Which customers were merged into whom, the survivor decided on last first?',
  scope: 'list',
  params: None,
  run: (reader, params) =>
    pageOf(
      reader,
      {
        where: [{ index: 'lastDecidedMs', op: '>=', value: 0 }],
        orderBy: [{ index: 'lastDecidedMs', direction: 'desc' }],
      },
      params,
      survivorRow,
    ),
};

/** Which merges and unmerges are not carried out completely yet? */
export const openMerges: NamedQuery<IdentityDocument, typeof None, Page<SurvivorRow>> = {
  name: 'open-merges',
  question: 'Which merges and unmerges are not carried out completely yet?',
  scope: 'list',
  params: None,
  run: (reader, params) =>
    pageOf(
      reader,
      {
        where: [{ index: 'isOpen', op: '=', value: 1 }],
        orderBy: [{ index: 'lastDecidedMs', direction: 'asc' }],
      },
      params,
      survivorRow,
    ),
};

/** Which customers may be one and the same, the surest first? */
export const matchQueue: NamedQuery<IdentityDocument, typeof StatusParams, Page<MatchRow>> = {
  name: 'matches',
  question: 'Which customers may be one and the same, the surest first?',
  scope: 'list',
  params: StatusParams,
  run: (reader, params) =>
    pageOf(
      reader,
      {
        where: [{ index: 'matchStatus', op: '=', value: params.status ?? 'proposed' }],
        orderBy: [{ index: 'matchScorePct', direction: 'desc' }],
      },
      params,
      ({ key, document: { match } }) => {
        const { atMs, ...found } = match!;
        return { matchId: key, ...found, at: isoOf(atMs) };
      },
    ),
};
