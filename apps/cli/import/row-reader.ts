import { parse, CsvError } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { CliError, EXIT } from '../exit-codes.js';
import { columnsOf, type Mapping } from './mapping.schema.js';
import type { Row } from './row-mapper.js';

/** Longest row accepted: a file of one endless line is refused, not read into memory. */
export const MAX_ROW_BYTES = 1 << 20;

export type ReadRow =
  Row | { readonly line: number; readonly raw: readonly string[]; readonly problem: string };

/** Called with the bytes read so far, for progress. */
export type OnBytes = (bytes: number) => void;

/**
 * Rows of a file, one after the other, never the whole file in memory. Empty lines are skipped; a row with the wrong
 * number of columns is a row with a problem. Throws exit 4 for a file that is not text of the named format, exit 2 for
 * one that is not there.
 */
export async function* readRows(
  file: string,
  mapping: Mapping,
  onBytes: OnBytes = () => undefined,
): AsyncGenerator<ReadRow> {
  const text = textOf(file, mapping.format.encoding ?? 'utf-8', onBytes);
  const rows = mapping.format.kind === 'csv' ? csvRows(text, mapping, file) : lineRows(text, mapping, file);
  let columns: readonly string[] | undefined = mapping.format.columns;
  let first = true;
  for await (const { line, cells } of rows) {
    if (first && mapping.format.header) {
      first = false;
      columns ??= cells;
      for (const name of columnsOf(mapping))
        if (!columns.includes(name))
          throw new CliError(
            EXIT.validation,
            `${file}: has no column "${name}"; its header names: ${columns.join(', ')}`,
          );
      continue;
    }
    first = false;
    if (cells.length !== columns!.length) {
      yield { line, raw: cells, problem: `${cells.length} columns instead of ${columns!.length}` };
      continue;
    }
    yield {
      line,
      raw: cells,
      cells: Object.fromEntries(columns!.map((name, index) => [name, cells[index]!])),
    };
  }
}

type Cells = { readonly line: number; readonly cells: readonly string[] };

async function* textOf(file: string, encoding: string, onBytes: OnBytes): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let bytes = 0;
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      throw new CliError(EXIT.validation, `${file}: is not ${encoding} text (near byte ${bytes})`);
    }
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    const text = decode(chunk);
    if (text.includes('\0')) throw new CliError(EXIT.validation, `${file}: is a binary file, not text`);
    bytes += chunk.length;
    onBytes(bytes);
    yield text;
  }
  const rest = decode();
  if (rest !== '') yield rest;
}

const tooLong = (file: string, line: number): CliError =>
  new CliError(EXIT.validation, `${file}: line ${line} is longer than ${MAX_ROW_BYTES} characters`);

async function* lineRows(text: AsyncIterable<string>, mapping: Mapping, file: string): AsyncGenerator<Cells> {
  const cellsOf =
    mapping.format.kind === 'fixedWidth'
      ? fixedWidthCells(mapping.format.widths!)
      : (line: string) => line.trim().split(/\s+/);
  let line = 0;
  let rest = '';
  const take = (content: string): Cells | undefined => {
    line++;
    if (content.length > MAX_ROW_BYTES) throw tooLong(file, line);
    const bare = content.endsWith('\r') ? content.slice(0, -1) : content;
    return bare.trim() === '' ? undefined : { line, cells: cellsOf(bare) };
  };
  for await (const chunk of text) {
    const pieces = (rest + chunk).split('\n');
    rest = pieces.pop()!;
    if (rest.length > MAX_ROW_BYTES) throw tooLong(file, line + pieces.length + 1);
    for (const piece of pieces) {
      const cells = take(piece);
      if (cells) yield cells;
    }
  }
  const last = take(rest);
  if (last) yield last;
}

const fixedWidthCells =
  (widths: readonly number[]) =>
  (line: string): string[] => {
    const cells: string[] = [];
    let start = 0;
    for (const width of widths) {
      cells.push(line.slice(start, start + width).trim());
      start += width;
    }
    // Text beyond the last column means that the widths are wrong: one cell too many makes it a bad row.
    if (line.slice(start).trim() !== '') cells.push(line.slice(start));
    return cells;
  };

async function* csvRows(text: AsyncIterable<string>, mapping: Mapping, file: string): AsyncGenerator<Cells> {
  const parser = parse({
    delimiter: mapping.format.delimiter ?? ',',
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_BYTES,
  });
  const source = Readable.from(text);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>)
      yield { line: info.lines, cells: record };
  } catch (error) {
    if (error instanceof CsvError) {
      const at = (error as unknown as { lines?: number }).lines;
      if (error.code === 'CSV_MAX_RECORD_SIZE') throw tooLong(file, at ?? 1);
      throw new CliError(
        EXIT.validation,
        `${file}: line ${at ?? '?'}: is not CSV (${csvReason(error.code)})`,
      );
    }
    throw error;
  } finally {
    source.destroy();
    parser.destroy();
  }
}

/** The parser's own message quotes the content, which may be personal. */
const csvReason = (code: string): string =>
  ({
    CSV_QUOTE_NOT_CLOSED: 'a quote is opened and not closed',
    CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote',
    INVALID_OPENING_QUOTE: 'a quote inside an unquoted value',
  })[code] ?? code.toLowerCase().replaceAll('_', ' ');
