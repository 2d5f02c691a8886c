import { Type } from '@sinclair/typebox';
import { isoOf } from '@rapport/contracts';
import type { GroupRow, NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { PROCESS_METRICS } from './process-results.model.js';
import type { ProcessName, ProcessResult, ProcessResultsDocument } from './process-results.model.js';

const NAMES = Object.keys(PROCESS_METRICS) as ProcessName[];
const SUMS = [
  'acted',
  'doneInTime',
  'doneLate',
  'cancelled',
  'open',
  'running',
  'succeeded',
  'failed',
] as const;

const NoParams = Type.Object({}, { additionalProperties: false });

/** What came of each process, and how does its metric stand? */
export const results: NamedQuery<
  ProcessResultsDocument,
  typeof NoParams,
  { readonly asOf: string; readonly processes: readonly ProcessResult[] }
> = {
  name: 'results',
  question: 'What came of each process, and how does its metric stand?',
  scope: 'figures',
  params: NoParams,
  run: async (reader, _params, { asOfMs }) => {
    const [rows, overdue] = await Promise.all([
      reader.group({ groupBy: ['process'], sum: SUMS }),
      reader.group({ groupBy: ['process'], where: [{ index: 'nextDueMs', op: '<', value: asOfMs }] }),
    ]);
    const rowOf = (found: readonly GroupRow[], name: ProcessName) =>
      found.find(({ group }) => group['process'] === name);
    return {
      asOf: isoOf(asOfMs),
      processes: NAMES.map((process): ProcessResult => {
        const row = rowOf(rows, process);
        const sum = (column: (typeof SUMS)[number]): number => row?.sums[column] ?? 0;
        const customersOverdue = rowOf(overdue, process)?.count ?? 0;
        const [doneInTime, doneLate, cancelled] = [sum('doneInTime'), sum('doneLate'), sum('cancelled')];
        const [succeeded, failed] = [sum('succeeded'), sum('failed')];
        const { name, of } = PROCESS_METRICS[process];
        const good = of === 'planned' ? doneInTime : succeeded;
        // What is overdue has missed its time whether it is done one day or not.
        const decided =
          of === 'planned' ? doneInTime + doneLate + cancelled + customersOverdue : succeeded + failed;
        return {
          process,
          customers: row?.count ?? 0,
          acted: sum('acted'),
          doneInTime,
          doneLate,
          cancelled,
          open: sum('open'),
          customersOverdue,
          running: sum('running'),
          succeeded,
          failed,
          metric: { name, value: decided === 0 ? null : good / decided, of: decided },
        };
      }),
    };
  },
};

const CustomersParams = Type.Object(
  {
    process: Type.Unsafe<ProcessName>({ type: 'string', enum: NAMES, description: 'the process' }),
  },
  { additionalProperties: false },
);

interface ServedCustomer {
  readonly customerId: string;
  readonly acted: number;
  readonly open: readonly { readonly activityId: string; readonly dueAt: string }[];
  readonly running: string | null;
  readonly succeeded: number;
  readonly failed: number;
}

/** For which customers did a process act, the one due first on top? */
export const customersOf: NamedQuery<ProcessResultsDocument, typeof CustomersParams, Page<ServedCustomer>> = {
  name: 'customers',
  question: 'For which customers did a process act, the one due first on top?',
  scope: 'list',
  params: CustomersParams,
  run: (reader, { process, ...paging }) =>
    pageOf(
      reader,
      {
        where: [{ index: 'process', op: '=', value: process }],
        orderBy: [{ index: 'nextDueMs', direction: 'asc' }],
      },
      paging,
      ({ key, document }): ServedCustomer => ({
        customerId: key.slice(0, key.indexOf('/')),
        acted: document.acted,
        open: document.open.map(({ activityId, dueAtMs }) => ({ activityId, dueAt: isoOf(dueAtMs) })),
        running: document.running,
        succeeded: document.succeeded,
        failed: document.failed,
      }),
    ),
};
