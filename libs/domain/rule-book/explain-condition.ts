import { compileCondition } from './condition.js';
import type { RelationshipView, Subject } from './predicates/predicate.js';
import { PREDICATES } from './predicates/registry.js';

/** A condition with its answer, part by part. */
export interface ExplainedCondition {
  /** Name of the predicate, or how the parts are put together: `all`, `any`, `at least 2 of`, `not`. */
  readonly rule: string;
  readonly met: boolean;
  /** What a yes of the predicate means. */
  readonly meaning?: string;
  /** Its thresholds, with the units of docs/reference/rules.md. */
  readonly thresholds?: Readonly<Record<string, unknown>>;
  /** Ids of the events that show a yes. */
  readonly evidence?: readonly string[];
  readonly parts?: readonly ExplainedCondition[];
}

type Written = Readonly<Record<string, unknown>>;

/** How a condition (as a rule book has it) was answered for a customer as they were at an instant. */
export function explainCondition(
  written: unknown,
  view: RelationshipView,
  atMs: number,
  subject: Subject = {},
): ExplainedCondition {
  const json = written as Written;
  const condition = compileCondition(json, '$');
  const met = condition.isMet(view, atMs, subject);
  const explained = (parts: readonly unknown[]) =>
    parts.map((part) => explainCondition(part, view, atMs, subject));
  if ('all' in json) return { rule: 'all', met, parts: explained(json['all'] as unknown[]) };
  if ('any' in json) return { rule: 'any', met, parts: explained(json['any'] as unknown[]) };
  if ('of' in json)
    return { rule: `at least ${String(json['atLeast'])} of`, met, parts: explained(json['of'] as unknown[]) };
  if ('not' in json) return { rule: 'not', met, parts: explained([json['not']]) };
  const { name, meaning } = PREDICATES.get(json['is'] as string)!;
  const evidence = met ? [...new Set(condition.evidence(view, atMs, subject).map(({ id }) => id))] : [];
  return {
    rule: name,
    met,
    meaning,
    ...(json['with'] === undefined ? {} : { thresholds: json['with'] as Written }),
    ...(evidence.length === 0 ? {} : { evidence }),
  };
}
