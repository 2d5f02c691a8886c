import { ERROR_CATALOGUE } from '@rapport/contracts';
import type { AnyProjection } from '@rapport/projection-engine';
import { rowsOf, table } from './schema-rows.js';

const namesOf = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** docs/reference/errors.md */
export function errorsPage(): string {
  const rows = Object.entries(ERROR_CATALOGUE)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, entry]) => [`\`${code}\``, String(entry.status), entry.title, entry.remedy]);
  return [
    '# Errors',
    '',
    'Every refusal and failure is an RFC 9457 problem (`application/problem+json`) with a stable `code`. A refusal of the',
    'rules also carries `wayOut` (what, once recorded, would make it possible), `earliestAt` where waiting is enough, and',
    '`ruleBookVersion`. Wrong input lists each place under `errors` (`pointer`, `code`, `message`).',
    '',
    table(['code', 'status', 'what it means', 'what to do'], rows),
    '',
  ].join('\n');
}

/** docs/reference/config.md */
export function configPage(
  variables: readonly {
    readonly name: string;
    readonly unit: string;
    readonly defaultValue: string;
    readonly description: string;
    readonly apps: readonly string[];
  }[],
): string {
  return [
    '# Configuration',
    '',
    'Environment variables, read once at the start. A value that cannot be used, or a missing one that is required, stops',
    'the start with one line that names the variable; values are never shown. Durations are milliseconds, rates and shares are fractions (0.10 is 10 %).',
    '',
    table(
      ['variable', 'read by', 'unit', 'default', 'meaning'],
      variables.map((v) => [
        `\`${v.name}\``,
        v.apps.join(', '),
        v.unit.replaceAll('|', '\\|'),
        `\`${v.defaultValue}\``,
        v.description,
      ]),
    ),
    '',
  ].join('\n');
}

/** docs/reference/projections.md */
export function projectionsPage(projections: readonly AnyProjection[]): string {
  const sections = projections.map((projection) => {
    const queries = (projection.queries ?? []).map((query) => {
      const params = rowsOf(query.params as Parameters<typeof rowsOf>[0]).map(
        (row) =>
          `\`${row.path}\`${row.required ? '' : '?'} (${row.type}${row.description ? `: ${row.description}` : ''})`,
      );
      return [`\`${query.name}\``, query.scope, query.question, params.join('<br>') || '–'];
    });
    return [
      `## ${projection.name}`,
      '',
      projection.question,
      '',
      `Version ${projection.version} · [folder](../../projections/${projection.name}/)`,
      '',
      `Events: ${projection.events === '*' ? 'every event of customer streams' : [...projection.events].join(', ')}`,
      `Sorted by: ${namesOf(projection.sortedBy ?? Object.keys(projection.indexes ?? {})) || 'the key only'}`,
      '',
      `Filtered, grouped and summed by: ${namesOf(Object.keys(projection.indexes ?? {})) || 'the key only'}`,
      '',
      table(['query', 'about', 'question', 'parameters'], queries),
      '',
    ].join('\n');
  });
  return [
    '# Projections',
    '',
    'Every read model the registry `projections/index.ts` knows. A query is `GET /v1/read-models/<projection>/<query>`;',
    'every answer says version, generation, position and `asOf`.',
    '',
    ...sections,
  ].join('\n');
}

/** The part of an OpenAPI document that the routes page shows. */
export interface OpenApi {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly summary?: string;
            readonly tags?: readonly string[];
            readonly 'x-roles'?: readonly string[];
          }
        >
      >
    >
  >;
}

const rolesOf = (path: string, operation: { readonly 'x-roles'?: readonly string[] }): string => {
  const roles = operation['x-roles'];
  if (!roles) throw new Error(`${path} does not say who may call it`);
  return roles.join(', ');
};

/** docs/reference/http.md */
export function httpPage(document: OpenApi): string {
  const rows = Object.entries(document.paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
    )
    .sort((a, b) => (a.path === b.path ? (a.method < b.method ? -1 : 1) : a.path < b.path ? -1 : 1))
    .map(({ path, method, operation }) => [
      method,
      `\`${path}\``,
      rolesOf(path, operation),
      operation.summary ?? '',
    ]);
  return [
    '# HTTP routes',
    '',
    'The running service shows the whole document, with schemas and examples, at `/docs` (OpenAPI 3.1 at',
    '`/docs/openapi.json`). A token with one of the roles may call the route; the owner may call all. `/health`, `/metrics`',
    'and `/docs` need no token.',
    '',
    table(['method', 'path', 'roles', 'what it does'], rows),
    '',
  ].join('\n');
}

/** docs/reference/cli.md */
export function cliPage(helps: readonly { readonly command: string; readonly text: string }[]): string {
  return [
    '# Command line',
    '',
    'Run it as `npm run -s cli -- <command>`, or as `rapport <command>` where the package is linked.',
    '',
    ...helps.flatMap(({ command, text }) => [`## ${command}`, '', '```text', text.trimEnd(), '```', '']),
  ].join('\n');
}
