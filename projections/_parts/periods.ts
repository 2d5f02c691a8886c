import { Type } from '@sinclair/typebox';
import { isoDateOfDay, schema } from '@rapport/contracts';

/** Lengths figures are told by. */
export const PERIODS = ['day', 'month', 'quarter', 'year'] as const;
export type Period = (typeof PERIODS)[number];

const MONTHS_PER_QUARTER = 3;

/** The period a day (UTC day number) lies in: 2026-03-14, 2026-03, 2026-Q1 or 2026. */
export function periodNameOf(period: Period, dayNumber: number): string {
  const date = isoDateOfDay(dayNumber);
  switch (period) {
    case 'day':
      return date;
    case 'month':
      return date.slice(0, 7);
    case 'quarter':
      return `${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / MONTHS_PER_QUARTER)}`;
    case 'year':
      return date.slice(0, 4);
  }
}

/** Parameters of a query about a time, both days included. */
export const fromTo = {
  from: Type.Optional(schema.isoDate('first day, UTC')),
  to: Type.Optional(schema.isoDate('last day, UTC')),
} as const;
