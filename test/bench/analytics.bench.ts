/**
 * Fits of the CDNOW sample and master and scoring of a million customers, beside what Python's lifetimes 0.11.3 needs
 * for the same work on two shared cores (its better figure; imports excluded).
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import {
  expectedPurchases,
  fitBgNbd,
  fitGammaGamma,
  fitMbgNbd,
  probabilityAlive,
  purchaseSummary,
  scoreMany,
  summarisePurchases,
  tabulateSummaries,
} from '@rapport/analytics';
import type { PurchaseModel, SummaryTable } from '@rapport/analytics';
import {
  CDNOW_CALIBRATION_END,
  missingData,
  readCdnowMaster,
  readCdnowSample,
} from '../fixtures/cdnow.data.js';
import type { PurchasesByCustomer } from '../fixtures/cdnow.data.js';
import { observed, staysBelow } from './figure.js';
import type { Figure } from './figure.js';

const REPETITIONS = 5;
const MILLION = 1_000_000;
const HORIZON = { amount: 52, unit: 'week' } as const;
/** MBG/NBD of the CDNOW sample. */
const MODEL: PurchaseModel<'week'> = {
  model: 'mbgNbd',
  timeUnit: 'week',
  parameters: { r: 0.52484, alpha: 6.18309, a: 0.89136, b: 1.614 },
};

/** A duration with a bound, beside what lifetimes needs; the bound alone decides. */
const beside = (name: string, seconds: number, bound: number, lifetimesSeconds: number): Figure => ({
  ...staysBelow(name, seconds, 's', bound),
  reference: { name: 'lifetimes 0.11.3', value: lifetimesSeconds },
  ratio: seconds / lifetimesSeconds,
});

/** Measures the analytics bars of issue 4; says so when the CDNOW data are absent and measures the rest. */
export async function analyticsBench(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const cohorts = [
    {
      name: 'sample 2,357',
      file: 'CDNOW_sample.txt',
      read: readCdnowSample,
      bound: 0.2,
      lifetimes: [0.1, 0.09, 0.05],
    },
    {
      name: 'master 23,570',
      file: 'CDNOW_master.txt',
      read: readCdnowMaster,
      bound: 1,
      lifetimes: [0.66, 0.57, 0.16],
    },
  ] as const;
  for (const { name, file, read, bound, lifetimes } of cohorts) {
    const missing = missingData(file);
    if (missing) {
      process.stderr.write(`${missing}\n`);
      continue;
    }
    const purchases = read();
    const summarised = seconds(() => summaries(purchases));
    figures.push(observed(`transactions to summaries, ${name}`, median(summarised.times), 's'));
    const customers = summarised.answer;
    const table = tabulateSummaries('week', customers);
    const fits: readonly (readonly [string, () => unknown, number])[] = [
      ['BG/NBD', () => fitBgNbd(table), lifetimes[0]],
      ['MBG/NBD', () => fitMbgNbd(table), lifetimes[1]],
      ['Gamma-Gamma', () => fitGammaGamma(customers), lifetimes[2]],
    ];
    for (const [model, fit, peer] of fits) {
      const { times } = seconds(fit);
      // The first run pays for compilation, as a process that fits once does.
      figures.push(beside(`fit ${model}, ${name}, first run`, times[0]!, bound, peer));
      figures.push(beside(`fit ${model}, ${name}, median`, median(times), bound, peer));
    }
  }

  const table = simulatedTable(MILLION);
  const into = { pAlive: new Float64Array(MILLION), expectedPurchases: new Float64Array(MILLION) };
  const heapBefore = usedHeapBytes();
  const residentBefore = peakResidentBytes();
  const scoring = seconds(() => scoreMany(MODEL, table, HORIZON, into), 3);
  figures.push(beside('score 1,000,000: P(alive) + purchases in 52 weeks', median(scoring.times), 3, 0.55));
  figures.push(
    staysBelow(
      'heap grown by scoring 1,000,000',
      Math.max(0, usedHeapBytes() - heapBefore) / 2 ** 20,
      'MiB',
      16,
    ),
  );
  const resident = peakResidentBytes();
  if (resident !== null && residentBefore !== null)
    figures.push(
      staysBelow('peak memory grown by scoring 1,000,000', (resident - residentBefore) / 2 ** 20, 'MiB', 32),
    );
  for (const [model, fit, peer] of [
    ['BG/NBD', fitBgNbd, 12],
    ['MBG/NBD', fitMbgNbd, 17],
  ] as const) {
    const { times } = seconds(() => fit(table), 1);
    figures.push(beside(`fit ${model}, 1,000,000 simulated`, times[0]!, peer / 5, peer));
  }

  const customer = purchaseSummary('week', { x: 7, tX: 29.43, T: 38.86 });
  const started = performance.now();
  const CALLS = 20_000;
  let guard = 0;
  for (let i = 0; i < CALLS; i += 1)
    guard += probabilityAlive(MODEL, customer) + expectedPurchases(MODEL, customer, HORIZON);
  if (!(guard > 0)) throw new Error('scores are positive');
  figures.push(
    staysBelow(
      'one customer: P(alive) + purchases in 52 weeks',
      (performance.now() - started) / CALLS,
      'ms',
      1,
    ),
  );
  return figures;
}

function summaries(purchases: PurchasesByCustomer) {
  return [...purchases.values()].map((transactions) =>
    summarisePurchases(transactions, CDNOW_CALIBRATION_END, 'week')!,
  );
}

function seconds<T>(work: () => T, repetitions = REPETITIONS): { times: number[]; answer: T } {
  const times: number[] = [];
  let answer!: T;
  for (let i = 0; i < repetitions; i += 1) {
    const started = performance.now();
    answer = work();
    times.push((performance.now() - started) / 1000);
  }
  return { times, answer };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Customers of the model itself, made from a fixed seed; times are continuous, so hardly two rows are equal. */
function simulatedTable(customers: number): SummaryTable<'week'> {
  const uniform = seededUniform(1997);
  const { r, alpha, a, b } = MODEL.parameters;
  const x = new Float64Array(customers);
  const tX = new Float64Array(customers);
  const T = new Float64Array(customers);
  for (let i = 0; i < customers; i += 1) {
    const rate = gamma(r, uniform) / alpha;
    const leaves = gamma(a, uniform);
    const dropout = leaves / (leaves + gamma(b, uniform));
    T[i] = 104 * uniform();
    let alive = uniform() >= dropout;
    for (let t = -Math.log(uniform()) / rate; alive && t <= T[i]!; t -= Math.log(uniform()) / rate) {
      x[i]! += 1;
      tX[i] = t;
      alive = uniform() >= dropout;
    }
  }
  return { timeUnit: 'week', x, tX, T };
}

/** Marsaglia & Tsang 2000. */
function gamma(shape: number, uniform: () => number): number {
  if (shape < 1) return gamma(shape + 1, uniform) * uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const z = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const v = (1 + z / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(uniform()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Mulberry32: between 0 and 1, neither included. */
function seededUniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4_294_967_296;
  };
}

function usedHeapBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Highest resident size so far, where the system tells. */
function peakResidentBytes(): number | null {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
    return line ? Number(line[1]) * 1024 : null;
  } catch {
    return null;
  }
}
