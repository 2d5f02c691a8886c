/**
 * `npm run bench:servers [-- --json] [-- --only <part>] [-- --record] [-- --minutes <n>]`: the product on EventStoreDB,
 * Kafka and MongoDB beside bare loops with the same clients, in the same run. Starts servers of its own for each part.
 * Parts: relay, projector, visible, memory (10 minutes, or `--minutes`). `--record` also writes the numbers that
 * capacity is planned from to docs/explanation/measured-rates.json.
 */
import { runParts } from '../run-parts.js';
import { recordRates } from './measured-rates.js';

const args = process.argv.slice(2);
const minutesAt = args.indexOf('--minutes');
const minutes = minutesAt < 0 ? 10 : Number(args[minutesAt + 1]);
if (!(minutes > 0)) {
  process.stderr.write('--minutes takes a number above 0\n');
  process.exit(2);
}

await runParts(
  {
    relay: async () => (await import('./relay.bench.js')).relayBench,
    projector: async () => (await import('./projector.bench.js')).projectorBench,
    visible: async () => (await import('./visible.bench.js')).visibleBench,
    memory: async () => {
      const { memoryBench } = await import('./memory.bench.js');
      return () => memoryBench(minutes);
    },
  },
  args,
);
if (args.includes('--record')) recordRates();
process.exit(0);
