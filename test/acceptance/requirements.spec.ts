import { contractOf, EVENT_CONTRACTS } from '@rapport/contracts';
import {
  commandsOfNoRow,
  emptyCells,
  questionsOf,
  requirementRows,
} from '../../scripts/docs/requirements-page.js';
import { rowsOf } from '../../scripts/docs/schema-rows.js';
import { filesUnder, readSource } from '../architecture/source-files.js';
import { DATA_EXPORT } from '../../apps/api/customer/privacy/privacy.routes.js';
import { everyCommand } from '../life/command-life.js';
import { projectionsWith } from '@rapport/projections';
import { loadDefaultRuleBook } from '@rapport/domain';
import { projectionDependencies } from '@rapport/platform';
import { readFeatures } from './feature-files.js';
import { splitTime } from './step-table.js';
import { COMMANDS_BEHIND, EVERY_STEP } from './steps/every-step.js';
import { commandOf } from './steps/words.js';

const features = readFeatures();
const rows = requirementRows(readSource('docs/explanation/requirements.md'), features);
const spoken = features.flatMap(({ scenarios }) =>
  scenarios.flatMap(({ steps }) => steps.map(({ text }) => EVERY_STEP.find(splitTime(text, 0).words))),
);

describe('Every requirement row', () => {
  it('is there, from S1 to S20', () => {
    expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 20 }, (_, n) => `S${n + 1}`));
  });

  it('has a feature, commands, events, endpoints and read models', () => {
    expect(rows.flatMap(emptyCells)).toEqual([]);
  });

  it('is reached by every command there is', () => {
    // A review applies what fell due: the events it brings say so in words.
    expect(commandsOfNoRow(rows)).toEqual(['ReviewRelationship']);
  });

  it('would be missed without its feature', () => {
    const [first] = requirementRows('| S1 | One record. |', []);
    expect(emptyCells(first!)).toEqual(['S1 features', 'S1 readModels']);
  });
});

describe('Every event', () => {
  const contracts = [...EVENT_CONTRACTS.values()];

  it('says what it means, which row it serves and what records it', () => {
    const silent = contracts.filter(({ meaning, rows: served, emittedBy }) => meaning === '' || served.length === 0 || emittedBy.length === 0);
    expect(silent.map(({ type }) => type)).toEqual([]);
  }); // prettier-ignore

  it('says for each field what it holds', () => {
    const silent = contracts.flatMap(({ type, schema }) =>
      rowsOf(schema as Parameters<typeof rowsOf>[0])
        .filter(({ description }) => description.trim() === '')
        .map(({ path }) => `${type}.${path}`),
    );
    expect(silent).toEqual([]);
  });

  it('names commands that can be sent', () => {
    // Nobody but the process that carries a hand-over out says that it is done; an export has a route of its own.
    const known = new Set([...everyCommand(), 'CompleteHandOver', DATA_EXPORT.command]);
    // Commands of the analyst's own routes, and what happens without one, in words.
    const unknown = contracts.flatMap(({ type, emittedBy }) =>
      emittedBy
        .filter((command) => /^[A-Z][A-Za-z]+$/.test(command) && !known.has(command) && contractOf(type)?.category !== 'model')
        .map((command) => `${type} by ${command}`),
    );
    expect(unknown).toEqual([]);
  }); // prettier-ignore

  it('is used by a projection, a process or a decision', () => {
    const page = readSource('docs/reference/events.md');
    for (const { type } of contracts) expect(page).toContain(`### ${type}`);
    expect(page.match(/^Used by: .+$/gm)).toHaveLength(contracts.length);
  });
});

describe('The features', () => {
  it('are one file a row', () => {
    expect(filesUnder(['test/acceptance/features']).filter((file) => file.endsWith('.feature'))).toHaveLength(20);
  });

  it('use every sentence there is', () => {
    const used = new Set(spoken.map(({ step }) => step.sentence));
    expect(EVERY_STEP.sentences.filter((sentence) => !used.has(sentence))).toEqual([]);
  });

  it('send every command there is', () => {
    const sent = new Set(
      spoken.map(({ step: { sentence }, values }) => {
        const places: readonly string[] = sentence.match(/\{\w+\}/g) ?? [];
        const place = places.indexOf('{command}');
        return place < 0 ? COMMANDS_BEHIND[sentence] : commandOf(String(values[place]));
      }),
    );
    expect(everyCommand().filter((command) => !sent.has(command))).toEqual([]);
  });

  it('ask every question of every read model', () => {
    const asked = new Set(features.flatMap(questionsOf));
    const questions = projectionsWith(projectionDependencies(loadDefaultRuleBook())).flatMap(({ name, queries = [] }) =>
      queries.map((query) => `${name}/${query.name}`),
    );
    // Nobody reads these: they are what the scheduler works through, and what fits are made of.
    expect(questions.filter((question) => !asked.has(question)).sort()).toEqual(['due-reviews/due', 'lifetime-value/summaries']);
  });
}); // prettier-ignore
