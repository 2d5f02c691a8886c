import Table from 'cli-table3';
import { holds, type CheckResult } from './checks/check-result.js';
import { sizeFrom, wantedStrikes } from './e2e-size.config.js';
import { runUnderFaults, type FaultRunReport } from './fault-run.js';

const size = sizeFrom(process.env);
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const CHECKS = [
  'I1 acknowledged is durable',
  'I2 no effect twice',
  'I3 legal log',
  'I4 the topic is the log',
  'I5 models are the fold',
  'I6 documents never go back',
  'I7 alive again',
  'I8 blast radius',
  'I9 nothing skipped',
  'Embedded = servers',
];
const SHOWN = 5;

describe('The product on servers, while everything around it breaks', () => {
  let report: FaultRunReport;

  beforeAll(async () => {
    report = await runUnderFaults(size, print);
    print(tables(report));
  }, 3_600_000);

  it.each([...wantedStrikes(size)])('meets: %s (%i times)', (name, times) => {
    const struck = report.strikes.filter(({ nemesis }) => nemesis === name);
    expect(struck.filter(({ failure }) => failure !== undefined)).toEqual([]);
    expect(struck).toHaveLength(times);
  });

  it.each(CHECKS)('holds: %s', (name) => {
    const check = report.checks.find((one) => one.name === name)!;
    expect({ ...check, violations: check.violations.slice(0, SHOWN) }).toEqual({
      ...check,
      checked: expect.any(Number),
      violations: [],
    });
    expect(holds(check)).toBe(true);
  });

  it('checks everything that it ran', () => {
    expect(report.checks.map(({ name }) => name)).toEqual(CHECKS);
    expect(report.customers).toBeGreaterThanOrEqual(size.customers);
    expect(report.acknowledged).toBeGreaterThan(report.commands * 0.8);
  });

  it('has no process that ends by itself', () => {
    expect(report.exits).toEqual([]);
  });
});

const plain = { style: { head: [], border: [] } };

function tables(report: FaultRunReport): string {
  const struck = new Table({ head: ['nemesis', 'wanted', 'fired', 'evidence of the last'], ...plain });
  for (const [name, times] of wantedStrikes(size)) {
    const fired = report.strikes.filter((s) => s.nemesis === name && s.evidence !== undefined);
    struck.push([name, times, fired.length, fired.at(-1)?.evidence ?? '–']);
  }
  const checked = new Table({ head: ['invariant', 'checked', 'violations'], ...plain });
  for (const { name, checked: count, violations } of report.checks as CheckResult[])
    checked.push([name, count, violations.length]);
  const { driver, outages } = report;
  return [
    struck.toString(),
    checked.toString(),
    `${report.customers} streams, ${report.events} events from ${report.commands} commands: ${report.acknowledged} acknowledged, refused by rules: ${[...report.refusals].map(([code, count]) => `${count} ${code}`).join(', ') || 'none'}`,
    ...report.errors.map((line) => `logged: ${line.slice(0, 600)}`),
    `${driver.requests} requests, ${driver.ambiguous} without a certain answer and repeated, ${driver.concurrentDuplicates} sent twice at once, ${driver.lateDuplicates} again later; ${report.repeatsInTopic} repeats in the topic; ${report.looks} looks of the reader`,
    `outages: ${outages.map((o) => `${o.role} without ${o.component} not ready after ${o.notReadyAfterMs === undefined ? 'never' : `${(o.notReadyAfterMs / 1_000).toFixed(1)} s`}`).join('; ')}`,
    `caught up ${((report.caughtUpAfterMs ?? NaN) / 1_000).toFixed(1)} s after healing; ${report.loadSeconds} s of load and faults, ${report.totalSeconds} s in all; load average ${report.machineLoad.map((l) => l.toFixed(1)).join(' → ')}; seed ${size.seed}`,
  ].join('\n');
}
