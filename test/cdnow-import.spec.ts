import { fitModel, type Fit } from '../apps/cli/commands/models.commands.js';
import type { ImportSummary } from '../apps/cli/import/import-file.js';
import { missingData } from './fixtures/cdnow.data.js';
import { CALIBRATION_END, importCdnow } from './support/cdnow-import.js';
import { runRapport } from './support/rapport-process.js';
import { ServerFolder } from './support/server-folder.js';

const missing = missingData('CDNOW_sample.txt');
if (missing) console.warn(missing);
const describeWithData = missing ? describe.skip : describe;

/** Within `share` of the published value. */
const near = (actual: number | undefined, published: number, share: number): void => {
  expect(actual).toBeDefined();
  expect(Math.abs(actual! / published - 1)).toBeLessThanOrEqual(share);
};

describeWithData('The CDNOW sample, imported through commands', () => {
  const folder = new ServerFolder('cdnow');
  const client = folder.client();
  let summary: ImportSummary;

  beforeAll(async () => {
    await folder.start();
    summary = await importCdnow(client, folder, 'sample');
  }, 60_000);
  afterAll(async () => {
    await client.close();
    await folder.remove();
  });

  it('is accepted whole', () => {
    expect(summary).toMatchObject({
      rows: 6_919,
      accepted: 6_919,
      replayed: 0,
      rejected: 0,
      customers: 2_357,
    });
    expect(summary.events).toBeGreaterThan(6_919 + 2_357);
  });

  it('adds nothing when it is imported again', async () => {
    const again = await importCdnow(client, folder, 'sample');
    expect(again).toMatchObject({
      rows: 6_919,
      accepted: 0,
      replayed: 6_919,
      rejected: 0,
      customers: 2_357,
      events: 0,
    });
  }, 60_000);

  // Fader, Hardie & Lee 2005; CLVTools' test of the same data (parameters 0.5 %, log-likelihood 0.01).
  it('gives the published BG/NBD from our read model', async () => {
    const fit = await fitAt('bgNbd');
    near(fit.parameters['r'], 0.2425945, 0.005);
    near(fit.parameters['alpha'], 4.4136019, 0.005);
    near(fit.parameters['a'], 0.7929199, 0.005);
    near(fit.parameters['b'], 2.4258881, 0.005);
    expect(Math.abs(fit.logLikelihood - -9582.429)).toBeLessThan(0.01);
    expect(fit).toMatchObject({
      customers: 2_357,
      repeatCustomers: 946,
      status: 'converged',
      timeUnit: 'week',
    });
  });

  // BTYDplus as quoted by the lifetimes tests: .525, 6.183, .891, 1.614 (0.5 %).
  it('gives the published MBG/NBD from our read model', async () => {
    const fit = await fitAt('mbgNbd');
    near(fit.parameters['r'], 0.525, 0.005);
    near(fit.parameters['alpha'], 6.183, 0.005);
    near(fit.parameters['a'], 0.891, 0.005);
    near(fit.parameters['b'], 1.614, 0.005);
    expect(Math.abs(fit.logLikelihood - -9582.1357)).toBeLessThan(0.01);
  });

  // Fader & Hardie note 025: 6.25, 3.74, 15.44 of 946 customers; log-likelihood of CLVTools (1 %, 0.01).
  it('gives the published Gamma-Gamma from our read model', async () => {
    const fit = await fitAt('gammaGamma');
    near(fit.parameters['p'], 6.25, 0.01);
    near(fit.parameters['q'], 3.74, 0.01);
    near(fit.parameters['gamma'], 15.44, 0.01);
    expect(Math.abs(fit.logLikelihood - -4055.9177)).toBeLessThan(0.01);
    expect(fit).toMatchObject({ customers: 946, currency: 'USD' });
  });

  it('is verified: every read model equals the naive fold of the log', async () => {
    const { exitCode, stdout, stderr } = await runRapport(folder, [
      'verify',
      '--json',
      '--quiet',
      '--data',
      folder.dataDir,
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ clean: true, log: { findings: [] } });
  }, 60_000);

  const fitAt = (model: string): Promise<Fit> =>
    fitModel(client, model, CALIBRATION_END, 'week', summary.token);
});
