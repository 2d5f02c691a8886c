import ts from 'typescript';
import { dirname, join } from 'node:path';
import {
  ADAPTER_DRIVERS,
  ARROWS,
  EDGE_PACKAGES,
  ZONES,
  type Arrow,
  type Zone,
} from './dependency-arrows.table.js';
import { filesUnder, readSource } from './source-files.js';

export interface Violation {
  readonly file: string;
  readonly imported: string;
  readonly sentence: string;
}

/** One import as written, with the names taken from it (`*` for a whole module, an import() or a re-export of all). */
interface Import {
  readonly specifier: string;
  readonly names: readonly string[];
}

const PURE_ZONES: readonly Zone[] = ['domain', 'analytics', 'projections'];
const ALIAS = /^@rapport\/([a-z-]+)$/;

/** The zone a file belongs to; undefined for files of no zone (configuration at the top). */
export function zoneOf(file: string): Zone | undefined {
  const [top, second] = file.split('/');
  if (top === 'projections' || top === 'apps') return top;
  if (top === 'test' || top === 'scripts') return 'test';
  if (top === 'libs') return ZONES.find((zone) => zone === second);
  return undefined;
}

/** Specs and port suites are test code wherever they stand: they may use test equipment and adapters. */
const isTestCode = (file: string): boolean =>
  /\.(spec|contract|builder|bench)\.ts$/.test(file) || zoneOf(file) === 'test' || zoneOf(file) === 'testing';

const matches = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );

/** Every import, dynamic import, require and re-export of a source text. */
export function importsOf(file: string, text: string): readonly Import[] {
  const specifiers = ts.preProcessFile(text, true, true).importedFiles.map((imported) => imported.fileName);
  const named = new Map<string, string[]>();
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, false);
  for (const statement of source.statements) {
    const from =
      (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) && statement.moduleSpecifier;
    if (!from || !ts.isStringLiteral(from)) continue;
    const names = named.get(from.text) ?? [];
    named.set(from.text, names);
    if (ts.isImportDeclaration(statement)) {
      const bindings = statement.importClause?.namedBindings;
      if (bindings && ts.isNamedImports(bindings))
        names.push(...bindings.elements.map((element) => (element.propertyName ?? element.name).text));
      else names.push('*');
    } else if (statement.exportClause && ts.isNamedExports(statement.exportClause))
      names.push(
        ...statement.exportClause.elements.map((element) => (element.propertyName ?? element.name).text),
      );
    else names.push('*');
  }
  return [...new Set(specifiers)].map((specifier) => ({ specifier, names: named.get(specifier) ?? ['*'] }));
}

const relativeTarget = (file: string, specifier: string): string =>
  join(dirname(file), specifier).replaceAll('\\', '/').replace(/\.js$/, '.ts');

const declaredNames = (source: ts.SourceFile): string[] =>
  source.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap((declaration) =>
        ts.isIdentifier(declaration.name) ? [declaration.name.text] : [],
      );
    const { name } = statement as { name?: ts.Identifier };
    return name && ts.isIdentifier(name) ? [name.text] : [];
  });

/** Which file declares each name that a zone's index gives out. */
export function publicSurfaceOf(
  zone: Zone,
  read: (file: string) => string = readSource,
): ReadonlyMap<string, string> {
  const surface = new Map<string, string>();
  const visit = (file: string, only: readonly string[] | undefined): void => {
    const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022, false);
    for (const name of declaredNames(source)) if (!only || only.includes(name)) surface.set(name, file);
    for (const statement of source.statements) {
      if (!ts.isExportDeclaration(statement) || !statement.moduleSpecifier) continue;
      const specifier = (statement.moduleSpecifier as ts.StringLiteral).text;
      if (!specifier.startsWith('.')) continue;
      const target = relativeTarget(file, specifier);
      const { exportClause } = statement;
      if (!exportClause) visit(target, only);
      else if (ts.isNamedExports(exportClause))
        visit(
          target,
          exportClause.elements.map((element) => (element.propertyName ?? element.name).text),
        );
    }
  };
  visit(zone === 'projections' ? 'projections/index.ts' : `libs/${zone}/index.ts`, undefined);
  return surface;
}

const surfaces = new Map<Zone, ReadonlyMap<string, string>>();
const surfaceOf = (zone: Zone): ReadonlyMap<string, string> => {
  const known = surfaces.get(zone) ?? publicSurfaceOf(zone);
  surfaces.set(zone, known);
  return known;
};

const adapterFolderOf = (file: string): string | undefined => {
  const folder = /^libs\/[a-z-]+\/([a-z-]+)\//.exec(file)?.[1];
  return folder !== undefined && folder in ADAPTER_DRIVERS ? folder : undefined;
};
const DRIVERS = Object.values(ADAPTER_DRIVERS).filter((driver) => driver !== undefined);

function sentenceAgainst(file: string, { specifier, names }: Import): string | undefined {
  const zone = zoneOf(file);
  if (!zone) return undefined;
  const arrow = ARROWS.find((row) => row.zone === zone) as Arrow;
  const own =
    zone === 'apps' ? file.split('/').slice(0, 2).join('/') : zone === 'projections' ? zone : undefined;

  if (specifier.startsWith('.')) {
    const target = relativeTarget(file, specifier);
    const targetZone = zoneOf(target);
    if (targetZone === 'apps' && isTestCode(file)) return undefined; // apps have no alias
    if (targetZone !== zone)
      return `Another lib is imported through its alias (@rapport/<lib>), never by a path. ${arrow.sentence}`;
    if (own && zone === 'apps' && !target.startsWith(`${own}/`)) return arrow.sentence;
    if (zone === 'projections' && file.split('/').length > 2) {
      const [, mine] = file.split('/');
      const [, theirs] = target.split('/');
      if (mine !== theirs && theirs !== '_parts' && !isTestCode(file)) return arrow.sentence;
    }
    return undefined;
  }

  if (specifier.startsWith('@rapport/')) {
    const target = ZONES.find((name) => name === ALIAS.exec(specifier)?.[1]);
    if (!target) return 'A lib is imported as @rapport/<lib>, never by a deep path.';
    if (target === zone) return 'Inside a lib, imports are relative.';
    if (isTestCode(file)) return undefined;
    if (!arrow.mayImport.includes(target)) return arrow.sentence;
    const allowedFiles = arrow.onlyFrom?.[target];
    if (allowedFiles)
      for (const name of names) {
        const declaredIn = surfaceOf(target).get(name);
        if (name === '*' || (declaredIn !== undefined && !allowedFiles.test(declaredIn)))
          return `${name === '*' ? 'Everything' : name}${declaredIn ? ` (${declaredIn})` : ''} is more than it may see. ${arrow.sentence}`;
      }
    return undefined;
  }

  if (isTestCode(file)) return undefined;
  const folder = adapterFolderOf(file);
  if (DRIVERS.includes(specifier)) {
    if (folder && ADAPTER_DRIVERS[folder] === specifier) return undefined;
    return folder
      ? `An adapter folder brings exactly one driver; ${folder}/ brings ${ADAPTER_DRIVERS[folder] ?? 'none'}.`
      : `A driver is known only inside its adapter folder. ${arrow.sentence}`;
  }
  if (arrow.packages && !matches(specifier, arrow.packages)) return arrow.sentence;
  if (PURE_ZONES.includes(zone) && specifier.startsWith('node:') && !arrow.packages?.includes(specifier))
    return arrow.sentence;
  if (zone !== 'apps' && zone !== 'platform' && matches(specifier, EDGE_PACKAGES))
    return `NestJS and its companions are known at the edges only. ${arrow.sentence}`;
  return undefined;
}

/** What a file imports against the arrows. */
export function violationsOf(file: string, text: string): readonly Violation[] {
  return importsOf(file, text).flatMap((imported) => {
    const sentence = sentenceAgainst(file, imported);
    return sentence ? [{ file, imported: imported.specifier, sentence }] : [];
  });
}

/** Every TypeScript file that the arrows speak about. */
export const arrowFiles = (): readonly string[] =>
  filesUnder(['apps', 'libs', 'projections', 'scripts', 'test']).filter((file) => file.endsWith('.ts'));

/** The zones that shipped files of each zone import. */
export function zoneGraph(files: readonly string[]): ReadonlyMap<Zone, ReadonlySet<Zone>> {
  const graph = new Map<Zone, Set<Zone>>();
  for (const file of files) {
    const zone = zoneOf(file);
    if (!zone || isTestCode(file)) continue;
    const targets = graph.get(zone) ?? new Set<Zone>();
    graph.set(zone, targets);
    for (const { specifier } of importsOf(file, readSource(file))) {
      const target = ALIAS.exec(specifier)?.[1] as Zone | undefined;
      if (target && target !== zone) targets.add(target);
    }
  }
  return graph;
}

/** One cycle of the graph as a path that ends where it starts; undefined when there is none. */
export function cycleIn<Node>(graph: ReadonlyMap<Node, ReadonlySet<Node>>): readonly Node[] | undefined {
  const done = new Set<Node>();
  const walk = (node: Node, path: readonly Node[]): readonly Node[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const cycle = walk(next, [...path, node]);
      if (cycle) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = walk(node, []);
    if (cycle) return cycle;
  }
  return undefined;
}
