import type { Answer } from '../../../apps/api/specs/api-under-test.js';
import { IDENTITY_PATHS } from '../../../apps/api/identity/identity.controller.js';
import type { Steps } from '../step-table.js';
import type { Story } from '../story.js';
import { cellsOf } from './words.js';

type Pair = readonly [string, string];
const idsOf = (story: Story, names: readonly string[]): string[] => names.map((name) => story.customerIdOf(name)); // prettier-ignore

/** Rows of the answer that are about two customers. */
const about = (story: Story, { body }: Answer, names: Pair): readonly { readonly customerIds: readonly string[] }[] => {
  const { rows } = (body as { data: { rows: readonly { customerIds: readonly string[] }[] } }).data;
  return rows.filter(({ customerIds }) => idsOf(story, names).every((id) => customerIds.includes(id)));
}; // prettier-ignore

const merge = (
  story: Story,
  member: string,
  survivor: string,
  cells: Readonly<Record<string, string>>,
  more: object = {},
): Promise<void> =>
  story.post(
    IDENTITY_PATHS.MergeCustomers,
    {
      survivor: story.customerIdOf(survivor),
      members: idsOf(story, [member]),
      // Of each field named: whose value counts.
      fieldChoices: Object.entries(cells).map(([field, from]) => ({ field, from: story.named(from) })),
      ...more,
    },
    survivor,
  );

/** Sentences about who is who. */
export const IDENTITY_STEPS: Steps = {
  'we merge {name} into {name}': (story, { table }, member: string, survivor: string) =>
    merge(story, member, survivor, cellsOf(table)),
  'a dry run asks to merge {name} into {name}': (story, { table }, member: string, survivor: string) =>
    merge(story, member, survivor, cellsOf(table), { dryRun: true }),
  'we take the latest merge of {name} back': (story, _, survivor: string) =>
    story.post(
      IDENTITY_PATHS.UnmergeCustomers,
      { survivor: story.customerIdOf(survivor), reasonCode: 'twoPersons' },
      survivor,
    ),
  '{name} and {name} are proposed as one customer': (story, _, one: string, other: string) =>
    story.post(IDENTITY_PATHS.ProposeMatch, {
      customers: idsOf(story, [one, other]),
      rules: ['sameName'],
      scorePct: 60,
    }),
  '{name} and {name} are found to be two customers': (story, _, one: string, other: string) =>
    story.post(IDENTITY_PATHS.RejectMatch, {
      customers: idsOf(story, [one, other]),
      reasonCode: 'twoPersons',
    }),

  'we ask who may be one and the same customer': async (story) =>
    story.ask('/v1/identity/candidates', { limit: '200' }, { fromLog: true }),
  'we ask what merging {name} into {name} would do': async (story, _, member: string, survivor: string) =>
    story.askAbout('/v1/customers/:ref/merge-preview', survivor, { members: story.customerIdOf(member) }, { fromLog: true }),
  'we ask what taking the latest merge of {name} back would do': async (story, _, survivor: string) =>
    story.askAbout('/v1/customers/:ref/unmerge-preview', survivor, {}, { fromLog: true }),
  'the answer names {name} and {name}': (story, _, ...names: [string, string]) =>
    story.expectAnswer((answer) => (about(story, answer, names).length > 0 ? [] : [`${names.join(' and ')} are not named`])),
  'the answer does not name {name} and {name}': (story, _, ...names: [string, string]) =>
    story.expectAnswer((answer) => about(story, answer, names).map((row) => `named: ${JSON.stringify(row)}`)),
}; // prettier-ignore
