import { runKillLoop } from './kill-loop.js';

describe('A server that is killed during an import', () => {
  it('loses no acknowledged event, doubles none, and its read models equal the fold', async () => {
    const report = await runKillLoop({ kills: 3, seed: 42, customers: 120 });
    expect(report.kills).toHaveLength(3);
    expect(report.repeatedBatches).toBeGreaterThan(0);
    expect(report.accepted).toBeGreaterThan(1_000);
    expect({ lost: report.lost, doubled: report.doubled, contradictions: report.contradictions }).toEqual({
      lost: 0,
      doubled: 0,
      contradictions: [],
    });
    expect(report.verify).toMatchObject({ exitCode: 0, clean: true });
  }, 90_000);
});
