import { dayNumberOfIsoDate, isoOf, MS_PER_DAY } from '@rapport/contracts';

/** Wall-clock fields read from a text. */
export interface LocalTime {
  /** `yyyy-mm-dd` of an existing day. */
  readonly date: string;
  /** Milliseconds since local midnight; undefined when the format has no time of day. */
  readonly timeMs?: number;
}

const TOKENS: Readonly<Record<string, string>> = {
  yyyy: '(?<yyyy>\\d{4})',
  MM: '(?<MM>\\d{2})',
  dd: '(?<dd>\\d{2})',
  M: '(?<MM>\\d{1,2})',
  d: '(?<dd>\\d{1,2})',
  HH: '(?<HH>\\d{2})',
  mm: '(?<mm>\\d{2})',
  ss: '(?<ss>\\d{2})',
  SSS: '(?<SSS>\\d{3})',
};

/** Reader of a date format made of yyyy, MM or M, dd or d, HH, mm, ss, SSS and literal signs; undefined = not readable. */
export function compileDateFormat(format: string): (text: string) => LocalTime | undefined {
  const parts = format.match(/yyyy|MM|dd|HH|mm|ss|SSS|M|d|./gs) ?? [];
  const pattern = new RegExp(
    `^${parts.map((part) => TOKENS[part] ?? part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('')}$`,
  );
  return (text) => {
    const groups = pattern.exec(text)?.groups;
    if (!groups?.yyyy || !groups.MM || !groups.dd) return undefined;
    const date = `${groups.yyyy}-${groups.MM.padStart(2, '0')}-${groups.dd.padStart(2, '0')}`;
    if (Number.isNaN(dayNumberOfIsoDate(date))) return undefined;
    if (groups.HH === undefined) return { date };
    const [hours, minutes, seconds] = [groups.HH, groups.mm ?? '0', groups.ss ?? '0'].map(Number) as [
      number,
      number,
      number,
    ];
    if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
    return { date, timeMs: ((hours * 60 + minutes) * 60 + seconds) * 1_000 + Number(groups.SSS ?? 0) };
  };
}

/** Milliseconds since midnight of `HH:mm:ss`. */
export const timeOfDayMs = (time: string): number => {
  const [hours, minutes, seconds] = time.split(':').map(Number) as [number, number, number];
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
};

/**
 * The instant of a wall-clock time in a zone. A time that occurs twice (clocks set back) is the first one; a time
 * that does not occur (clocks set forward) is read with the offset before the change.
 */
export function instantInZone(local: Required<LocalTime>, zone: string): string {
  const asUtcMs = dayNumberOfIsoDate(local.date) * MS_PER_DAY + local.timeMs;
  if (zone === 'UTC') return isoOf(asUtcMs);
  const before = offsetMs(asUtcMs - MS_PER_DAY, zone);
  const after = offsetMs(asUtcMs + MS_PER_DAY, zone);
  const valid = [before, after]
    .map((offset) => asUtcMs - offset)
    .filter((ms) => ms + offsetMs(ms, zone) === asUtcMs);
  return isoOf(valid.length > 0 ? Math.min(...valid) : asUtcMs - before);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function offsetMs(epochMs: number, zone: string): number {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
    }); // prettier-ignore
    formatters.set(zone, formatter);
  }
  const part = Object.fromEntries(formatter.formatToParts(epochMs).map(({ type, value }) => [type, value]));
  const day = dayNumberOfIsoDate(`${part.year!.padStart(4, '0')}-${part.month}-${part.day}`);
  const wholeSeconds = Math.floor(epochMs / 1_000) * 1_000;
  return day * MS_PER_DAY + timeOfDayMs(`${part.hour}:${part.minute}:${part.second}`) - wholeSeconds;
}
