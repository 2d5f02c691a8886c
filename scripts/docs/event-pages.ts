import { EVENT_CONTRACTS } from '@rapport/contracts';
import type { AnyProjection } from '@rapport/projection-engine';
import { rowsOf, table } from './schema-rows.js';

const KINDS: Readonly<Record<string, string>> = {
  fact: 'fact',
  ruleDecision: 'decision of the rules',
  manualDecision: 'decision of a person',
};

/** Projections and processes that an event reaches; decisions know every event of their stream besides. */
function usersOf(category: string, projections: readonly string[], processes: readonly string[]): string {
  if (category === 'model') return 'every query that needs a fit';
  const users = [
    ...projections.map((name) => `[${name}](projections.md#${name})`),
    ...processes.map((name) => `the process ${name}`),
  ];
  return users.length > 0 ? users.join(', ') : `decisions that ask the ${category} itself`;
}

/** docs/reference/events.md */
export function eventsPage(
  projections: readonly AnyProjection[],
  processes: readonly { readonly name: string; readonly events: readonly string[] }[],
): string {
  const contracts = [...EVENT_CONTRACTS.values()];
  const areas = [...new Set(contracts.map((contract) => contract.area))];
  const readersOf = (type: string): string[] =>
    projections
      .filter((projection) => projection.events === '*' || projection.events.includes(type as never))
      .map((projection) => projection.name);
  const overview = areas.flatMap((area) =>
    contracts
      .filter((contract) => contract.area === area)
      .map((contract) => [
        area,
        `[${contract.type}](#${contract.type.toLowerCase()})`,
        KINDS[contract.kind] ?? contract.kind,
        contract.meaning,
      ]),
  );
  const sections = areas.map((area) => {
    const events = contracts
      .filter((contract) => contract.area === area)
      .map((contract) => {
        const personal = new Set(contract.personal.map((field) => field.path));
        const readers = contract.category === 'model' ? [] : readersOf(contract.type);
        const reacting = processes
          .filter(({ events: types }) => types.includes(contract.type))
          .map(({ name }) => name);
        const fields = rowsOf(contract.schema as Parameters<typeof rowsOf>[0]).map((row) => [
          `\`${row.path}\`${row.required ? '' : '?'}`,
          row.type,
          `${row.description.replace(/ \(personal\)/, '')}${personal.has(row.path) ? ' **personal**' : ''}`,
        ]);
        return [
          `### ${contract.type}`,
          '',
          contract.meaning,
          '',
          `Version ${contract.version} · ${KINDS[contract.kind] ?? contract.kind} · stream \`${contract.category}-<id>\` · serves ${contract.rows.join(', ')}`,
          `Recorded by: ${contract.emittedBy.join(', ')}`,
          `Used by: ${usersOf(contract.category, readers, reacting)}`,
          '',
          table(['field', 'type', 'meaning'], fields),
          '',
          '```json',
          JSON.stringify(contract.example, null, 2),
          '```',
          '',
        ].join('\n');
      });
    return [`## ${area}`, '', ...events].join('\n');
  });
  return [
    '# Events',
    '',
    'What the log can hold: the latest version of each type, as every reader sees it. The rows S1–S20 are in',
    '[the requirements](../explanation/requirements.md); what surrounds the data is in [the envelope](#the-envelope).',
    'A field marked **personal** is stored as a token and opened only at the edge; a field with `?` may be absent.',
    '',
    table(['area', 'event', 'kind', 'meaning'], overview),
    '',
    '## The envelope',
    '',
    'Every event carries: `eventId` (uuid v5 of stream, command key, type and index), `type`, `schemaVersion`, `streamId`,',
    '`revision` (place in the stream), `position` (place in the log), `occurredAt` (business time), `recordedAt` (when we',
    'came to know it), `sourceSystem`, `sourceEventId?`, `sourceSeq?`, `sentAt?`, `channel`, `actor`, `correlationId`,',
    '`causationId`, `commandKey`, `ruleBookVersion?` and `late?` (the fact lies behind the business clock of its stream).',
    'Instants are ISO-8601 UTC; money is `{ amountMinor, currency }` in the minor unit of the currency.',
    '',
    ...sections,
  ].join('\n');
}
