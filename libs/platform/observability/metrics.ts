import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FeedHealth } from '@rapport/event-feed';
import type { ProjectionStatus } from '@rapport/projection-engine';
import type { ShownProcess } from '../processes/processes.js';

/** Prometheus metrics of one runtime; labels never hold anything about a person. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly commands = new Counter({
    name: 'rapport_commands_total',
    help: 'Commands by what became of them: recorded, replayed, refused, possible (dry run), or an error code',
    labelNames: ['command', 'outcome'],
    registers: [this.registry],
  });
  /** One for each pair of labels, so that counting does not look them up. */
  private readonly counters = new Map<string, Counter.Internal>();
  private readonly durations = new Histogram({
    name: 'rapport_command_seconds',
    help: 'Time from an understood command to its durable answer, in seconds',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [this.registry],
  });
  private readonly position = new Gauge({
    name: 'rapport_log_position',
    help: 'Position of the newest event in the log',
    registers: [this.registry],
  });

  constructor(statuses: () => readonly ProjectionStatus[], isAlive: () => boolean) {
    collectDefaultMetrics({ register: this.registry, prefix: 'rapport_' });
    registerProjectionGauges(this.registry, statuses, isAlive);
  }

  onOutcome(command: string, outcome: string, seconds: number): void {
    const name = `${command} ${outcome}`;
    let counter = this.counters.get(name);
    if (!counter) this.counters.set(name, (counter = this.commands.labels(command, outcome)));
    counter.inc();
    this.durations.observe(seconds);
  }

  onCommitted(position: bigint): void {
    this.position.set(Number(position));
  }

  /** Where processes stand, asked for when somebody looks. */
  showProcesses(list: () => Promise<readonly ShownProcess[]>): void {
    const gauge = (name: string, help: string, valueOf: (process: ShownProcess) => number): void => {
      const one: Gauge = new Gauge({
        name,
        help,
        labelNames: ['process'],
        registers: [this.registry],
        collect: async () => {
          for (const process of await list().catch(() => []))
            one.set({ process: process.name }, valueOf(process));
        },
      });
    };
    gauge('rapport_business_process_running', '1 while a process is switched on', ({ running }) =>
      running ? 1 : 0,
    );
    gauge('rapport_business_process_lag_events', 'Log positions a process is behind', ({ lag }) =>
      Number(lag ?? 0),
    );
    gauge('rapport_business_process_waiting', 'Triggers that wait for their time or for another try', ({ waiting }) => waiting); // prettier-ignore
    gauge('rapport_business_process_failed', 'Triggers a process gave up on: an operator has to look', ({ failed }) => failed); // prettier-ignore
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }
}

/** Where projections stand, for the process that serves and for projectors of their own. */
export function registerProjectionGauges(
  registry: Registry,
  statuses: () => readonly ProjectionStatus[],
  isAlive: () => boolean,
): void {
  const perProjection = (name: string, help: string, valueOf: (status: ProjectionStatus) => number): void => {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: ['projection'],
      registers: [registry],
      collect: () => {
        gauge.reset();
        for (const status of statuses()) gauge.set({ projection: status.projection }, valueOf(status));
      },
    });
  };
  perProjection('rapport_projection_lag_events', 'Events a projection is behind the log', (s) => Number(s.lag)); // prettier-ignore
  perProjection('rapport_projection_position', 'Log position a projection is complete to', (s) => Number(s.position)); // prettier-ignore
  perProjection('rapport_projection_parked_events', 'Events parked because they could not be folded', (s) => s.parked); // prettier-ignore
  const alive: Gauge = new Gauge({
    name: 'rapport_projector_alive',
    help: '1 while the projector runs, 0 when it is dead',
    registers: [registry],
    collect: () => void alive.set(isAlive() ? 1 : 0),
  });
}

/** Prometheus metrics of a projector process. */
export class ProjectorMetrics {
  private readonly registry = new Registry();

  constructor(statuses: () => readonly ProjectionStatus[], health: () => FeedHealth) {
    collectDefaultMetrics({ register: this.registry, prefix: 'rapport_' });
    registerProjectionGauges(this.registry, statuses, () => health().ready);
    const gauge = (name: string, help: string, valueOf: (health: FeedHealth) => number): void => {
      const one: Gauge = new Gauge({ name, help, registers: [this.registry], collect: () => void one.set(valueOf(health())) }); // prettier-ignore
    };
    gauge('rapport_feed_partitions', 'Partitions assigned to this process', (h) => h.assigned.length);
    gauge('rapport_feed_restarts', 'Consumers that died or fell silent and were replaced', (h) => h.restarts);
    gauge('rapport_feed_duplicates', 'Records dropped because they had been delivered', (h) => h.duplicates);
    gauge('rapport_feed_gaps', 'Places where records were missing and were read from the log', (h) => h.gaps);
    gauge('rapport_feed_skipped', 'Records that are none of ours or cannot be read', (h) => h.skipped);
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }
}
