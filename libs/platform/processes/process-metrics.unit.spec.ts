import { PROCESSES } from '@rapport/processes';
import { PROCESS_METRICS } from '@rapport/projections';

describe('Every process', () => {
  it('is measured by the metric it names', () => {
    expect(
      Object.fromEntries(Object.entries(PROCESS_METRICS).map(([process, { name }]) => [process, name])),
    ).toEqual(Object.fromEntries(PROCESSES.map(({ name, metric }) => [name, metric.name])));
  });
});
