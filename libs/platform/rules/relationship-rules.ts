import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import {
  compileRuleBook, customerDecider, dueReviewFold, loadDefaultRuleBook, nextBestActions, RuleBookError, type CustomerState, type RuleBook,
  type RuleBookDocument, type RulesInForce,
} from '@rapport/domain'; // prettier-ignore
import type { ProjectionDependencies } from '@rapport/projections';
import { canonicalJson } from '../customers/request-hash.js';
import { ConfigError } from '../config.js';

/** The rule book in force: the one that ships, or the file that the configuration names. Throws ConfigError. */
export function readRuleBook(file: string | undefined): RuleBook {
  if (file === undefined) return loadDefaultRuleBook();
  try {
    return compileRuleBook(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const reason =
      error instanceof RuleBookError || error instanceof SyntaxError ? error.message : 'cannot be read';
    throw new ConfigError(`RAPPORT_RULE_BOOK_FILE ${reason}`);
  }
}

/**
 * What the projections may know of the rules: when silence decides next. A function where rule books may be published
 * while the process runs: it then answers what decides by now.
 */
export function projectionDependencies(rules: RulesInForce | (() => RulesInForce)): ProjectionDependencies {
  const now = typeof rules === 'function' ? rules : () => rules;
  return {
    relationship: {
      initial: dueReviewFold.initial,
      evolve: dueReviewFold.evolve,
      join: dueReviewFold.join,
      nextReviewAtMs: (state: CustomerState) => dueReviewFold.nextReviewAtMs(state, now()),
      get version() {
        return rulesVersion(now());
      },
    },
    actionsAt: (state: CustomerState, atMs, asked) => nextBestActions(state, now(), atMs, asked),
  };
}

/** Of the state and of what reviews keep of it; a change of either means other documents. */
const FOLD_VERSION = customerDecider.stateSchemaVersion * 1_000 + dueReviewFold.version;

/** Parts of a rule book that no review looks at: a change of them alone leaves the documents as they are. */
const WITHOUT_REVIEWS: readonly (keyof RuleBookDocument)[] = [
  'version', 'objective', 'offers', 'serviceLevels', 'slaHoursBySeverity', 'overrideMaxHoldDays', 'classification', 'dataQuality', 'nextBestActions',
]; // prettier-ignore

const reviewedPart = ({ document }: RuleBook): string =>
  canonicalJson(
    Object.fromEntries(
      Object.entries(document).filter(([name]) => !(WITHOUT_REVIEWS as readonly string[]).includes(name)),
    ),
  );

const versions = new WeakMap<RulesInForce, number>();

/** Documents made under other rules, or by another fold, are other documents: the number tells them apart. */
export function rulesVersion(rules: RulesInForce): number {
  let version = versions.get(rules);
  if (version === undefined) versions.set(rules, (version = versionOf(rules)));
  return version;
}

function versionOf(rules: RulesInForce): number {
  const books = 'books' in rules ? rules.books : [{ fromMs: 0, book: rules }];
  const parts: [fromMs: number, part: string][] = [];
  for (const { fromMs, book } of books) {
    const part = reviewedPart(book);
    if (part !== parts.at(-1)?.[1]) parts.push([fromMs, part]);
  }
  const [first, ...later] = parts.map(([, part]) => part);
  return later.length === 0 && first === reviewedPart(loadDefaultRuleBook())
    ? FOLD_VERSION
    : crc32(JSON.stringify([FOLD_VERSION, first, parts.slice(1)]));
}
