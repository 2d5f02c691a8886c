import { randomUUID } from 'node:crypto';
import { atLeast, observed, type Figure } from '../figure.js';
import { startChild } from './bench-child.js';
import { bytesOfTopic, createTopic, deleteTopic, PARTITIONS } from './bench-topic.js';
import { noteRate } from './measured-rates.js';
import { ROLE_SETTINGS } from './role-settings.js';
import type { RelayRunOrder, RelayRunResult } from './relay-run.js';
import { makeLog, median, openServerBed, progress } from './server-bed.js';

const EVENTS = 15_000;
const CUSTOMERS = 2_000;
const ROUNDS = 3;

/**
 * Our relay beside a bare loop with the same two clients that writes the same records: subscribe with the same filter,
 * send the same number of events a request, acknowledged by all replicas. In turns over one log; medians. A loop that
 * writes each event as one JSON text shows what the headers of CloudEvents cost in this client.
 */
export async function relayBench(): Promise<readonly Figure[]> {
  const bed = await openServerBed();
  try {
    const log = await makeLog(bed.eventStoreDbUrl, { events: EVENTS, customers: CUSTOMERS });
    const rates: Record<RelayRunOrder['mode'], number[]> = { relay: [], bare: [], bareJson: [] };
    let topicBytes = 0;
    for (let round = 0; round < ROUNDS; round++)
      for (const mode of ['bare', 'relay', 'bareJson'] as const) {
        const run = `${mode}-${randomUUID().slice(0, 8)}`;
        await createTopic(bed.brokers, run);
        const { eventStoreDbUrl, brokers, mongoUrl } = bed;
        const order: RelayRunOrder = { mode, eventStoreDbUrl, brokers, mongoUrl, database: run.replace('-', '_'), topic: run, partitions: PARTITIONS, events: EVENTS };
        const settings = mode === 'relay' ? ROLE_SETTINGS.relay : {};
        const { eventsPerSecond } = await startChild<RelayRunResult>('relay-run', order, settings).says();
        rates[mode].push(eventsPerSecond);
        progress(`${mode}: ${Math.round(eventsPerSecond)} events/s`);
        if (mode === 'relay' && round === 0) topicBytes = await bytesOfTopic(brokers, run);
        await deleteTopic(brokers, run);
      }
    noteRate('relayEventsPerSecond', median(rates.relay), 'events/s');
    noteRate('eventStoreDbBytesPerEvent', log.bytesPerEvent, 'bytes/event');
    noteRate('kafkaBytesPerEvent', topicBytes / EVENTS, 'bytes/event');
    return [
      atLeast('relay, catching up', median(rates.relay), 'events/s', { name: 'bare subscribe → produce', value: median(rates.bare) }, 0.7),
      observed('bare loop, each event as one JSON text', median(rates.bareJson), 'events/s'),
      observed('log in EventStoreDB', log.bytesPerEvent, 'bytes/event'),
      observed('topic in Kafka, as fetched', topicBytes / EVENTS, 'bytes/event'),
      observed('appends that made the log, 64 under way', log.eventsPerSecond, 'events/s'),
    ];
  } finally {
    await bed.dispose();
  } // prettier-ignore
}
