import { valueOf } from './cell-value.js';
import { at, meets, missing, unmet } from './expectation.js';
import { parseFeature } from './feature-files.js';
import { splitTime, StepTable } from './step-table.js';
import { commandOf } from './steps/words.js';

const NOW_MS = Date.parse('2026-03-10T12:00:00.000Z');

describe('A feature', () => {
  const text = (tag: string): string =>
    `${tag}\nFeature: F\n  Scenario Outline: <n>\n    Given Ada registers\n      | a | <n> |\n    Examples:\n      | n |\n      | 1 |\n      | 2 |\n`;

  it('is read with its row, and an outline as one scenario for each example', () => {
    const { row, scenarios } = parseFeature('f.feature', text('@S8'));
    expect(row).toBe('S8');
    expect(scenarios.map(({ steps }) => steps)).toEqual([
      [{ keyword: 'Given', isContext: true, text: 'Ada registers', table: [['a', '1']] }],
      [{ keyword: 'Given', isContext: true, text: 'Ada registers', table: [['a', '2']] }],
    ]);
  });

  it('without a row or with something else in it is refused, naming the file', () => {
    expect(() => parseFeature('f.feature', text(''))).toThrow('f.feature has no tag');
    expect(() => parseFeature('f.feature', 'Feature: F\n  Nonsense: x\n    Givn y')).toThrow('f.feature');
  });
});

describe('A sentence', () => {
  const nothing = async (): Promise<void> => undefined;
  const table = new StepTable([{ '{name} calls us': nothing, 'we {command} for {name}': nothing }]);

  it('means one step, and says so when it means none or two', () => {
    expect(table.find('Ada calls us').values).toEqual(['Ada']);
    expect(table.find('we open an opportunity for Ada').values).toEqual(['open an opportunity', 'Ada']);
    expect(() => table.find('Ada sings')).toThrow('no step means "Ada sings"');
    const twice = new StepTable([{ 'we call {name}': nothing }, { 'we call {name}': nothing }]);
    expect(() => twice.find('we call Ada')).toThrow('may mean');
  });

  it('may end with a point in time', () => {
    expect(splitTime('Ada calls us 2 days ago:', NOW_MS)).toEqual({
      words: 'Ada calls us',
      atMs: NOW_MS - 2 * 86_400_000,
    });
    expect(splitTime('Ada calls us', NOW_MS)).toEqual({ words: 'Ada calls us', atMs: undefined });
  });

  it('names a command in words', () => {
    expect(commandOf('open an opportunity')).toBe('OpenOpportunity');
    expect(commandOf('record a touch point')).toBe('RecordTouchPoint');
  });
});

describe('A cell', () => {
  it('is read by the schema of its field', () => {
    expect(valueOf('3', { type: 'integer' }, NOW_MS)).toBe(3);
    expect(valueOf('1', { type: 'string' }, NOW_MS)).toBe('1');
    expect(valueOf('a, b', { type: 'array' }, NOW_MS)).toEqual(['a', 'b']);
    expect(valueOf('1 day ago', { type: 'string', 'x-kind': 'date' }, NOW_MS)).toBe('2026-03-09');
    expect(valueOf('in 1 day', { 'type': 'string', 'x-kind': 'instant' }, NOW_MS)).toBe('2026-03-11T12:00:00.000Z'); // prettier-ignore
    expect(valueOf('12.50 EUR', { type: 'object' }, NOW_MS)).toEqual({ amountMinor: 1_250, currency: 'EUR' });
    expect(valueOf('[{"on": "on 1 day ago"}]', undefined, NOW_MS)).toEqual([{ on: '2026-03-09' }]);
  });

  it('is met or not by what is answered', () => {
    expect([meets(null, 'none'), meets(0, 'none'), meets(0, 'some'), meets(3, '3'), meets(3, 'at least 4')]).toEqual([true, false, true, true, false]); // prettier-ignore
    expect([meets({ amountMinor: 1_250, currency: 'EUR' }, '12.50 EUR'), meets(true, 'true'), meets('a b', 'contains b')]).toEqual([true, true, true]); // prettier-ignore
    const answer = { cases: [{ caseId: 'c-1', status: 'open' }, { caseId: 'c-2' }] };
    expect(at(answer, 'cases[caseId=c-1].status')).toBe('open');
    expect(unmet(answer, [['cases[0].status', 'closed']])).toEqual(['cases[0].status is open, not closed']);
    expect(missing(answer.cases, [['caseId'], ['c-2'], ['c-3']])).toEqual(['c-3']);
  });
});
