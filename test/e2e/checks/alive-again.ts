import type { CheckResult } from './check-result.js';

/** A time without a component, and whether the roles that need it said so. */
export interface Outage {
  readonly component: string;
  readonly role: string;
  /** Until its readiness was false, ms; undefined when it never was. */
  readonly notReadyAfterMs?: number;
}

export interface Healing {
  /** From the last fault's end until nothing lags, ms; undefined when something still did. */
  readonly caughtUpAfterMs?: number;
  /** Readiness of each role then. */
  readonly ready: Readonly<Record<string, boolean>>;
  readonly limitMs: number;
  /** What lagged at the end, where something did. */
  readonly lagging?: readonly string[];
}

/** I7: while a component is dead whoever needs it is not ready; after healing nothing lags and everybody is ready in time. */
export function aliveAgain(outages: readonly Outage[], healing: Healing): CheckResult {
  const violations = outages
    .filter(({ notReadyAfterMs }) => notReadyAfterMs === undefined)
    .map(({ component, role }) => `${role} said it was ready without ${component}`);
  const { caughtUpAfterMs, limitMs, ready, lagging = [] } = healing;
  if (caughtUpAfterMs === undefined || caughtUpAfterMs > limitMs)
    violations.push(`something still lagged ${caughtUpAfterMs ?? limitMs} ms after healing`, ...lagging);
  for (const [role, isReady] of Object.entries(ready))
    if (!isReady) violations.push(`${role} was not ready after healing`);
  return { name: 'I7 alive again', checked: outages.length + Object.keys(ready).length, violations };
}
