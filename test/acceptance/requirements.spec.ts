import { contractOf, EVENT_CONTRACTS } from '@rapport/contracts';
import { commandsOfNoRow, emptyCells, requirementRows } from '../../scripts/docs/requirements-page.js';
import { rowsOf } from '../../scripts/docs/schema-rows.js';
import { filesUnder, readSource } from '../architecture/source-files.js';
import { DATA_EXPORT } from '../../apps/api/customer/privacy/privacy.routes.js';
import { everyCommand } from '../life/command-life.js';
import { readFeatures } from './feature-files.js';

const rows = requirementRows(readSource('docs/explanation/requirements.md'), readFeatures());

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
}); // prettier-ignore
