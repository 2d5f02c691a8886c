import { PREDICATES, type RuleBookDocument } from '@rapport/domain';
import { rowsOf, table } from './schema-rows.js';

type Condition = Readonly<Record<string, unknown>>;

const valueInWords = (value: unknown): string => {
  if (Array.isArray(value)) return value.join('+');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${String(inner)}`)
    .join(' ');
};

/** A condition of the rule book in words: `inboundTouchDays (days 2, withinDays 90)`. */
function inWords(condition: Condition, nested = false): string {
  const list = (name: string): string[] =>
    (condition[name] as Condition[]).map((part) => inWords(part, true));
  const group = (parts: readonly string[], word: string): string => {
    const joined = parts.join(` **${word}** `);
    return nested && parts.length > 1 ? `(${joined})` : joined;
  };
  if ('all' in condition) return group(list('all'), 'and');
  if ('any' in condition) return group(list('any'), 'or');
  if ('of' in condition) return `**at least ${String(condition.atLeast)} of** (${list('of').join(', ')})`;
  if ('not' in condition) return `**not** ${inWords(condition.not as Condition, true)}`;
  const thresholds = Object.entries((condition.with as Condition | undefined) ?? {}).map(
    ([name, value]) => `${name} ${valueInWords(value)}`,
  );
  return `\`${String(condition.is)}\`${thresholds.length > 0 ? ` (${thresholds.join(', ')})` : ''}`;
}

const tableIfAny = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  rows.length > 0 ? [table(head, rows), ''] : [];

const strategicSentence = ({ strategicAccounts }: RuleBookDocument): string =>
  `A candidate for a strategic account has need level ${strategicAccounts.candidateFromNeedLevel} or more; a strategic account has ${strategicAccounts.strategicFromNeedLevel} or more and one of: ${strategicAccounts.evidence.join(', ')}. Revenue is never asked.`;

/** docs/reference/rules.md */
export function rulesPage(book: RuleBookDocument): string {
  const roleSets = book.roleSets.flatMap((set) => [
    `## Guards for ${set.name}`,
    '',
    `Applies to: ${set.appliesTo.join(', ')}.${set.extends ? ` Where nothing is said here, as for ${set.extends}.` : ''}`,
    '',
    ...tableIfAny(
      ['guard', 'asks for', 'as data'],
      Object.entries(set.guards).map(([name, guard]) => [
        name,
        guard.sentence,
        inWords(guard.when as Condition),
      ]),
    ),
    ...tableIfAny(
      ['from', 'to', 'guard', 'by'],
      Object.entries(set.exits).flatMap(([from, exits]) =>
        (exits as readonly { to: string; guard: string; automatic?: boolean }[]).map((exit) => [
          from,
          exit.to === 'before' ? 'the stage held before, at most' : exit.to,
          exit.guard,
          exit.automatic === false ? 'a person' : 'rule or person',
        ]),
      ),
    ),
  ]);
  const needsOf = (needs: readonly { rule: string; sentence: string; when: unknown }[]): string =>
    needs
      .map((need) => `\`${need.rule}\`: ${inWords(need.when as Condition)}; else “${need.sentence}”`)
      .join('<br>');
  const offers = Object.entries(book.offers.stages).flatMap(([stage, kinds]) =>
    Object.entries(kinds as Record<string, { needs: Parameters<typeof needsOf>[0] }>).map(
      ([kind, { needs }]) => [stage, kind, needsOf(needs) || 'nothing more'],
    ),
  );
  const predicates = [...PREDICATES.values()].map((predicate) => [
    `\`${predicate.name}\``,
    predicate.meaning,
    rowsOf(predicate.params as Parameters<typeof rowsOf>[0])
      .map((row) => `\`${row.path}\` ${row.type}${row.description ? ` (${row.description})` : ''}`)
      .join('<br>') || '–',
  ]);
  return [
    '# Rules',
    '',
    `The rule book the product ships with, version \`${book.version}\`: ${book.objective}`,
    'It is data (`libs/domain/rule-book/default.rule-book.json`); `RAPPORT_RULE_BOOK_FILE` names another one.',
    '',
    table(
      ['severity of a case', 'hours to resolve it'],
      Object.entries(book.slaHoursBySeverity).map(([s, h]) => [s, String(h)]),
    ),
    '',
    table(
      ['level of service', 'hours to resolve a case, where the severity gives no fewer'],
      book.serviceLevels.map(({ level, slaHours }) => [level, String(slaHours)]),
    ),
    '',
    'Classes (S10), value first: high value is 3 when a high grade of service is wanted, else 4; low value is 2 with potential, else 1',
    'when a high grade is wanted, else unclassified. Amounts in another currency are no evidence.',
    '',
    table(
      ['currency', 'high value a year from (minor units)', 'potential a year from (minor units)'],
      Object.entries(book.classification.highValueMinorPerYear).map(([currency, value]) => [
        currency,
        String(value),
        String(book.classification.highPotentialMinorPerYear[currency] ?? '–'),
      ]),
    ),
    '',
    table(
      ['class', 'level of service unless another one is set'],
      Object.entries(book.classification.serviceLevelByClass),
    ),
    '',
    `A record is on the list of its steward below ${book.dataQuality.completenessPctAtLeast} % completeness, ${book.dataQuality.validityPctAtLeast} % validity or ${book.dataQuality.uniquenessPctAtLeast} % uniqueness, or when nobody confirmed it for ${book.dataQuality.timelinessDaysAtMost} days.`,
    '',
    `An override holds for at most ${book.overrideMaxHoldDays} days; an unanswered win-back is lost after ${book.winBackWindowDays} days; a promise of ours that nobody kept is broken ${book.promiseGraceDays} days after it was due.`,
    '',
    strategicSentence(book),
    '',
    ...roleSets,
    '## What may be offered where',
    '',
    'A kind that is not named for a stage is refused there. Facts are never refused by a stage.',
    '',
    `In every stage: ${needsOf(book.offers.always as Parameters<typeof needsOf>[0]) || 'nothing more'}`,
    '',
    table(['stage', 'kind', 'needs'], offers),
    '',
    '## Next best actions',
    '',
    'An action is worth doing when its condition is met; what it needs, or what an offer of its kind needs, holds it back.',
    `An offer counts its priority times the share of yes it may expect, over the one that was expected: answers move it, \`(accepted + expected × ${book.nextBestActions.priorAnswers}) / (answered + ${book.nextBestActions.priorAnswers})\`.`,
    '',
    table(
      ['action', 'priority', 'when', 'offer', 'needs'],
      book.nextBestActions.actions.map((action) => [
        `\`${action.action}\`: ${action.sentence}`,
        String(action.priority),
        inWords(action.when as Condition),
        action.offer === undefined ? '–' : `${action.offer}, ${action.expectedAcceptancePct} % expected`,
        needsOf((action.needs ?? []) as Parameters<typeof needsOf>[0]) || '–',
      ]),
    ),
    '',
    '## Predicates',
    '',
    'What guards and needs are composed of, by `all`, `any`, `atLeast … of` and `not`. Only a new question needs code.',
    '',
    table(['predicate', 'a yes means', 'thresholds'], predicates),
    '',
  ].join('\n');
}
