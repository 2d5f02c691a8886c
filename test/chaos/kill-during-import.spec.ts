import { runKillLoop } from './kill-loop.js';

describe('A server that is killed during an import', () => {
  it('loses no acknowledged event, doubles none, and its read models equal the fold', async () => {
    const report = await runKillLoop({ kills: 2, seed: 42, customers: 80 });
    expect(report.kills).toHaveLength(2);
    expect(report.repeatedBatches).toBeGreaterThan(0);
    expect(report.accepted).toBeGreaterThan(1_000);
    expect({ lost: report.lost, doubled: report.doubled, contradictions: report.contradictions }).toEqual({
      lost: 0,
      doubled: 0,
      contradictions: [],
    });
    if (!report.verify.clean) throw new Error(`rapport verify: ${report.verify.output.slice(0, 5_000)}`);
    expect(report.verify.exitCode).toBe(0);
  }, 90_000);
});
