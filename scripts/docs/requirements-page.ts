import { DATA_EXPORT } from '../../apps/api/customer/privacy/privacy.routes.js';
import { EVENT_CONTRACTS } from '@rapport/contracts';
import { AGGREGATE_AREAS } from '../../apps/api/aggregates/aggregate.routes.js';
import { COMMAND_AREAS, ROUTE_OF_COMMAND } from '../../apps/api/customer/customer-command.controllers.js';
import { IDENTITY_PATHS } from '../../apps/api/identity/identity.controller.js';
import { READ_ROUTES } from '../../apps/api/reads/read.routes.js';
import type { Feature } from '../../test/acceptance/feature-files.js';
import { table } from './schema-rows.js';

/** What serves one requirement row: every list holds something, or the row is a promise without software. */
export interface RequirementRow {
  readonly row: string;
  readonly requirement: string;
  readonly features: readonly Feature[];
  readonly commands: readonly string[];
  readonly events: readonly string[];
  /** `POST /v1/customers/{ref}/purchases` */
  readonly endpoints: readonly string[];
  readonly readModels: readonly string[];
}

/** Rows and their texts as `docs/explanation/requirements.md` has them. */
export function requirementsIn(page: string): readonly (readonly [row: string, requirement: string])[] {
  return [...page.matchAll(/^\| (S\d+) \| (.+) \|$/gm)].map(([, row, text]) => [row!, text!] as const);
}

/** Where each command is sent. */
function endpointsByCommand(): ReadonlyMap<string, string> {
  const customer = [...ROUTE_OF_COMMAND.values(), DATA_EXPORT].map(
    ({ command, path }) =>
      [command, command === 'RegisterCustomer' ? '/v1/customers' : `/v1/customers/{ref}/${path}`] as const,
  );
  const others = AGGREGATE_AREAS.flatMap(({ collection, routes }) =>
    routes.map(({ command, path }) => [command, `/v1/${collection}${path === '' ? '' : `/${path}`}`] as const),
  );
  return new Map(
    [...customer, ...others, ...Object.entries(IDENTITY_PATHS)].map(([command, path]) => [command, `POST ${path.replaceAll(/:(\w+)/g, '{$1}')}`]),
  );
} // prettier-ignore

const ASKED = /\bask ([a-z0-9-]+)\/([a-z0-9-]+)/;
/** Sentences that ask a read model without naming it. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/'s record\b/, 'customer-360/customer'],
  [/'s history\b/, 'contact-history/history'],
];
/** Sentences that ask what is in no read model, or in one under another name. */
const OTHER_SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/\bcustomers are looked for/, '/v1/customers'],
  [/\bask who may be one/, '/v1/identity/candidates'],
  [/\bask what merging/, '/v1/customers/{ref}/merge-preview'],
  [/\bask what taking the latest merge/, '/v1/customers/{ref}/unmerge-preview'],
  [/\bask why/, '/v1/customers/{ref}/decisions/{eventId}'],
  [/\brules of every version/, '/v1/rule-books'],
  [/\blist by risk/, '/v1/lists/by-risk'],
];

/** Questions a feature asks, as `<projection>/<query>`. */
export const questionsOf = (feature: Feature): string[] =>
  feature.scenarios.flatMap(({ steps }) =>
    steps.flatMap(({ text }) => {
      const asked = ASKED.exec(text);
      if (asked) return [`${asked[1]}/${asked[2]}`];
      return SENTENCES.filter(([pattern]) => pattern.test(text)).map(([, question]) => question);
    }),
  );

const otherPathsOf = (feature: Feature): string[] =>
  feature.scenarios.flatMap(({ steps }) =>
    steps.flatMap(({ text }) => OTHER_SENTENCES.filter(([pattern]) => pattern.test(text)).map(([, path]) => `GET ${path}`)),
  ); // prettier-ignore

const unique = (values: readonly string[]): string[] => [...new Set(values)].sort();

/**
 * Row by row: its features, the events that say they serve it, the commands that record them, the routes of these
 * commands, and the read models its features ask. Nothing of it is written down a second time.
 */
export function requirementRows(page: string, features: readonly Feature[]): readonly RequirementRow[] {
  const endpoints = endpointsByCommand();
  return requirementsIn(page).map(([row, requirement]) => {
    const own = features.filter((feature) => feature.row === row);
    const contracts = [...EVENT_CONTRACTS.values()].filter((contract) => contract.rows.includes(row));
    const commands = unique(contracts.flatMap(({ emittedBy }) => emittedBy)).filter((name) => endpoints.has(name));
    const questions = unique(own.flatMap(questionsOf));
    const reads = questions.map((question) => {
      const named = READ_ROUTES.find(({ projection, query }) => `${projection}/${query}` === question);
      return `GET /v1/${(named?.path ?? `read-models/${question}`).replace(':ref', '{ref}')}`;
    });
    return {
      row,
      requirement,
      features: own,
      commands,
      events: unique(contracts.map(({ type }) => type)),
      endpoints: [...unique(commands.map((name) => endpoints.get(name)!)), ...reads, ...unique(own.flatMap(otherPathsOf))],
      readModels: unique(questions.map((question) => question.split('/')[0]!)),
    };
  });
} // prettier-ignore

/** Names of the lists of a row that hold nothing. */
export const emptyCells = (row: RequirementRow): string[] =>
  (['features', 'commands', 'events', 'endpoints', 'readModels'] as const)
    .filter((cell) => row[cell].length === 0)
    .map((cell) => `${row.row} ${cell}`);

/** Commands that no row can name: recorded by nothing that says which row it serves. */
export function commandsOfNoRow(rows: readonly RequirementRow[]): string[] {
  const named = new Set(rows.flatMap(({ commands }) => commands));
  return [
    ...COMMAND_AREAS.flatMap(({ routes }) => routes),
    ...AGGREGATE_AREAS.flatMap(({ routes }) => routes),
  ]
    .map(({ command }) => command as string)
    .filter((command) => !named.has(command));
}

/** docs/reference/requirements.md */
export function requirementsPage(rows: readonly RequirementRow[]): string {
  const code = (values: readonly string[]): string => values.map((value) => `\`${value}\``).join('<br>');
  const event = (type: string): string => `[${type}](events.md#${type.toLowerCase()})`;
  const sections = rows.flatMap((row) => [
    `## ${row.row}`,
    '',
    row.requirement,
    '',
    table(
      ['', ''],
      [
        [
          'feature',
          row.features
            .map((f) => `[${f.name}](../../${f.file}) (${f.scenarios.length} ${f.scenarios.length === 1 ? 'scenario' : 'scenarios'})`)
            .join(', '),
        ],
        ['commands', row.commands.join(', ')],
        ['events', row.events.map(event).join(', ')],
        ['endpoints', code(row.endpoints)],
        ['read models', row.readModels.map((name) => `[${name}](projections.md#${name})`).join(', ')],
      ],
    ),
    '',
  ]);
  return [
    '# Requirements and what serves them',
    '',
    'Each row of [the requirements](../explanation/requirements.md) with the feature that proves it (`npm run',
    'test:acceptance`), the events that say they serve it, the commands that record these, where they are sent, and the',
    'read models the feature asks.',
    '',
    ...sections,
  ].join('\n');
} // prettier-ignore
