import ts from 'typescript';
import { ERROR_CATALOGUE } from '@rapport/contracts';
import { filesUnder, readSource } from '../architecture/source-files.js';

const CATALOGUE_FILE = 'libs/contracts/errors/error-catalogue.ts';
const LOOKS_LIKE_A_CODE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;

/** String literals of a source text, comments left out; with `answering` those that only stand in a list left out too. */
function literalsOf(file: string, text: string, answering = false): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) found.push(node.text);
    ts.forEachChild(node, (child) => {
      if (answering && ts.isArrayLiteralExpression(node) && ts.isStringLiteral(child)) return;
      visit(child);
    });
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022));
  return found;
}

const shipped = filesUnder(['apps', 'libs', 'projections']).filter(
  (file) =>
    file.endsWith('.ts') && !/\.(spec|contract|builder)\.ts$/.test(file) && !file.startsWith('libs/testing/'),
);
const literals = shipped.map((file) => ({ file, values: literalsOf(file, readSource(file)) }));

describe('The error catalogue', () => {
  // The command line only reads codes; whoever answers them stands behind the API.
  const used = new Set(
    shipped
      .filter((file) => file !== CATALOGUE_FILE && !file.startsWith('apps/cli/'))
      .flatMap((file) => literalsOf(file, readSource(file), true)),
  );

  it.each(Object.keys(ERROR_CATALOGUE))('has no dead code: %s is answered somewhere', (code) => {
    expect(used.has(code)).toBe(true);
  });

  it('has every code that the domain refuses with', () => {
    const unknown = literals
      .filter(({ file }) => file.startsWith('libs/domain/'))
      .flatMap(({ file, values }) => values.map((value) => ({ file, value })))
      .filter(({ value }) => LOOKS_LIKE_A_CODE.test(value) && !(value in ERROR_CATALOGUE));
    expect(unknown).toEqual([]);
  });

  it('says for each code what it means and what to do', () => {
    for (const [code, { status, title, remedy }] of Object.entries(ERROR_CATALOGUE)) {
      expect(code).toMatch(/^[A-Z][A-Z_]*$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title).toMatch(/^[A-Za-z].*[^.]$/);
      expect(remedy).toMatch(/\.$/);
    }
  });

  it('would notice a code nobody knows', () => {
    expect(literalsOf('x.ts', "refuse('NO_SUCH_CODE', 'A sentence.') // 'IN_A_COMMENT'")).toEqual([
      'NO_SUCH_CODE',
      'A sentence.',
    ]);
  });
});
