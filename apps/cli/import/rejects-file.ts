import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';

/**
 * One CSV cell that no spreadsheet takes for a formula: always quoted, and `'` before = + - @ tab and line ends
 * (OWASP, CSV injection).
 */
export function safeCsvCell(text: string): string {
  const guarded = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${guarded.replaceAll('"', '""')}"`;
}

/** Rows that were not taken: `line,code,reason` and the row as it stood. Holds raw input, so only its owner may read it. */
export class RejectsFile {
  private descriptor: number | undefined;
  count = 0;

  constructor(readonly path: string) {}

  /** Removes the rejects of an earlier run of the same import. */
  start(): void {
    if (existsSync(this.path)) rmSync(this.path);
  }

  add(line: number, code: string, reason: string, raw: readonly string[]): void {
    if (this.descriptor === undefined) {
      this.descriptor = openSync(this.path, 'w', 0o600);
      this.write(['line', 'code', 'reason', 'row']);
    }
    this.count++;
    this.write([String(line), code, reason, ...raw]);
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private write(cells: readonly string[]): void {
    writeSync(this.descriptor!, `${cells.map(safeCsvCell).join(',')}\r\n`);
  }
}
