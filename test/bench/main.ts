/**
 * `npm run bench [-- --json] [-- --only <part>]`: measures the product beside a limit or a peer in the same run.
 * One line per figure; with `--json` one JSON object per line. Parts: event-store, projection, http, analytics.
 */
import { runParts } from './run-parts.js';

await runParts(
  {
    'event-store': async () => (await import('./event-store.bench.js')).eventStoreBench,
    projection: async () => (await import('./projection.bench.js')).projectionBench,
    http: async () => (await import('./http.bench.js')).httpBench,
    analytics: async () => (await import('./analytics.bench.js')).analyticsBench,
  },
  process.argv.slice(2),
);
process.exit(0);
