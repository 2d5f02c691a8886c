const LOOK_EVERY_MS = 100;

/** Waits until `check` answers something, and says what was missing when it does not in time. Answers how long it took, ms. */
export async function until(
  what: string,
  check: () => Promise<boolean> | boolean,
  timeoutMs: number,
): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    if (await check()) return performance.now() - startedMs;
    if (performance.now() - startedMs > timeoutMs)
      throw new Error(`not within ${Math.round(timeoutMs / 1_000)} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
