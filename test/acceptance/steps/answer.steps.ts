import { isoOf } from '@rapport/contracts';
import type { Answer } from '../../../apps/api/specs/api-under-test.js';
import { timeOf } from '../cell-value.js';
import { at, missing, present, unmet } from '../expectation.js';
import type { FeatureStep } from '../feature-files.js';
import type { Steps } from '../step-table.js';
import type { Story } from '../story.js';
import { cellsOf } from './words.js';

const expectRefusal = (answer: Answer, code: string): void => {
  const { code: found, detail } = answer.body as { code?: string; detail?: string };
  if (answer.status < 400 || found !== code)
    throw new Error(`answered ${answer.status} ${found ?? 'without a code'}, not ${code}: ${detail ?? ''}`);
};

const named = (story: Story, table: FeatureStep['table']): FeatureStep['table'] =>
  table.map((row) => row.map((cell) => story.named(cell)));

/** Parameters of a question; `3 days ago` becomes the instant. */
const paramsOf = (story: Story, table: FeatureStep['table']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(cellsOf(named(story, table))).map(([name, cell]) => {
      const atMs = timeOf(cell, story.nowMs);
      return [name, atMs === undefined ? cell : isoOf(atMs)];
    }),
  );

const rowsOf = (answer: Answer, path: string): readonly unknown[] => {
  const rows = at(answer.body, path === '' ? 'data' : `data.${path}`);
  return Array.isArray(rows) ? rows : [];
};

const lists = (story: Story, table: FeatureStep['table'], path: string): Promise<unknown> =>
  story.expectAnswer((answer) =>
    missing(rowsOf(answer, path), named(story, table)).map((row) => `missing: ${row}`),
  );
const doesNotList = (story: Story, table: FeatureStep['table'], path: string): Promise<unknown> =>
  story.expectAnswer((answer) =>
    present(rowsOf(answer, path), named(story, table)).map((row) => `listed: ${row}`),
  );
const shows = (story: Story, table: FeatureStep['table']): Promise<unknown> =>
  story.expectAnswer(({ body }) => unmet((body as { data: unknown }).data, named(story, table)));

const RECORD = '/v1/customers/:ref';
const HISTORY = '/v1/customers/:ref/history';

/** Sentences about what is answered. */
export const ANSWER_STEPS: Steps = {
  'it is recorded': async (story) => {
    story.assertExamined();
  },
  'it would be recorded': async (story) => {
    const { status, body } = story.examined();
    if (status !== 200) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
  },
  'it is refused with {code}': async (story, _, code: string) => expectRefusal(story.examined(), code),
  'nothing is recorded': async (story) => {
    const { eventIds } = story.examined().body as { eventIds?: unknown };
    if (eventIds !== undefined) throw new Error(`events were recorded: ${JSON.stringify(eventIds)}`);
  },
  'the suppressed offer is recorded': async (story) => {
    const { eventIds } = story.examined().body as { eventIds?: readonly string[] };
    if (!eventIds?.length) throw new Error('no event was recorded');
  },
  'the answer explains {string}': async (story, _, words: string) => {
    const { detail = '' } = story.examined().body as { detail?: string };
    if (!detail.includes(words)) throw new Error(`the answer says: ${detail}`);
  },
  'the way out says {string}': async (story, _, words: string) => {
    const { wayOut = [] } = story.examined().body as { wayOut?: readonly { sentence: string }[] };
    if (!wayOut.some(({ sentence }) => sentence.includes(words)))
      throw new Error(`the way out says: ${wayOut.map(({ sentence }) => sentence).join(' ')}`);
  },
  'it may be asked again from {int} days on': async (story, _, days: number) => {
    const { earliestAt } = story.examined().body as { earliestAt?: string };
    const inDays = (Date.parse(earliestAt ?? '') - story.nowMs) / 86_400_000;
    if (!(Math.abs(inDays - days) < 1.01)) throw new Error(`earliestAt is ${earliestAt ?? 'not given'}`);
  },
  'the answer to the write shows': async (story, { table }) => {
    const problems = unmet(story.examined().body, named(story, table));
    if (problems.length > 0) throw new Error(problems.join('\n'));
  },

  "{name}'s record shows": (story, { table }, name: string) => {
    story.askAbout(RECORD, name);
    return shows(story, table);
  },
  "{name}'s record lists under {string}": (story, { table }, name: string, path: string) => {
    story.askAbout(RECORD, name);
    return lists(story, table, path);
  },
  "{name}'s record does not list under {string}": (story, { table }, name: string, path: string) => {
    story.askAbout(RECORD, name);
    return doesNotList(story, table, path);
  },
  "{name}'s record of {int} days ago shows": (story, { table }, name: string, days: number) => {
    story.askAbout(RECORD, name, { asOf: isoOf(story.nowMs - days * 86_400_000) });
    return shows(story, table);
  },
  "{name}'s record as it was known {int} days ago does not exist": (story, _, name: string, days: number) => {
    story.askAbout(RECORD, name, { knownAt: isoOf(story.nowMs - days * 86_400_000) });
    return story.expectAnswer(() => [], 404);
  },
  "{name}'s history lists": (story, { table }, name: string) => {
    story.askAbout(HISTORY, name, { limit: '200' });
    return lists(story, table, 'rows');
  },
  "{name}'s history does not list": (story, { table }, name: string) => {
    story.askAbout(HISTORY, name, { limit: '200' });
    return doesNotList(story, table, 'rows');
  },

  'we ask {question}': async (story, { table }, question: string) =>
    story.ask(`/v1/read-models/${question}`, paramsOf(story, table)),
  'we ask {question} about {name}': async (story, { table }, question: string, name: string) =>
    story.askAbout(`/v1/read-models/${question}`, name, paramsOf(story, table)),
  'we ask {question} for this month': async (story, _, question: string) => {
    const month = isoOf(story.nowMs).slice(0, 7);
    story.ask(`/v1/read-models/${question}`, { from: month, to: month });
  },
  'we ask for the list by risk': async (story, { table }) => story.ask('/v1/lists/by-risk', paramsOf(story, table)),
  'customers are looked for': async (story, { table }) => story.ask('/v1/customers', paramsOf(story, table)),
  'the answer shows': (story, { table }) => shows(story, table),
  'the answer lists': (story, { table }) => lists(story, table, 'rows'),
  'the answer lists under {string}': (story, { table }, path: string) => lists(story, table, path),
  'the answer does not list': (story, { table }) => doesNotList(story, table, 'rows'),
  'the answer does not list under {string}': (story, { table }, path: string) => doesNotList(story, table, path),
}; // prettier-ignore
