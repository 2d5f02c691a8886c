import { compileCondition } from '../rule-book/condition.js';
import type { Condition } from '../rule-book/condition.js';

type Target = Readonly<Record<string, unknown>>;

/** A campaign is asked about once for every customer it may reach. */
const compiled = new WeakMap<Target, Condition>();

/** Whom a campaign is meant for, ready to be asked. Throws RuleBookError with the place and the reason of what is wrong. */
export function compiledTarget(target: Target): Condition {
  const known = compiled.get(target);
  if (known !== undefined) return known;
  const condition = compileCondition(target, '$.target');
  compiled.set(target, condition);
  return condition;
}
