import { InFlight } from './in-flight.js';

/** Calls that end when the spec says so. */
function calls() {
  const begun: number[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  return {
    begun,
    call: (n: number) => () =>
      new Promise<number>((resolve, reject) => {
        begun.push(n);
        ends.set(n, (error) => (error ? reject(error) : resolve(n)));
      }),
    end: async (n: number, error?: Error) => {
      ends.get(n)!(error);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('Calls in flight', () => {
  it('are so many at a time, the others in the order they came, also behind one that fails', async () => {
    const { begun, call, end } = calls();
    const inFlight = new InFlight({ atOnce: 2, waiting: 10, waitMs: 10_000 });
    const results = Array.from({ length: 5 }, (_, n) => inFlight.run(call(n)));
    results[1]!.catch(() => undefined);
    expect(begun).toEqual([0, 1]);
    await end(1, new Error('failed'));
    expect(begun).toEqual([0, 1, 2]);
    await end(0);
    expect(begun).toEqual([0, 1, 2, 3]);
    for (const n of [2, 3, 4]) await end(n);
    await expect(results[1]).rejects.toThrow('failed');
    expect(await Promise.all([results[0], ...results.slice(2)])).toEqual([0, 2, 3, 4]);
    const later = inFlight.run(call(9));
    expect(begun.at(-1)).toBe(9);
    await end(9);
    expect(await later).toBe(9);
  });

  it('are refused when too many wait, or one waited too long, and are then never begun', async () => {
    const { begun, call, end } = calls();
    const inFlight = new InFlight({ atOnce: 1, waiting: 2, waitMs: 20 });
    const first = inFlight.run(call(0));
    const waiting = [inFlight.run(call(1)), inFlight.run(call(2))].map((one) =>
      one.catch((error: unknown) => error),
    );
    await expect(inFlight.run(call(3))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await Promise.all(waiting)).toMatchObject([{ code: 'UNAVAILABLE' }, { code: 'UNAVAILABLE' }]);
    await end(0);
    await first;
    expect(begun).toEqual([0]);
    const next = inFlight.run(call(4));
    await end(4);
    expect(await next).toBe(4);
  });
});
