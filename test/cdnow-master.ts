/**
 * `npm run test:cdnow-master`: imports all 69,659 purchases of the CDNOW cohort through commands, fits the models from
 * our read model and compares with the figures computed independently from the raw file. Exit code 1 when one is off.
 */
import Table from 'cli-table3';
import { fitModel } from '../apps/cli/commands/models.commands.js';
import { missingData } from './fixtures/cdnow.data.js';
import { CALIBRATION_END, importCdnow } from './support/cdnow-import.js';
import { runRapport } from './support/rapport-process.js';
import { ServerFolder } from './support/server-folder.js';

/** Maximum-likelihood fits of an independent program on the raw transactions, calibration to 1997-09-30. */
const EXPECTED = [
  { model: 'bgNbd', parameters: { r: 0.25162, alpha: 4.78894, a: 0.72343, b: 2.16109 }, logLikelihood: -95368.44, customers: 23_570, share: 0.005 },
  { model: 'mbgNbd', parameters: { r: 0.63714, alpha: 7.31029, a: 0.80747, b: 1.22839 }, logLikelihood: -95336.96, customers: 23_570, share: 0.005 },
  { model: 'gammaGamma', parameters: { p: 6.2754, q: 3.6245, gamma: 14.984 }, logLikelihood: -40763.48, customers: 9_450, share: 0.01 },
] as const; // prettier-ignore

const missing = missingData('CDNOW_master.txt');
if (missing) {
  console.error(missing);
  process.exit(5);
}
const folder = new ServerFolder('cdnow-master');
const problems: string[] = [];
const check = (holds: boolean, what: string): void => {
  console.log(`${holds ? 'ok  ' : 'OFF '} ${what}`);
  if (!holds) problems.push(what);
};
try {
  await folder.start();
  const client = folder.client();
  const first = await importCdnow(client, folder, 'master');
  const seconds = first.elapsedMs / 1_000;
  check(
    first.accepted === 69_659 && first.rejected === 0 && first.customers === 23_570,
    `${first.accepted} purchases of ${first.customers} customers accepted in ${seconds.toFixed(1)} s (${Math.round(first.accepted / seconds)}/s, ${first.events} events)`,
  );
  const again = await importCdnow(client, folder, 'master');
  check(
    again.accepted === 0 && again.events === 0 && again.replayed === 69_659,
    `again: ${again.events} new events, ${again.replayed} replayed in ${(again.elapsedMs / 1_000).toFixed(1)} s`,
  );
  const table = new Table({
    head: ['model', 'parameters', 'expected', 'log-likelihood', 'expected', 'customers'],
    style: { head: [], border: [] },
  });
  for (const { model, parameters, logLikelihood, customers, share } of EXPECTED) {
    const fit = await fitModel(client, model, CALIBRATION_END, 'week', first.token);
    const shown = (values: Readonly<Record<string, number>>): string =>
      Object.entries(values)
        .map(([name, value]) => `${name} ${value.toPrecision(6)}`)
        .join(' ');
    table.push([
      model,
      shown(fit.parameters),
      shown(parameters),
      fit.logLikelihood.toFixed(2),
      logLikelihood.toFixed(2),
      fit.customers,
    ]);
    const worst = Math.max(
      ...Object.entries(parameters).map(([name, value]) => Math.abs(fit.parameters[name]! / value - 1)),
    );
    check(
      worst <= share &&
        Math.abs(fit.logLikelihood - logLikelihood) <= 0.01 &&
        fit.customers === customers &&
        fit.status === 'converged',
      `${model}: worst parameter ${(worst * 100).toFixed(3)} % off, log-likelihood ${(fit.logLikelihood - logLikelihood).toFixed(4)} off`,
    );
  }
  console.log(table.toString());
  await client.close();
  const verify = await runRapport(folder, ['verify', '--json', '--quiet', '--data', folder.dataDir]);
  check(
    verify.exitCode === 0,
    `rapport verify: exit ${verify.exitCode}${verify.exitCode === 0 ? ', clean' : `: ${verify.stdout.slice(0, 1_000)}${verify.stderr}`}`,
  );
} finally {
  await folder.remove();
}
console.log(problems.length === 0 ? 'holds' : `DOES NOT HOLD: ${problems.length} off`);
process.exitCode = problems.length === 0 ? 0 : 1;
