import { Type } from '@sinclair/typebox';
import { isoOf } from '@rapport/contracts';
import type { Condition, NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import type { PortfolioHandOverRow, PortfolioHandOversDocument } from './portfolio-hand-overs.model.js';

const manager = (description: string) =>
  Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description }));
const Params = Type.Object(
  {
    status: Type.Optional(
      Type.Unsafe<'running' | 'completed'>({
        type: 'string',
        enum: ['running', 'completed'],
        description: 'only these',
      }),
    ),
    managerId: manager('only from this account manager'),
    toManagerId: manager('only to this successor'),
  },
  { additionalProperties: false },
);

/** Which portfolios were handed over to whom, the latest first? */
export const handOvers: NamedQuery<PortfolioHandOversDocument, typeof Params, Page<PortfolioHandOverRow>> = {
  name: 'hand-overs',
  question: 'Which portfolios were handed over to whom, the latest first?',
  scope: 'list',
  params: Params,
  run: (reader, params) =>
    pageOf(
      reader,
      {
        where: (['status', 'managerId', 'toManagerId'] as const).flatMap((index): Condition[] => {
          const value = params[index];
          return value === undefined ? [] : [{ index, op: '=', value }];
        }),
        orderBy: [{ index: 'startedAtMs', direction: 'desc' }],
      },
      params,
      ({ document }) => rowOf(document),
    ),
};

const rowOf = ({ startedAtMs, completedAtMs, ...one }: PortfolioHandOversDocument): PortfolioHandOverRow => ({
  ...one,
  status: completedAtMs === null ? 'running' : 'completed',
  startedAt: isoOf(startedAtMs),
  completedAt: completedAtMs === null ? null : isoOf(completedAtMs),
});
