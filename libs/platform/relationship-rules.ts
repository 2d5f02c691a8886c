import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { compileRuleBook, customerDecider, dueReviewFold, loadDefaultRuleBook, RuleBookError, type CustomerState, type RuleBook } from '@rapport/domain'; // prettier-ignore
import type { ProjectionDependencies } from '@rapport/projections';
import { canonicalJson } from './customers/request-hash.js';
import { ConfigError } from './config.js';

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

/** What the projections may know of the rules: when silence decides next. */
export function projectionDependencies(ruleBook: RuleBook): ProjectionDependencies {
  return {
    relationship: {
      initial: dueReviewFold.initial,
      evolve: dueReviewFold.evolve,
      nextReviewAtMs: (state: CustomerState) => dueReviewFold.nextReviewAtMs(state, ruleBook),
      version: rulesVersion(ruleBook),
    },
  };
}

/** Of the state and of what reviews keep of it; a change of either means other documents. */
const FOLD_VERSION = customerDecider.stateSchemaVersion * 1_000 + dueReviewFold.version;

/** Documents made under other rules, or by another fold, are other documents: the number tells them apart. */
function rulesVersion(ruleBook: RuleBook): number {
  const document = canonicalJson(ruleBook.document);
  return document === canonicalJson(loadDefaultRuleBook().document)
    ? FOLD_VERSION
    : crc32(`${FOLD_VERSION} ${document}`);
}
