import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { RelayStatus } from './relay.runner.js';

/** Prometheus metrics of a relay, read from its status when asked. */
export class RelayMetrics {
  private readonly registry = new Registry();

  constructor(status: () => RelayStatus) {
    collectDefaultMetrics({ register: this.registry, prefix: 'rapport_' });
    this.gauge('rapport_relay_read_events', 'Events read from the log since the start', () => status().read);
    this.gauge('rapport_relay_produced_events', 'Events acknowledged by the topic since the start', () => status().produced); // prettier-ignore
    this.gauge('rapport_relay_skipped_events', 'Events not written because the topic had them', () => status().skipped); // prettier-ignore
    this.gauge('rapport_relay_progress_records', 'Progress records written since the start', () => status().progressRecords); // prettier-ignore
    this.gauge('rapport_relay_retries', 'Failures after which copying began anew', () => status().retries);
    this.gauge('rapport_relay_resubscriptions', 'Subscriptions replaced because they fell silent', () => status().resubscriptions); // prettier-ignore
    this.gauge('rapport_relay_position', 'Log position the topic is complete to', () => Number(status().position)); // prettier-ignore
    this.gauge('rapport_relay_head', 'Newest log position seen', () => Number(status().head));
    this.gauge('rapport_relay_lag_events', 'Events of the log that are not in the topic', () => status().lagEvents); // prettier-ignore
    this.gauge('rapport_relay_lag_seconds', 'Age of the oldest event that is not in the topic, in seconds', () => status().lagSeconds); // prettier-ignore
    this.gauge('rapport_relay_leader', '1 while this relay holds the lease', () => (status().role === 'leader' ? 1 : 0)); // prettier-ignore
    this.gauge('rapport_relay_ready', '1 while nothing keeps the relay from working', () => (status().ready ? 1 : 0)); // prettier-ignore
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  text(): Promise<string> {
    return this.registry.metrics();
  }

  private gauge(name: string, help: string, value: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: () => gauge.set(value()),
    });
  }
}
