import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../exit-codes.js';
import { parseMapping, type Mapping } from './mapping.schema.js';
import { MAX_ROW_BYTES, readRows, type ReadRow } from './row-reader.js';
import { RejectsFile, safeCsvCell } from './rejects-file.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rapport-rows-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const mappingFor = (format: object): Mapping =>
  parseMapping(
    {
      name: 'rows',
      format,
      command: 'RecordTouchPoint',
      sourceSystem: 'shop',
      customer: { identifier: 'customerNo', column: 'who' },
      sourceEventId: { column: 'id' },
      occurredAt: { column: 'day', as: 'instant', format: 'iso' },
      channel: 'web',
      fields: {},
    },
    'rows',
  );
const columns = ['who', 'id', 'day'];

async function read(content: string | Buffer, format: object): Promise<ReadRow[]> {
  const file = join(folder, 'rows.txt');
  writeFileSync(file, content);
  const rows: ReadRow[] = [];
  for await (const row of readRows(file, mappingFor(format))) rows.push(row);
  return rows;
}
const cellsOf = (rows: readonly ReadRow[]) =>
  rows.map((row) => ('problem' in row ? row.problem : Object.values(row.cells)));
async function failure(content: string | Buffer, format: object): Promise<CliError> {
  try {
    await read(content, format);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('Rows of a file', () => {
  it('are read from blank-separated lines with any line end, empty lines skipped', async () => {
    const rows = await read(' 1  a 2026-01-01\r\n\r\n 2  b 2026-01-02', { kind: 'blankSeparated', columns });
    expect(cellsOf(rows)).toEqual([
      ['1', 'a', '2026-01-01'],
      ['2', 'b', '2026-01-02'],
    ]);
    expect(rows.map(({ line }) => line)).toEqual([1, 3]);
  });

  it('are read from columns of fixed width', async () => {
    const rows = await read('Ada L.a 2026-01-01\nBob   bb2026-01-02\nBob   bb2026-01-02!\n', {
      kind: 'fixedWidth', columns, widths: [6, 2, 10],
    }); // prettier-ignore
    expect(cellsOf(rows)).toEqual([
      ['Ada L.', 'a', '2026-01-01'],
      ['Bob', 'bb', '2026-01-02'],
      '4 columns instead of 3',
    ]);
  });

  it('are read from CSV with quotes, byte-order mark and line breaks inside a cell', async () => {
    const rows = await read('\ufeffwho,id,day\n"a ""b""\nc",1,2026-01-01\n', { kind: 'csv', header: true });
    expect(cellsOf(rows)).toEqual([['a "b"\nc', '1', '2026-01-01']]);
  });

  it('with too few or too many columns are rows with a problem, with their line', async () => {
    const rows = await read('who,id,day\n1,2\n1,2,3,4\n1,2,3\n', { kind: 'csv', header: true });
    expect(cellsOf(rows)).toEqual(['2 columns instead of 3', '4 columns instead of 3', ['1', '2', '3']]);
    expect(rows.map(({ line }) => line)).toEqual([2, 3, 4]);
  });

  it.each([
    ['a binary file', Buffer.from([0x31, 0, 0x32]), { kind: 'csv', columns }, 'binary'],
    ['text that is not UTF-8', Buffer.from([0x31, 0xff, 0xfe]), { kind: 'csv', columns }, 'utf-8'],
    ['an endless CSV cell', `"${'x'.repeat(MAX_ROW_BYTES + 10)}`, { kind: 'csv', columns }, 'longer than'],
    ['an endless line', 'x'.repeat(MAX_ROW_BYTES + 10), { kind: 'blankSeparated', columns }, 'longer than'],
    ['a quote that is never closed', '"a,b,c\nd,e,f\n', { kind: 'csv', columns }, 'not closed'],
    [
      'a header without a needed column',
      'who,id\n1,2\n',
      { kind: 'csv', header: true },
      'has no column "day"',
    ],
  ])('refuse %s with one line and exit code 4', async (_what, content, format, expected) => {
    const error = await failure(content, format);
    expect(error.exitCode).toBe(4);
    expect(error.message).toContain(expected);
  });
});

describe('The rejects file', () => {
  it.each([
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\tx', `"'\tx"`],
    ['\rx', `"'\rx"`],
    ['a "b"', '"a ""b"""'],
    ['plain', '"plain"'],
  ])('writes %j so that no spreadsheet runs it', (text, expected) => {
    expect(safeCsvCell(text)).toBe(expected);
  });

  it('appears with the first reject only and replaces the one of an earlier run', () => {
    const path = join(folder, 'x.rejects.csv');
    writeFileSync(path, 'old');
    const rejects = new RejectsFile(path);
    rejects.start();
    expect(() => readFileSync(path)).toThrow('ENOENT');
    rejects.add(7, 'BAD_DATE', 'day is not a date', ['=cmd', 'b']);
    rejects.close();
    expect(readFileSync(path, 'utf8')).toBe(
      `"line","code","reason","row"\r\n"7","BAD_DATE","day is not a date","'=cmd","b"\r\n`,
    );
  });
});
