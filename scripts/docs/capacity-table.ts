import { table } from './schema-rows.js';

/** What `bench:servers -- --record` writes to docs/explanation/measured-rates.json. */
export interface MeasuredRates {
  /** How they were measured. */
  readonly command: string;
  readonly machine: string;
  readonly rates: Readonly<Record<string, { readonly value: number; readonly unit: string; readonly load: string }>>; // prettier-ignore
}

/** Rates the table is computed from. */
const USED = {
  apiCommandsPerSecond: 'commands of one API process',
  relayEventsPerSecond: 'events of one relay',
  projectorEventsPerSecond: 'events of one projector, all read models',
  eventStoreDbBytesPerEvent: 'EventStoreDB',
  kafkaBytesPerEvent: 'Kafka',
  mongoDbBytesPerEvent: 'MongoDB, all read models and indexes',
} as const;
type Used = keyof typeof USED;

/** Events a second on average at the load called 1×: some 30 a year from each of a million customers. */
const BASE_EVENTS_PER_SECOND = 1;
export const LOADS = [1, 10, 100, 10_000] as const;
/** The busiest minutes of a year beside its average. */
const PEAK = 5;
/** Share of what a process can do that is planned with: the rest is for catching up. */
const PLANNED_USE = 0.7;
const PARTITIONS = 24;
const COPIES = 3;
const SECONDS_A_YEAR = 365 * 86_400;
const SECONDS_A_WEEK = 7 * 86_400;

/** Parts needed for one load. */
export interface Capacity {
  readonly load: number;
  readonly peakEventsPerSecond: number;
  /** Absent while no bench has recorded what one process does. */
  readonly apis?: number;
  /** Of what one relay is planned to do; above 1 one relay is not enough. */
  readonly relayUse: number;
  readonly projectors: number;
  /** Bytes a year and, for Kafka, bytes kept; all copies together. */
  readonly eventStoreDbBytes: number;
  readonly kafkaBytes: number;
  readonly mongoDbBytes: number;
}

/** Throws when a rate is missing or is none; only that of the API may be missing. */
export function capacityFor(load: number, { rates }: MeasuredRates): Capacity {
  const rate = (name: Used): number => {
    const value = rates[name]?.value;
    if (value === undefined || !(value > 0)) throw new Error(`measured-rates.json has no ${name}`);
    return value;
  };
  const average = load * BASE_EVENTS_PER_SECOND;
  const peak = average * PEAK;
  const processes = (each: Used): number => Math.ceil(peak / (rate(each) * PLANNED_USE));
  const stored = (each: Used, seconds: number): number => average * seconds * rate(each) * COPIES;
  return {
    load,
    peakEventsPerSecond: peak,
    ...(rates.apiCommandsPerSecond ? { apis: processes('apiCommandsPerSecond') } : {}),
    relayUse: peak / (rate('relayEventsPerSecond') * PLANNED_USE),
    projectors: processes('projectorEventsPerSecond'),
    eventStoreDbBytes: stored('eventStoreDbBytesPerEvent', SECONDS_A_YEAR),
    kafkaBytes: stored('kafkaBytesPerEvent', SECONDS_A_WEEK),
    mongoDbBytes: stored('mongoDbBytesPerEvent', SECONDS_A_YEAR),
  };
}

const shown = (value: number): string => Number(value.toPrecision(2)).toLocaleString('en');
function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(Math.floor(Math.log10(value) / 3), units.length - 1);
  return `${shown(value / 1_000 ** power)} ${units[power]}`;
}
const relays = (use: number): string => use <= 1 ? `1 (${shown(use * 100)} % busy)` : `**${Math.ceil(use)} needed, 1 possible**`; // prettier-ignore
const projectors = (count: number): string =>
  count <= PARTITIONS ? String(count) : `**${shown(count)}**, above ${PARTITIONS} partitions`;

/** The capacity table of docs/guides/scale.md and the rates it is computed from. */
export function capacityAsMarkdown(measured: MeasuredRates): string {
  const rows = LOADS.map((load) => capacityFor(load, measured)).map((need) => [
    `${need.load.toLocaleString('en')}×`,
    `${shown(need.peakEventsPerSecond / PEAK)} / ${shown(need.peakEventsPerSecond)}`,
    need.apis === undefined ? 'not measured' : shown(need.apis),
    relays(need.relayUse),
    projectors(need.projectors),
    bytes(need.eventStoreDbBytes),
    bytes(need.kafkaBytes),
    bytes(need.mongoDbBytes),
  ]);
  const used = (Object.keys(USED) as Used[])
    .filter((name) => measured.rates[name])
    .map((name) => {
      const { value, unit, load } = measured.rates[name]!;
      return [USED[name], `${value.toLocaleString('en')} ${unit}`, load];
    });
  return [
    table(
      ['load', 'events/s, average / peak', 'API processes', 'relay', 'projectors', 'EventStoreDB a year', 'Kafka, a week', 'MongoDB a year'],
      rows,
    ),
    '',
    `Peaks are ${PEAK} times the average, processes are planned to be ${PLANNED_USE * 100} % busy, everything is stored ${COPIES} times. Computed from:`,
    '',
    table(['measured', 'rate', 'load of the machine then'], used),
    '',
    `Machine: ${measured.machine}. Measured by: ${measured.command}.`,
  ].join('\n'); // prettier-ignore
}
