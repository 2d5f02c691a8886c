/**
 * Asks until the answer is one, and gives it; says what was missing when there is none in time. Looks every 5 ms unless
 * told otherwise.
 */
export async function waitUntil<T>(
  what: string,
  timeoutMs: number,
  ask: () => T | Promise<T>,
  lookEveryMs = 5,
): Promise<NonNullable<T>> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadlineMs) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
