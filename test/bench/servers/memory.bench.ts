import { setTimeout as sleep } from 'node:timers/promises';
import { openEventStoreDbEventStore } from '@rapport/event-store';
import { systemClock } from '@rapport/runtime';
import { observed, staysBelow, type Figure } from '../figure.js';
import { startChild, type BenchChild } from './bench-child.js';
import { createTopic, PARTITIONS } from './bench-topic.js';
import { ROLE_SETTINGS } from './role-settings.js';
import { appender, median, openServerBed, progress } from './server-bed.js';
import type { SlowRunOrder, SlowRunSaid } from './slow-run.js';

const CUSTOMERS = 250;
/**
 * Events that relay and projector take at full speed first: their programs are compiled then, what they keep in memory is
 * full, and documents have as many recent facts as they hold (50), so that they grow no more.
 */
const WARM_EVENTS = 20_000;
/** Not every event is one for every read model. */
const WARM_PART = 0.95;
const WARM_DEADLINE_MS = 240_000;
/** Part of the time that both are slow before it counts: what waits comes in bursts then, and buffers grow to their size. */
const SETTLING_PART = 0.5;
/** Events appended in a second, and how many of them the slow sides take. */
const PRODUCED = 120;
const RELAYED = 60;
const DOCUMENTS = 60;
const MIB = 1_048_576;
/** Growth over the measured time, by a straight line through all of it, in per cent of where the line begins. */
const FLAT_PERCENT = 10;

interface Watched {
  readonly child: BenchChild<SlowRunSaid>;
  readonly rss: number[];
  readonly heap: number[];
  events: number;
}

/** Memory of a relay and a projector that are slower than what comes in, for so many minutes. */
export async function memoryBench(minutes: number): Promise<readonly Figure[]> {
  const bed = await openServerBed();
  const { eventStoreDbUrl, brokers, mongoUrl } = bed;
  const children: Watched[] = [];
  try {
    const topic = 'memory';
    await createTopic(brokers, topic);
    const start = (role: SlowRunOrder['role'], perSecond: number): Watched => {
      const order: SlowRunOrder = { role, eventStoreDbUrl, brokers, mongoUrl, database: 'memory', topic, partitions: PARTITIONS, perSecond }; // prettier-ignore
      const watched: Watched = {
        child: startChild('slow-run', order, ROLE_SETTINGS[role]),
        rss: [],
        heap: [],
        events: 0,
      };
      watched.child.process.on('message', (said) => {
        const { rss, heap, events } = said as SlowRunSaid;
        watched.rss.push(rss / MIB);
        watched.heap.push(heap / MIB);
        watched.events = events;
      });
      children.push(watched);
      return watched;
    };
    const relay = start('relay', RELAYED);
    const projector = start('projector', DOCUMENTS);
    const store = await openEventStoreDbEventStore({ connectionString: eventStoreDbUrl, clock: systemClock });
    const append = appender(store, CUSTOMERS);
    let produced = 0;
    while (produced < WARM_EVENTS) await Promise.all(Array.from({ length: 50 }, () => append(produced++)));
    const deadlineMs = performance.now() + WARM_DEADLINE_MS;
    while (projector.events < WARM_EVENTS * WARM_PART || relay.events < WARM_EVENTS) {
      if (performance.now() > deadlineMs)
        throw new Error('relay and projector did not take the first events');
      await sleep(100);
    }
    for (const { child } of children) child.tell('slow');
    progress(`warm: relay and projector took ${WARM_EVENTS} events`);
    const produceFor = async (ms: number): Promise<void> => {
      const startedMs = performance.now();
      const producedBefore = produced;
      while (performance.now() - startedMs < ms) {
        const due = producedBefore + ((performance.now() - startedMs) / 1_000) * PRODUCED;
        while (produced < due) await Promise.all(Array.from({ length: 5 }, () => append(produced++)));
        await sleep(50);
      }
    };
    await produceFor(minutes * 60_000 * SETTLING_PART);
    progress('settled: measuring');
    for (const { rss, heap } of children) rss.length = heap.length = 0;
    const startMs = performance.now();
    const before = [relay.events, projector.events];
    const producedBefore = produced;
    await produceFor(minutes * 60_000);
    await store.close();
    const seconds = (performance.now() - startMs) / 1_000;
    return [
      observed('produced meanwhile', (produced - producedBefore) / seconds, 'events/s'),
      ...figuresOf('relay', relay, (relay.events - before[0]!) / seconds),
      ...figuresOf('projector', projector, (projector.events - before[1]!) / seconds),
    ];
  } finally {
    for (const { child } of children) child.process.kill('SIGKILL');
    await bed.dispose();
  }
}

function figuresOf(role: string, { rss, heap }: Watched, eventsPerSecond: number): Figure[] {
  // Each sample is noisy with garbage: what is first and last is taken from a tenth of them.
  const tenth = Math.max(1, Math.floor(rss.length / 10));
  const third = Math.max(1, Math.floor(heap.length / 3));
  const { from, slope } = lineThrough(rss);
  return [
    observed(`${role}: what it took meanwhile`, eventsPerSecond, 'events/s'),
    observed(`${role}: memory at first`, median(rss.slice(0, tenth)), 'MiB'),
    observed(`${role}: memory at last`, median(rss.slice(-tenth)), 'MiB'),
    observed(`${role}: memory at most`, Math.max(...rss), 'MiB'),
    // What is left right after a collection: what the process holds on to.
    observed(`${role}: least heap in use, first third`, Math.min(...heap.slice(0, third)), 'MiB'),
    observed(`${role}: least heap in use, last third`, Math.min(...heap.slice(-third)), 'MiB'),
    observed(`${role}: slope`, slope * 60, 'MiB/min'),
    staysBelow(`${role}: growth over ${(rss.length / 60).toFixed(1)} minutes`, ((slope * rss.length) / from) * 100, '%', FLAT_PERCENT), // prettier-ignore
  ];
}

/** Least squares; `slope` for each sample. */
function lineThrough(values: readonly number[]): { from: number; slope: number } {
  const n = values.length;
  const meanX = (n - 1) / 2;
  const meanY = values.reduce((a, b) => a + b, 0) / n;
  let above = 0;
  let below = 0;
  for (const [x, y] of values.entries()) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  const slope = below === 0 ? 0 : above / below;
  return { from: meanY - slope * meanX, slope };
}
