import { verifyReadModels } from '@rapport/projection-engine';
import { Acknowledgements } from '../chaos/acknowledgements.js';
import { modelsAreTheFold } from './checks/models-are-the-fold.js';
import { until } from './condition.js';
import { Deployment } from './deployment.js';
import { defineProducts, Driver } from './driver.js';
import { assignments } from './nemeses.js';
import type { SupervisedRole } from './supervised-role.js';

const CUSTOMERS = 120;
const COMMANDS_PER_CUSTOMER = 8;
/** A session, a join of everybody, and room for a busy machine. */
const REBALANCED_WITHIN_MS = 90_000;
const CAUGHT_UP_WITHIN_MS = 60_000;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

describe('Projectors of one group', () => {
  let deployment: Deployment;
  let driver: Driver;
  let driving: Promise<void>;
  const record = new Acknowledgements();

  beforeAll(async () => {
    deployment = await Deployment.start({ name: 'share', projectors: 1, print });
    const client = deployment.folder.client();
    driver = new Driver({
      seed: 3,
      customers: CUSTOMERS,
      commandsPerCustomer: COMMANDS_PER_CUSTOMER,
      client,
      record,
    });
    await defineProducts(client);
    driving = driver.run();
    driving.catch(() => undefined);
  }, 180_000);
  afterAll(async () => {
    await deployment?.stop();
  }, 60_000);

  /** Waits until the projectors have every partition between them, each once and none of them idle. */
  const shared = async (projectors: readonly SupervisedRole[]): Promise<number[]> => {
    let sizes: number[] = [];
    await until(
      `${projectors.length} projectors to share ${deployment.partitions} partitions`,
      async () => {
        const each = await Promise.all(projectors.map((role) => assignments(deployment, [role])));
        sizes = each.map(({ length }) => length);
        const all = each.flat();
        return all.length === deployment.partitions && new Set(all).size === all.length && !sizes.includes(0);
      },
      REBALANCED_WITHIN_MS,
    );
    return sizes;
  };
  /** Everything sent so far is in every read model, and every read model is the fold of the log. */
  const nothingIsLost = async (): Promise<void> => {
    await until('the share of the driver to be sent', () => driver.isIdle, CAUGHT_UP_WITHIN_MS);
    await until('nothing to lag', async () => (await deployment.behind()) === 0, CAUGHT_UP_WITHIN_MS);
    const report = await verifyReadModels({
      projections: deployment.projections,
      history: deployment.log,
      store: deployment.wholeLog,
    });
    const { violations, checked } = modelsAreTheFold(report);
    expect(violations.slice(0, 5)).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  };
  const quarter = (): void => driver.allow(Math.ceil(driver.total / 4));

  it.each([1, 2, 4])('share the partitions among %i', async (count) => {
    while (deployment.projectors.length < count) deployment.addProjector();
    quarter();
    const sizes = await shared(deployment.projectors);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    await nothingIsLost();
  });

  it('take over from one that is killed, and lose nothing', async () => {
    quarter();
    const [killed, ...others] = deployment.projectors;
    await killed!.stop('SIGKILL');
    const sizes = await shared(others);
    expect(sizes).toHaveLength(3);
    driver.allow(driver.total);
    await nothingIsLost();
    await driving;
    expect(record.contradictions).toEqual([]);
    expect(deployment.unexpectedExits).toEqual([]);
  });
});
