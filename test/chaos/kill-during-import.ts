/**
 * `npm run test:kill -- --kills 20 --customers 1500 --seed 1`: kills the server during a heavy import, again and
 * again, and proves that no acknowledged event is lost and none is doubled. Ends with exit code 1 when it does not hold.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { runKillLoop } from './kill-loop.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    customers: { type: 'string', default: '1500' },
    seed: { type: 'string', default: '1' },
  },
});
const table = new Table({
  head: ['kill', 'acknowledged before', 'answers cut off', 'restart ms'],
  style: { head: [], border: [] },
});
const report = await runKillLoop({
  kills: Number(values.kills),
  customers: Number(values.customers),
  seed: Number(values.seed),
  onKill: ({ kill, acknowledged, cutOff, restartMs }) => {
    table.push([kill, acknowledged, cutOff, restartMs.toFixed(0)]);
    console.error(`kill ${kill}: ${acknowledged} acknowledged, back after ${restartMs.toFixed(0)} ms`);
  },
});
console.log(table.toString());
console.log(
  [
    `commands ${report.commands}: ${report.accepted} accepted, ${report.refused} refused by rules, ${report.repeatedBatches} batches repeated`,
    `events in the log ${report.events}; acknowledged but lost ${report.lost}; doubled ${report.doubled}; contradicting answers ${report.contradictions.length}`,
    `rapport verify: exit ${report.verify.exitCode}, ${report.verify.clean ? 'clean' : `NOT clean: ${report.verify.output.slice(0, 2_000)}`}`,
    ...report.contradictions.slice(0, 10),
  ].join('\n'),
);
const holds =
  report.lost === 0 &&
  report.doubled === 0 &&
  report.contradictions.length === 0 &&
  report.verify.clean &&
  report.kills.length === Number(values.kills);
console.log(holds ? 'holds' : 'DOES NOT HOLD');
process.exitCode = holds ? 0 : 1;
